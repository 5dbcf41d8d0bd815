/** Socket options: one table of names, levels and codecs, and how a value becomes bytes. */
import { SocketAddress } from './address';
import { constants } from './constants';
import { boolean, invalidArgType, outOfRange, socketError } from './errors';
import { native, type Bytes, type Linger } from './native';

/** The type of each kind of option value. `'timeval'` is in milliseconds. */
export interface OptionValues {
  int: number;
  uint: number;
  uchar: number;
  bool: boolean;
  timeval: number;
  linger: Linger;
  /** An IP address without a port, as text. */
  address: string;
  /** Any struct, as its bytes. */
  bytes: Bytes;
}
export type OptionKind = keyof OptionValues;
export type OptionResults = Omit<OptionValues, 'bytes'> & { bytes: Buffer };

interface Codec<Value, Result = Value> {
  /** The room for a value, in bytes. */
  readonly room: number;
  encode(value: Value): Bytes;
  decode(bytes: Buffer): Result;
}

function integer(low: number, high: number, value: number): number {
  if (typeof value !== 'number') throw invalidArgType('value', 'a number', value);
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw outOfRange('value', `an integer from ${String(low)} to ${String(high)}`, value);
}

/** An answer shorter than asked for is padded, so that no old byte shows. */
function padded(bytes: Buffer, size: number): DataView {
  const whole = Buffer.alloc(Math.max(size, bytes.length));
  bytes.copy(whole);
  return new DataView(whole.buffer, whole.byteOffset, whole.length);
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function hostOctets(host: string): Buffer {
  const octets = native.decodeAddress(new SocketAddress(host, 0).sockaddr).octets;
  return octets ?? Buffer.alloc(0);
}

function hostText(octets: Buffer): string {
  if (octets.length === 4) return octets.join('.');
  if (octets.length !== 16) throw outOfRange('length', '4 or 16 bytes, an address', octets.length);
  const groups = octets.toString('hex').match(/.{4}/g) ?? [];
  return new SocketAddress(groups.join(':'), 0).host();
}

const codecs: { [Kind in OptionKind]: Codec<OptionValues[Kind], OptionResults[Kind]> } = {
  int: {
    room: 4,
    encode: (value) => Int32Array.of(integer(-0x80000000, 0x7fffffff, value)),
    decode: (bytes) => padded(bytes, 4).getInt32(0, isLittleEndian),
  },
  uint: {
    room: 4,
    encode: (value) => Uint32Array.of(integer(0, 0xffffffff, value)),
    decode: (bytes) => padded(bytes, 4).getUint32(0, isLittleEndian),
  },
  uchar: {
    room: 1,
    encode: (value) => Uint8Array.of(integer(0, 0xff, value)),
    decode: (bytes) => padded(bytes, 1).getUint8(0),
  },
  bool: {
    room: 4,
    encode: (value) => Int32Array.of(boolean('value', value) ? 1 : 0),
    decode: (bytes) => padded(bytes, 4).getInt32(0, isLittleEndian) !== 0,
  },
  timeval: {
    room: native.encodeTimeval(0).length,
    encode: (value) => native.encodeTimeval(value),
    decode: (bytes) => native.decodeTimeval(bytes),
  },
  linger: {
    room: native.encodeLinger(0, 0).length,
    encode: ({ on, seconds }) =>
      native.encodeLinger(boolean('on', on) ? 1 : 0, integer(0, 0x7fffffff, seconds)),
    decode: (bytes) => native.decodeLinger(bytes),
  },
  address: { room: 16, encode: hostOctets, decode: hostText },
  bytes: { room: 256, encode: (value) => value, decode: (bytes) => bytes },
};

function codecOf<Kind extends OptionKind>(
  kind: Kind,
): Codec<OptionValues[Kind], OptionResults[Kind]> {
  if (Object.hasOwn(codecs, kind)) return codecs[kind];
  throw outOfRange('kind', `one of ${Object.keys(codecs).join(', ')}`, kind);
}

/** The kind that a value has by itself, where the caller names none. */
function kindOf(value: unknown): OptionKind {
  if (typeof value === 'number') return value > 0x7fffffff ? 'uint' : 'int';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'address';
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 'bytes';
  if (typeof value === 'object' && value !== null && 'seconds' in value) return 'linger';
  throw invalidArgType('value', 'a number, boolean, string, linger object or buffer', value);
}

/** getsockopt(2) */
export function getOption<Kind extends OptionKind>(
  fd: number,
  level: number,
  option: number,
  kind: Kind,
  room?: number,
): OptionResults[Kind] {
  const codec = codecOf(kind);
  const bytes = Buffer.alloc(integer(0, 0x10000, room ?? codec.room));
  const length = Int32Array.of(bytes.length);
  const n = native.getsockopt(fd, level, option, bytes, 0, length);
  if (n < 0) throw socketError(n, 'getsockopt');
  return codec.decode(bytes.subarray(0, length[0]));
}

/** setsockopt(2) */
export function setOption<Kind extends OptionKind>(
  fd: number,
  level: number,
  option: number,
  value: OptionValues[Kind],
  kind: Kind = kindOf(value) as Kind,
): void {
  const bytes = codecOf(kind).encode(value);
  const n = native.setsockopt(fd, level, option, bytes, 0, bytes.byteLength);
  if (n < 0) throw socketError(n, 'setsockopt');
}

/** A row of the table: the option's name, its number and its level in the manual's words. */
export interface Option<Kind extends OptionKind = OptionKind> {
  readonly name: string;
  readonly level: number;
  readonly option: number;
  readonly kind: Kind;
}

function row<Kind extends OptionKind>(
  kind: Kind,
  level: number,
  name: keyof typeof constants,
): Option<Kind> {
  // A platform without the option has no number for it; -1 is what every kernel refuses.
  return { name, level, option: constants[name] ?? -1, kind };
}

const { SOL_SOCKET, IPPROTO_TCP } = constants;

/** The table, by the names of the accessors. */
export const options = {
  ReceiveTimeout: row('timeval', SOL_SOCKET, 'SO_RCVTIMEO'),
  SendTimeout: row('timeval', SOL_SOCKET, 'SO_SNDTIMEO'),
  ReceiveBufferSize: row('int', SOL_SOCKET, 'SO_RCVBUF'),
  SendBufferSize: row('int', SOL_SOCKET, 'SO_SNDBUF'),
  Linger: row('linger', SOL_SOCKET, 'SO_LINGER'),
  NoDelay: row('bool', IPPROTO_TCP, 'TCP_NODELAY'),
  KeepAlive: row('bool', SOL_SOCKET, 'SO_KEEPALIVE'),
  OOBInline: row('bool', SOL_SOCKET, 'SO_OOBINLINE'),
  ReuseAddress: row('bool', SOL_SOCKET, 'SO_REUSEADDR'),
  ReusePort: row('bool', SOL_SOCKET, 'SO_REUSEPORT'),
} as const;
