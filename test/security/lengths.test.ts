/**
 * What comes from the kernel is read with the length that it came with: no decoder's result depends
 * on a byte behind it, and none of them fails in another way than by a RangeError.
 */
import fc from 'fast-check';
import { ReceivedControl } from '../../lib/control';
import { SocketAddress, constants } from '../../lib/index';
import * as raw from '../../lib/raw';

const {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  AF_VSOCK = 40,
  SCM_PIDFD = 4,
  SCM_RIGHTS,
  SOL_SOCKET,
} = constants;

/** The same bytes, and other ones behind them. */
function twice(bytes: Uint8Array): [Buffer, Buffer] {
  return [0x00, 0xff].map((rest) => Buffer.concat([bytes, Buffer.alloc(512, rest)])) as [
    Buffer,
    Buffer,
  ];
}

/** The call's result, or that it was refused. */
function told(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return 'refused';
  }
}

const sockaddr = fc
  .tuple(
    fc.constantFrom(AF_INET, AF_INET6, AF_UNIX, AF_VSOCK, 0, 99),
    fc.uint8Array({ maxLength: 140 }),
    fc.nat(142),
  )
  .map(([family, rest, length]) => Buffer.concat([Buffer.of(family, 0), rest]).subarray(0, length));

test('decodeAddress and SocketAddress.fromBytes', () => {
  fc.assert(
    fc.property(sockaddr, (bytes) => {
      const decoders: ((all: Buffer) => unknown)[] = [
        (all) => raw.decodeAddress(all, bytes.length),
        (all) => raw.decodeAddress(all.subarray(0, bytes.length)),
        (all) => SocketAddress.fromBytes(all, bytes.length).toJSON(),
        (all) => SocketAddress.fromBytes(all.subarray(0, bytes.length)).addr(),
      ];
      for (const decode of decoders) {
        const [one, other] = twice(bytes).map((all) => told(() => decode(all)));
        expect(one).toEqual(other);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a length beyond the memory, or none at all, is refused', () => {
  for (const length of [-1, 17, 1.5, NaN, Infinity]) {
    expect(told(() => raw.decodeAddress(Buffer.alloc(16), length))).toBe('refused');
    expect(told(() => SocketAddress.fromBytes(Buffer.alloc(16), length))).toBe('refused');
  }
});

/** Level and type of messages that have a meaning here. */
const known = [
  ...(['SCM_TIMESTAMP', 'SCM_TIMESTAMPNS', 'SCM_TIMESTAMPING', 'SCM_CREDENTIALS'] as const).map(
    (name) => [SOL_SOCKET, constants[name] ?? 0] as const,
  ),
  ...(['IP_PKTINFO', 'IP_TOS', 'IP_TTL', 'IP_RECVERR'] as const).map(
    (name) => [constants.IPPROTO_IP, constants[name] ?? 0] as const,
  ),
  ...(['IPV6_PKTINFO', 'IPV6_TCLASS', 'IPV6_HOPLIMIT', 'IPV6_RECVERR'] as const).map(
    (name) => [constants.IPPROTO_IPV6, constants[name] ?? 0] as const,
  ),
];

/** A header that may lie about its length, and data behind it. */
const controlMessage = fc
  .tuple(
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    fc.constantFrom<(real: bigint, any: bigint) => bigint>(
      (real) => real,
      (_, any) => any,
      (_, any) => any % 64n,
      (real) => real + 1n,
    ),
    fc.oneof(fc.constantFrom(...known), fc.tuple(fc.nat(99), fc.nat(80))),
    fc.uint8Array({ maxLength: 96 }),
  )
  .map(([any, lie, [level, type], data]) => {
    const header = Buffer.alloc(16);
    header.writeBigUInt64LE(lie(BigInt(16 + data.length), any));
    header.writeInt32LE(level, 8);
    header.writeInt32LE(type, 12);
    return Buffer.concat([header, data, Buffer.alloc(-data.length & 7)]);
  });

function withoutRights(control: Buffer, length: number): boolean {
  // They would be taken for descriptors of this process, and closed.
  return raw
    .decodeControl(control, length)
    .every(({ level, type }) => level !== SOL_SOCKET || ![SCM_RIGHTS, SCM_PIDFD].includes(type));
}

test('decodeControl, and the typed messages of receiveMessage', () => {
  let typed = 0;
  fc.assert(
    fc.property(fc.array(controlMessage, { maxLength: 4 }), fc.nat(64), (messages, cut) => {
      const all = Buffer.concat(messages);
      const bytes = all.subarray(0, Math.max(0, all.length - cut));
      const [one, other] = twice(bytes).map((memory) => {
        const decoded = raw.decodeControl(memory, bytes.length);
        const total = decoded.reduce((sum, { data }) => sum + data.byteLength, 0);
        expect(total).toBeLessThanOrEqual(bytes.length);
        if (!withoutRights(memory, bytes.length)) return decoded;
        return told(() => ReceivedControl.decode(memory, bytes.length));
      });
      expect(one).toEqual(other);
      if (Array.isArray(one)) typed += one.filter(({ type }) => typeof type === 'string').length;
    }),
    { numRuns: 2000 },
  );
  expect(typed).toBeGreaterThan(100);
});

test.each([
  ['decodeExtendedError', raw.decodeExtendedError],
  ['decodeTcpInfo', raw.decodeTcpInfo],
  ['decodeCredentials', raw.decodeCredentials],
  ['decodePacketInfo', raw.decodePacketInfo],
  ['decodeTimeval', raw.decodeTimeval],
  ['decodeLinger', raw.decodeLinger],
  ['decodeVsock', raw.decodeVsock],
  ['decodeTimes', (bytes: Buffer) => raw.decodeTimes(bytes, true)],
] as [string, (bytes: Buffer) => unknown][])('%s of every length', (_, decode) => {
  const lengths = Array.from({ length: 400 }, (_unused, length) => length);
  const results = lengths.map((length) => {
    const [one, other] = twice(Buffer.alloc(length, 7)).map((all) =>
      told(() => decode(all.subarray(0, length))),
    );
    expect(one).toEqual(other);
    return one;
  });
  expect(results.some((result) => result !== 'refused')).toBe(true);
});
