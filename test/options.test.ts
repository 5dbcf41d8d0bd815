/** The option table, row by row: it differs before it is set, is read back, is inherited or not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DatagramSocket,
  ServerSocket,
  Socket,
  StreamSocket,
  constants,
  type OptionName,
} from '../lib/index';
import { options } from '../lib/options';
import { outcome } from './support/peer';

interface Row {
  name: OptionName;
  /** The socket that it is tried on; a fresh one is not connected yet. */
  on: keyof typeof sockets;
  /** What is set; rows without are read-only. */
  value?: unknown;
  /** What is read back, by the kernel's rule; the value itself unless told. */
  expected?: unknown;
  inherited?: true;
  needsRoot?: true;
}

function connected(address: string): StreamSocket {
  const server = new ServerSocket(address);
  const socket = new StreamSocket(server.address());
  server.close();
  return socket;
}

const sockets = {
  tcp4: () => connected('127.0.0.1:0'),
  tcp6: () => connected('[::1]:0'),
  'tcp4-fresh': () => new StreamSocket('ipv4'),
  'tcp6-fresh': () => new StreamSocket('ipv6'),
  unix: () => StreamSocket.pair()[0],
  udp4: () => new DatagramSocket('ipv4'),
  udp6: () => new DatagramSocket('ipv6'),
  raw4: () => new Socket('ipv4', constants.SOCK_RAW, 253),
  raw6: () => new Socket('ipv6', constants.SOCK_RAW, 253),
} as const;

const rows: Row[] = [
  { name: 'ReceiveTimeout', on: 'tcp4', value: 1000, inherited: true },
  { name: 'SendTimeout', on: 'tcp4', value: 2000, inherited: true },
  { name: 'ReceiveBufferSize', on: 'tcp4', value: 32000, expected: 64000, inherited: true },
  { name: 'SendBufferSize', on: 'tcp4', value: 32000, expected: 64000, inherited: true },
  { name: 'ReceiveBufferSizeForce', on: 'tcp4', value: 40000, needsRoot: true },
  { name: 'SendBufferSizeForce', on: 'tcp4', value: 40000, needsRoot: true },
  { name: 'Linger', on: 'tcp4', value: { on: true, seconds: 20 }, inherited: true },
  { name: 'KeepAlive', on: 'tcp4', value: true, inherited: true },
  { name: 'OOBInline', on: 'tcp4', value: true, inherited: true },
  { name: 'ReuseAddress', on: 'tcp4', value: true, inherited: true },
  { name: 'ReusePort', on: 'tcp4', value: true, inherited: true },
  { name: 'Broadcast', on: 'udp4', value: true },
  { name: 'DontRoute', on: 'tcp4', value: true, inherited: true },
  { name: 'Debug', on: 'tcp4', value: true, inherited: true, needsRoot: true },
  { name: 'Priority', on: 'tcp4', value: 5 },
  { name: 'Mark', on: 'tcp4', value: 7, inherited: true, needsRoot: true },
  { name: 'BindToDevice', on: 'tcp4', value: 'lo', inherited: true },
  { name: 'BindToInterface', on: 'tcp4', value: 1, inherited: true },
  { name: 'ReceiveLowWater', on: 'tcp4', value: 5, inherited: true },
  { name: 'PeekOffset', on: 'unix', value: 0 },
  { name: 'BusyPoll', on: 'tcp4', value: 50, inherited: true, needsRoot: true },
  { name: 'PreferBusyPoll', on: 'tcp4', value: true, inherited: true, needsRoot: true },
  { name: 'BusyPollBudget', on: 'tcp4', value: 16, needsRoot: true },
  { name: 'Timestamp', on: 'udp4', value: true },
  { name: 'TimestampNs', on: 'udp4', value: true },
  { name: 'Timestamping', on: 'udp4', value: 24 },
  { name: 'PassCredentials', on: 'unix', value: true, inherited: true },
  { name: 'PassSecurity', on: 'unix', value: true, inherited: true },
  { name: 'ReceiveQueueOverflow', on: 'udp4', value: true },
  { name: 'IncomingCpu', on: 'udp4', value: 0 },
  { name: 'IncomingNapiId', on: 'tcp4' },
  { name: 'SelectErrorQueue', on: 'tcp4', value: true, inherited: true },
  { name: 'MaxPacingRate', on: 'tcp4', value: 1_000_000n, inherited: true },
  { name: 'ZeroCopy', on: 'tcp4', value: true, inherited: true },
  { name: 'LockFilter', on: 'tcp4', value: true, inherited: true },
  { name: 'ReserveMemory', on: 'tcp4' },
  { name: 'BufferLock', on: 'tcp4', value: 3, inherited: true },
  { name: 'ReceiveMark', on: 'udp4', value: true, needsRoot: true },
  { name: 'TransmitRehash', on: 'tcp4', value: 0, inherited: true },
  { name: 'Cookie', on: 'tcp4' },
  { name: 'NetworkNamespaceCookie', on: 'tcp4' },
  { name: 'Domain', on: 'tcp4' },
  { name: 'Protocol', on: 'tcp4' },
  { name: 'AcceptConnections', on: 'tcp4' },
  { name: 'WifiStatus', on: 'udp4', value: true },
  { name: 'NoDelay', on: 'tcp4', value: true, inherited: true },
  { name: 'Cork', on: 'tcp4', value: true, inherited: true },
  { name: 'QuickAck', on: 'tcp4', value: false },
  { name: 'DeferAccept', on: 'tcp4', value: 1 },
  { name: 'FastOpen', on: 'tcp4', value: 5 },
  { name: 'FastOpenConnect', on: 'tcp4', value: true, inherited: true },
  { name: 'FastOpenNoCookie', on: 'tcp4', value: true, inherited: true },
  { name: 'KeepAliveIdle', on: 'tcp4', value: 60, inherited: true },
  { name: 'KeepAliveInterval', on: 'tcp4', value: 10, inherited: true },
  { name: 'KeepAliveCount', on: 'tcp4', value: 3, inherited: true },
  { name: 'UserTimeout', on: 'tcp4', value: 5000, inherited: true },
  { name: 'MaximumSegment', on: 'tcp4-fresh', value: 1200 },
  { name: 'NotSentLowWater', on: 'tcp4', value: 16384, inherited: true },
  { name: 'Congestion', on: 'tcp4', value: 'reno', inherited: true },
  { name: 'SynCount', on: 'tcp4', value: 3, inherited: true },
  { name: 'FinWait2Timeout', on: 'tcp4', value: 30, inherited: true },
  { name: 'WindowClamp', on: 'tcp4-fresh', value: 40000, inherited: true },
  { name: 'ThinLinearTimeouts', on: 'tcp4', value: true, inherited: true },
  { name: 'SaveSyn', on: 'tcp4', value: 1, inherited: true },
  { name: 'TcpTimestamp', on: 'tcp4' },
  { name: 'InQueue', on: 'tcp4', value: true, inherited: true },
  { name: 'TransmitDelay', on: 'tcp4', value: 1000, inherited: true },
  { name: 'UpperLayerProtocol', on: 'tcp4' },
  { name: 'UdpCork', on: 'udp4', value: true },
  { name: 'UdpSegment', on: 'udp4', value: 1200 },
  { name: 'UdpReceiveOffload', on: 'udp4', value: true },
  { name: 'UdpNoChecksum6Send', on: 'udp6', value: true },
  { name: 'UdpNoChecksum6Receive', on: 'udp6', value: true },
  { name: 'TypeOfService', on: 'udp4', value: 184 },
  { name: 'TimeToLive', on: 'udp4', value: 10 },
  { name: 'MulticastLoop', on: 'udp4', value: false },
  { name: 'MulticastTimeToLive', on: 'udp4', value: 5 },
  { name: 'MulticastInterface', on: 'udp4', value: '127.0.0.1' },
  { name: 'MulticastAll', on: 'udp4', value: false },
  { name: 'ReceiveErrors', on: 'udp4', value: true },
  { name: 'PacketInfo', on: 'udp4', value: true },
  { name: 'ReceiveTypeOfService', on: 'udp4', value: true },
  { name: 'ReceiveTimeToLive', on: 'udp4', value: true },
  { name: 'ReceiveOptions', on: 'udp4', value: true },
  { name: 'ReceiveOriginalDestination', on: 'udp4', value: true },
  { name: 'ReceiveFragmentSize', on: 'udp4', value: true },
  { name: 'Transparent', on: 'udp4', value: true, needsRoot: true },
  { name: 'FreeBind', on: 'udp4', value: true },
  { name: 'MtuDiscovery', on: 'udp4', value: 3 },
  { name: 'Mtu', on: 'tcp4' },
  { name: 'BindAddressNoPort', on: 'tcp4-fresh', value: true, inherited: true },
  { name: 'MinimumTimeToLive', on: 'tcp4', value: 2, inherited: true },
  { name: 'NoFragment', on: 'raw4', value: true, needsRoot: true },
  { name: 'HeaderIncluded', on: 'raw4', value: true, needsRoot: true },
  { name: 'UnicastInterface', on: 'udp4', value: 1 },
  { name: 'IPv6Only', on: 'tcp6-fresh', value: true },
  { name: 'TrafficClass', on: 'udp6', value: 184 },
  { name: 'UnicastHops', on: 'udp6', value: 10 },
  { name: 'MulticastHops', on: 'udp6', value: 5 },
  { name: 'IPv6MulticastLoop', on: 'udp6', value: false },
  { name: 'IPv6MulticastInterface', on: 'udp6', value: 1 },
  { name: 'IPv6MulticastAll', on: 'udp6', value: false },
  { name: 'IPv6ReceiveErrors', on: 'udp6', value: true },
  { name: 'IPv6PacketInfo', on: 'udp6', value: true },
  { name: 'ReceiveTrafficClass', on: 'udp6', value: true },
  { name: 'ReceiveHopLimit', on: 'udp6', value: true },
  { name: 'IPv6ReceiveOriginalDestination', on: 'udp6', value: true },
  { name: 'ReceivePathMtu', on: 'udp6', value: true },
  { name: 'IPv6Transparent', on: 'udp6', value: true, needsRoot: true },
  { name: 'IPv6FreeBind', on: 'udp6', value: true },
  { name: 'IPv6MtuDiscovery', on: 'udp6', value: 3 },
  { name: 'IPv6Mtu', on: 'tcp6' },
  { name: 'DontFragment', on: 'udp6', value: true },
  { name: 'AutoFlowLabel', on: 'udp6', value: false },
  { name: 'AddressPreferences', on: 'udp6', value: 2, expected: 0x402 },
  { name: 'MinimumHopCount', on: 'tcp6', value: 2 },
  { name: 'IPv6UnicastInterface', on: 'udp6', value: 1 },
  { name: 'Checksum', on: 'raw6', value: 2, needsRoot: true },
];

type Get = (this: Socket) => unknown;
type Set = (this: Socket, ...values: unknown[]) => void;

/** The accessors by the row's name. */
function accessors(name: string): { get: Get | undefined; set: Set | undefined } {
  const members = Socket.prototype as unknown as Record<string, unknown>;
  return { get: members[`get${name}`] as Get, set: members[`set${name}`] as Set };
}

/** Linger's setter takes two values, the others one. */
function setTo(socket: Socket, name: string, value: unknown): void {
  const isLinger = name === 'Linger';
  const values = isLinger ? Object.values(value as Record<string, unknown>) : [value];
  accessors(name).set?.apply(socket, values);
}

const isRoot = process.getuid?.() === 0;

test('the table of tests has every option of the library’s', () => {
  expect(rows.map(({ name }) => name)).toEqual(Object.keys(options));
  expect(rows.length).toBeGreaterThan(60);
});

test('docs/options.md has every option, by its raw name and its members', () => {
  const text = readFileSync(join(__dirname, '../docs/options.md'), 'utf8');
  const missing = Object.entries(options).filter(
    ([name, { name: raw }]) => !text.includes(`\`${raw}\``) || !text.includes(`\`${name}\``),
  );
  expect(missing.map(([name]) => name)).toEqual([]);
});

test('every accessor is of a row, and every row has its accessors', () => {
  const base = Object.getPrototypeOf(Socket.prototype) as object;
  const members = Object.getOwnPropertyNames(base).filter((key) => key !== 'constructor');
  const known = new Set<string>(rows.flatMap(({ name }) => [`get${name}`, `set${name}`]));
  expect(members.filter((key) => !known.has(key))).toEqual([]);
  for (const { name, value } of rows) {
    const { get, set } = accessors(name);
    expect([name, get !== undefined || set !== undefined]).toEqual([name, true]);
    expect([name, set !== undefined]).toEqual([name, value !== undefined]);
  }
});

describe.each(rows)('$name', ({ name, on, value, expected = value, inherited, needsRoot }) => {
  const { get } = accessors(name);
  const why = needsRoot && !isRoot ? ' (needs root)' : '';
  const maybe = why === '' ? test : test.skip;
  let socket: Socket;
  beforeEach(() => {
    if (why === '') socket = sockets[on]();
  });
  afterEach(() => {
    if (why === '') socket.close();
  });

  maybe(`is supported, or says ENOPROTOOPT${why}`, () => {
    if (get === undefined) return;
    const isSupported = socket.isSupported(name);
    const result = outcome(() => get.call(socket));
    expect(['ENOPROTOOPT', 'EOPNOTSUPP'].includes(String(result))).toBe(!isSupported);
  });

  if (value === undefined) return;

  maybe(`differs before it is set, and is read back${why}`, () => {
    if (get !== undefined && !socket.isSupported(name)) return;
    if (get !== undefined) {
      expect(get.call(socket)).not.toEqual(expected);
    }
    setTo(socket, name, value);
    if (get !== undefined) expect(get.call(socket)).toEqual(expected);
  });

  if (get === undefined || !/^tcp4|^unix/.test(on)) return;

  maybe(`is ${inherited ? '' : 'not '}inherited by accept${why}`, () => {
    const isUnix = on === 'unix';
    const server = new ServerSocket();
    server.init(isUnix ? 'unix' : 'ipv4');
    setTo(server, name, value);
    server.bind(isUnix ? { path: '' } : '127.0.0.1:0');
    server.listen();
    const client = new StreamSocket(server.address());
    const accepted = server.acceptConnection();
    const actual = accepted && get.call(accepted);
    if (inherited) expect(actual).toEqual(expected);
    else expect(actual).not.toEqual(expected);
    for (const one of [server, client, accepted]) one?.close();
  });
});

test('MaximumSegment: what was set before connecting limits the segments', () => {
  const server = new ServerSocket('127.0.0.1:0');
  const client = new StreamSocket('ipv4');
  client.setMaximumSegment(1200);
  client.connect(server.address());
  expect(client.getMaximumSegment()).toBeLessThanOrEqual(1200);
  for (const one of [server, client]) one.close();
});

test('a wrong value is refused before the call', () => {
  const socket = new StreamSocket('ipv4');
  const wrong: [OptionName, unknown][] = [
    ['NoDelay', 1],
    ['KeepAliveIdle', true],
    ['KeepAliveIdle', NaN],
    ['KeepAliveIdle', 2 ** 31],
    ['Congestion', 5],
    ['Congestion', 'a\0b'],
    ['MaxPacingRate', 5],
    ['MaxPacingRate', -1n],
    ['Linger', { on: 1, seconds: 1 }],
    ['ReceiveTimeout', -1],
    ['MulticastInterface', 'nowhere'],
  ];
  for (const [name, value] of wrong) {
    const before = outcome(() => accessors(name).get?.call(socket));
    expect(
      outcome(() => {
        setTo(socket, name, value);
      }),
    ).toMatch(/^ERR_|^ENOTFOUND/);
    expect(outcome(() => accessors(name).get?.call(socket))).toEqual(before);
  }
  socket.close();
});

test('an option of another kind of socket is the kernel’s error', () => {
  const [socket, other] = StreamSocket.pair();
  expect(outcome(() => socket.getNoDelay())).toBe('EOPNOTSUPP');
  expect(socket.isSupported('NoDelay')).toBe(false);
  expect(outcome(() => socket.isSupported('Nothing' as OptionName))).toBe('ERR_OUT_OF_RANGE');
  socket.close();
  other.close();
  expect(outcome(() => socket.getKeepAlive())).toBe('EBADF');
});
