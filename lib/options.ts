/** Socket options: one table of names, levels and codecs, and how a value becomes bytes. */
import { SocketAddress, hostText } from './address';
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
  /** An integer in network byte order. */
  network: number;
  uint64: bigint;
  /** Text, such as the name of an interface. */
  string: string;
  /** An IP address without a port, as text. */
  address: string;
  /** Any struct, as its bytes. */
  bytes: Bytes;
}
/** How an option's value is read and written: the type of its C value. */
export type OptionKind = keyof OptionValues;
/** What `getOption` gives for each kind. */
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

function wide(value: bigint): bigint {
  if (typeof value !== 'bigint') throw invalidArgType('value', 'a bigint', value);
  if (value >= 0n && value < 1n << 64n) return value;
  throw outOfRange('value', 'a bigint of 64 bits, not negative', value);
}

/** An answer shorter than asked for is padded, so that no old byte shows. */
function padded(bytes: Buffer, size: number): DataView {
  const whole = Buffer.alloc(Math.max(size, bytes.length));
  bytes.copy(whole);
  return new DataView(whole.buffer, whole.byteOffset, whole.length);
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

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
  network: {
    room: 4,
    encode: (value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(integer(0, 0xffffffff, value));
      return bytes;
    },
    decode: (bytes) => padded(bytes, 4).getUint32(0),
  },
  uint64: {
    room: 8,
    encode: (value) => BigUint64Array.of(wide(value)),
    decode: (bytes) => padded(bytes, 8).getBigUint64(0, isLittleEndian),
  },
  string: {
    room: 64,
    encode: (value) => {
      if (typeof value === 'string' && !value.includes('\0')) return Buffer.from(`${value}\0`);
      throw invalidArgType('value', 'a string without NUL characters', value);
    },
    decode: (bytes) => String(bytes).replace(/\0.*$/s, ''),
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
  address: {
    room: 16,
    encode: (value) => new SocketAddress(value, 0).octets(),
    decode: hostText,
  },
  bytes: { room: 256, encode: (value) => value, decode: (bytes) => bytes },
};

function codecOf<Kind extends OptionKind>(
  kind: Kind,
): Codec<OptionValues[Kind], OptionResults[Kind]> {
  if (typeof kind === 'string' && Object.hasOwn(codecs, kind)) return codecs[kind];
  throw outOfRange('kind', `one of ${Object.keys(codecs).join(', ')}`, kind);
}

/** The kind that a value has by itself, where the caller names none. */
function kindOf(value: unknown): OptionKind {
  if (typeof value === 'number') return value > 0x7fffffff ? 'uint' : 'int';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'uint64';
  if (typeof value === 'string') return 'address';
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 'bytes';
  if (typeof value === 'object' && value !== null && 'seconds' in value) return 'linger';
  throw invalidArgType(
    'value',
    'a number, bigint, boolean, string, linger object or buffer',
    value,
  );
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

const { SOL_SOCKET, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_IP, IPPROTO_IPV6 } = constants;

/** The table, by the names of the accessors. docs/options.md says what each means. */
export const options = {
  // socket(7), unix(7)
  ReceiveTimeout: row('timeval', SOL_SOCKET, 'SO_RCVTIMEO'),
  SendTimeout: row('timeval', SOL_SOCKET, 'SO_SNDTIMEO'),
  ReceiveBufferSize: row('int', SOL_SOCKET, 'SO_RCVBUF'),
  SendBufferSize: row('int', SOL_SOCKET, 'SO_SNDBUF'),
  ReceiveBufferSizeForce: row('int', SOL_SOCKET, 'SO_RCVBUFFORCE'),
  SendBufferSizeForce: row('int', SOL_SOCKET, 'SO_SNDBUFFORCE'),
  Linger: row('linger', SOL_SOCKET, 'SO_LINGER'),
  KeepAlive: row('bool', SOL_SOCKET, 'SO_KEEPALIVE'),
  OOBInline: row('bool', SOL_SOCKET, 'SO_OOBINLINE'),
  ReuseAddress: row('bool', SOL_SOCKET, 'SO_REUSEADDR'),
  ReusePort: row('bool', SOL_SOCKET, 'SO_REUSEPORT'),
  Broadcast: row('bool', SOL_SOCKET, 'SO_BROADCAST'),
  DontRoute: row('bool', SOL_SOCKET, 'SO_DONTROUTE'),
  Debug: row('bool', SOL_SOCKET, 'SO_DEBUG'),
  Priority: row('int', SOL_SOCKET, 'SO_PRIORITY'),
  Mark: row('uint', SOL_SOCKET, 'SO_MARK'),
  BindToDevice: row('string', SOL_SOCKET, 'SO_BINDTODEVICE'),
  BindToInterface: row('int', SOL_SOCKET, 'SO_BINDTOIFINDEX'),
  ReceiveLowWater: row('int', SOL_SOCKET, 'SO_RCVLOWAT'),
  PeekOffset: row('int', SOL_SOCKET, 'SO_PEEK_OFF'),
  BusyPoll: row('int', SOL_SOCKET, 'SO_BUSY_POLL'),
  PreferBusyPoll: row('bool', SOL_SOCKET, 'SO_PREFER_BUSY_POLL'),
  BusyPollBudget: row('int', SOL_SOCKET, 'SO_BUSY_POLL_BUDGET'),
  Timestamp: row('bool', SOL_SOCKET, 'SO_TIMESTAMP'),
  TimestampNs: row('bool', SOL_SOCKET, 'SO_TIMESTAMPNS'),
  Timestamping: row('int', SOL_SOCKET, 'SO_TIMESTAMPING'),
  PassCredentials: row('bool', SOL_SOCKET, 'SO_PASSCRED'),
  PassSecurity: row('bool', SOL_SOCKET, 'SO_PASSSEC'),
  ReceiveQueueOverflow: row('bool', SOL_SOCKET, 'SO_RXQ_OVFL'),
  IncomingCpu: row('int', SOL_SOCKET, 'SO_INCOMING_CPU'),
  IncomingNapiId: row('uint', SOL_SOCKET, 'SO_INCOMING_NAPI_ID'),
  SelectErrorQueue: row('bool', SOL_SOCKET, 'SO_SELECT_ERR_QUEUE'),
  MaxPacingRate: row('uint64', SOL_SOCKET, 'SO_MAX_PACING_RATE'),
  ZeroCopy: row('bool', SOL_SOCKET, 'SO_ZEROCOPY'),
  LockFilter: row('bool', SOL_SOCKET, 'SO_LOCK_FILTER'),
  ReserveMemory: row('int', SOL_SOCKET, 'SO_RESERVE_MEM'),
  BufferLock: row('uint', SOL_SOCKET, 'SO_BUF_LOCK'),
  ReceiveMark: row('bool', SOL_SOCKET, 'SO_RCVMARK'),
  TransmitRehash: row('uint', SOL_SOCKET, 'SO_TXREHASH'),
  Cookie: row('uint64', SOL_SOCKET, 'SO_COOKIE'),
  NetworkNamespaceCookie: row('uint64', SOL_SOCKET, 'SO_NETNS_COOKIE'),
  Domain: row('int', SOL_SOCKET, 'SO_DOMAIN'),
  Protocol: row('int', SOL_SOCKET, 'SO_PROTOCOL'),
  AcceptConnections: row('bool', SOL_SOCKET, 'SO_ACCEPTCONN'),
  WifiStatus: row('bool', SOL_SOCKET, 'SO_WIFI_STATUS'),

  // tcp(7)
  NoDelay: row('bool', IPPROTO_TCP, 'TCP_NODELAY'),
  Cork: row('bool', IPPROTO_TCP, 'TCP_CORK'),
  QuickAck: row('bool', IPPROTO_TCP, 'TCP_QUICKACK'),
  DeferAccept: row('int', IPPROTO_TCP, 'TCP_DEFER_ACCEPT'),
  FastOpen: row('int', IPPROTO_TCP, 'TCP_FASTOPEN'),
  FastOpenConnect: row('bool', IPPROTO_TCP, 'TCP_FASTOPEN_CONNECT'),
  FastOpenNoCookie: row('bool', IPPROTO_TCP, 'TCP_FASTOPEN_NO_COOKIE'),
  // The same under its older name on other systems than Linux.
  KeepAliveIdle: row('int', IPPROTO_TCP, constants.TCP_KEEPIDLE ? 'TCP_KEEPIDLE' : 'TCP_KEEPALIVE'),
  KeepAliveInterval: row('int', IPPROTO_TCP, 'TCP_KEEPINTVL'),
  KeepAliveCount: row('int', IPPROTO_TCP, 'TCP_KEEPCNT'),
  UserTimeout: row('int', IPPROTO_TCP, 'TCP_USER_TIMEOUT'),
  MaximumSegment: row('int', IPPROTO_TCP, 'TCP_MAXSEG'),
  NotSentLowWater: row('int', IPPROTO_TCP, 'TCP_NOTSENT_LOWAT'),
  Congestion: row('string', IPPROTO_TCP, 'TCP_CONGESTION'),
  SynCount: row('int', IPPROTO_TCP, 'TCP_SYNCNT'),
  FinWait2Timeout: row('int', IPPROTO_TCP, 'TCP_LINGER2'),
  WindowClamp: row('int', IPPROTO_TCP, 'TCP_WINDOW_CLAMP'),
  ThinLinearTimeouts: row('bool', IPPROTO_TCP, 'TCP_THIN_LINEAR_TIMEOUTS'),
  SaveSyn: row('int', IPPROTO_TCP, 'TCP_SAVE_SYN'),
  TcpTimestamp: row('uint', IPPROTO_TCP, 'TCP_TIMESTAMP'),
  InQueue: row('bool', IPPROTO_TCP, 'TCP_INQ'),
  TransmitDelay: row('int', IPPROTO_TCP, 'TCP_TX_DELAY'),
  UpperLayerProtocol: row('string', IPPROTO_TCP, 'TCP_ULP'),

  // udp(7)
  UdpCork: row('bool', IPPROTO_UDP, 'UDP_CORK'),
  UdpSegment: row('int', IPPROTO_UDP, 'UDP_SEGMENT'),
  UdpReceiveOffload: row('bool', IPPROTO_UDP, 'UDP_GRO'),
  UdpNoChecksum6Send: row('bool', IPPROTO_UDP, 'UDP_NO_CHECK6_TX'),
  UdpNoChecksum6Receive: row('bool', IPPROTO_UDP, 'UDP_NO_CHECK6_RX'),

  // ip(7)
  TypeOfService: row('int', IPPROTO_IP, 'IP_TOS'),
  TimeToLive: row('int', IPPROTO_IP, 'IP_TTL'),
  MulticastLoop: row('bool', IPPROTO_IP, 'IP_MULTICAST_LOOP'),
  MulticastTimeToLive: row('int', IPPROTO_IP, 'IP_MULTICAST_TTL'),
  MulticastInterface: row('address', IPPROTO_IP, 'IP_MULTICAST_IF'),
  MulticastAll: row('bool', IPPROTO_IP, 'IP_MULTICAST_ALL'),
  ReceiveErrors: row('bool', IPPROTO_IP, 'IP_RECVERR'),
  PacketInfo: row('bool', IPPROTO_IP, 'IP_PKTINFO'),
  ReceiveTypeOfService: row('bool', IPPROTO_IP, 'IP_RECVTOS'),
  ReceiveTimeToLive: row('bool', IPPROTO_IP, 'IP_RECVTTL'),
  ReceiveOptions: row('bool', IPPROTO_IP, 'IP_RECVOPTS'),
  ReceiveOriginalDestination: row('bool', IPPROTO_IP, 'IP_RECVORIGDSTADDR'),
  ReceiveFragmentSize: row('bool', IPPROTO_IP, 'IP_RECVFRAGSIZE'),
  Transparent: row('bool', IPPROTO_IP, 'IP_TRANSPARENT'),
  FreeBind: row('bool', IPPROTO_IP, 'IP_FREEBIND'),
  MtuDiscovery: row('int', IPPROTO_IP, 'IP_MTU_DISCOVER'),
  Mtu: row('int', IPPROTO_IP, 'IP_MTU'),
  BindAddressNoPort: row('bool', IPPROTO_IP, 'IP_BIND_ADDRESS_NO_PORT'),
  MinimumTimeToLive: row('int', IPPROTO_IP, 'IP_MINTTL'),
  NoFragment: row('bool', IPPROTO_IP, 'IP_NODEFRAG'),
  HeaderIncluded: row('bool', IPPROTO_IP, 'IP_HDRINCL'),
  UnicastInterface: row('network', IPPROTO_IP, 'IP_UNICAST_IF'),

  // ipv6(7)
  IPv6Only: row('bool', IPPROTO_IPV6, 'IPV6_V6ONLY'),
  TrafficClass: row('int', IPPROTO_IPV6, 'IPV6_TCLASS'),
  UnicastHops: row('int', IPPROTO_IPV6, 'IPV6_UNICAST_HOPS'),
  MulticastHops: row('int', IPPROTO_IPV6, 'IPV6_MULTICAST_HOPS'),
  IPv6MulticastLoop: row('bool', IPPROTO_IPV6, 'IPV6_MULTICAST_LOOP'),
  IPv6MulticastInterface: row('int', IPPROTO_IPV6, 'IPV6_MULTICAST_IF'),
  IPv6MulticastAll: row('bool', IPPROTO_IPV6, 'IPV6_MULTICAST_ALL'),
  IPv6ReceiveErrors: row('bool', IPPROTO_IPV6, 'IPV6_RECVERR'),
  IPv6PacketInfo: row('bool', IPPROTO_IPV6, 'IPV6_RECVPKTINFO'),
  ReceiveTrafficClass: row('bool', IPPROTO_IPV6, 'IPV6_RECVTCLASS'),
  ReceiveHopLimit: row('bool', IPPROTO_IPV6, 'IPV6_RECVHOPLIMIT'),
  IPv6ReceiveOriginalDestination: row('bool', IPPROTO_IPV6, 'IPV6_RECVORIGDSTADDR'),
  ReceivePathMtu: row('bool', IPPROTO_IPV6, 'IPV6_RECVPATHMTU'),
  IPv6Transparent: row('bool', IPPROTO_IPV6, 'IPV6_TRANSPARENT'),
  IPv6FreeBind: row('bool', IPPROTO_IPV6, 'IPV6_FREEBIND'),
  IPv6MtuDiscovery: row('int', IPPROTO_IPV6, 'IPV6_MTU_DISCOVER'),
  IPv6Mtu: row('int', IPPROTO_IPV6, 'IPV6_MTU'),
  DontFragment: row('bool', IPPROTO_IPV6, 'IPV6_DONTFRAG'),
  AutoFlowLabel: row('bool', IPPROTO_IPV6, 'IPV6_AUTOFLOWLABEL'),
  AddressPreferences: row('int', IPPROTO_IPV6, 'IPV6_ADDR_PREFERENCES'),
  MinimumHopCount: row('int', IPPROTO_IPV6, 'IPV6_MINHOPCOUNT'),
  IPv6UnicastInterface: row('network', IPPROTO_IPV6, 'IPV6_UNICAST_IF'),
  Checksum: row('int', IPPROTO_IPV6, 'IPV6_CHECKSUM'),
} as const;

/** The options that have members of their own, by the names of these without `get` and `set`. */
export type OptionName = keyof typeof options;
