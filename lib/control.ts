/** Control messages, typed: what goes and comes beside the data, cmsg(3), unix(7), ip(7), ipv6(7). */
import { SocketAddress, hostText } from './address';
import { count } from './buffers';
import { constants } from './constants';
import { Owner } from './descriptor';
import {
  InvalidSocketError,
  invalidArgType,
  outOfRange,
  socketError,
  type SocketError,
} from './errors';
import { native, unavailable, type Credentials, type RawControlMessage } from './native';
import { Socket } from './socket';

const { SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_UDP, IPPROTO_TCP } = constants;

/** A message whose value is one integer. */
export interface IntegerControl {
  type: 'IP_TOS' | 'IP_TTL' | 'IPV6_TCLASS' | 'IPV6_HOPLIMIT' | 'UDP_SEGMENT';
  value: number;
}

/** `IP_PKTINFO`, `IPV6_PKTINFO`—the interface and the address that a datagram leaves by. */
export interface PacketInfoControl {
  type: 'IP_PKTINFO' | 'IPV6_PKTINFO';
  /** The interface's index; 0, or left out, is any. */
  interface?: number;
  /** The source address; left out, the route's. */
  address?: string;
}

/** A control message as it is sent, cmsg(3): by its raw name with its meaning, or as bytes. */
export type OutgoingControl =
  | {
      /** Descriptors, or the sockets that have them; the receiver gets others on the same files. */
      type: 'SCM_RIGHTS';
      descriptors: readonly (number | Socket)[];
    }
  | {
      /** Who sends; the kernel checks it. */
      type: 'SCM_CREDENTIALS';
      credentials: Credentials;
    }
  | PacketInfoControl
  | IntegerControl
  | RawControlMessage;

/** A received message whose value is one integer. */
export interface ReceivedInteger {
  type:
    | 'IP_TOS'
    | 'IP_TTL'
    | 'IPV6_TCLASS'
    | 'IPV6_HOPLIMIT'
    | 'UDP_GRO'
    | 'SO_RXQ_OVFL'
    | 'SO_MARK'
    | 'TCP_CM_INQ';
  value: number;
}

/** A control message as it came, cmsg(3): by its raw name with its meaning, or as bytes. */
export type IncomingControl =
  | {
      /** `SCM_PIDFD`—the sender's process, one descriptor, or none if it could not be made. */
      type: 'SCM_RIGHTS' | 'SCM_PIDFD';
      descriptors: ReceivedDescriptors;
    }
  | { type: 'SCM_CREDENTIALS'; credentials: Credentials }
  | {
      type: 'SCM_TIMESTAMP' | 'SCM_TIMESTAMPNS';
      /** When the kernel received it, in nanoseconds since 1970. */
      time: bigint;
    }
  | {
      type: 'SCM_TIMESTAMPING';
      /** Nanoseconds since 1970; 0n if not asked for. */
      software: bigint;
      hardware: bigint;
    }
  | { type: 'IP_PKTINFO' | 'IPV6_PKTINFO'; interface: number; address: string }
  | { type: 'IP_ORIGDSTADDR' | 'IPV6_ORIGDSTADDR'; address: SocketAddress }
  | ReceivedInteger
  | QueuedError
  | (RawControlMessage & { data: Buffer });

/** An entry of the error queue, struct sock_extended_err. */
export interface QueuedError {
  type: 'IP_RECVERR' | 'IPV6_RECVERR';
  /** What a send would have told, such as ECONNREFUSED; null for a notice. */
  error: SocketError | null;
  /** `SO_EE_ORIGIN_ICMP` and others: where it comes from. */
  origin: number;
  /** Type and code of the ICMP message. */
  icmpType: number;
  icmpCode: number;
  /** What they mean depends on the origin: an MTU, the first and last MSG_ZEROCOPY send. */
  info: number;
  data: number;
  /** The host that told it. */
  offender: SocketAddress | null;
}

/**
 * Descriptors that a message brought, close-on-exec. Whoever takes one closes it; the others are
 * closed by `close()`, by `using`, or by the garbage collector.
 */
export class ReceivedDescriptors {
  readonly #owned: { fd: number; owner: Owner }[];

  /** @internal */
  constructor(fds: Int32Array) {
    this.#owned = [...fds].map((fd) => ({ fd, owner: new Owner('own', fd) }));
  }

  /** How many are left. */
  get length(): number {
    return this.#owned.length;
  }

  /** The next one, as a number; a RangeError if none is left. */
  take(): number {
    const next = this.#owned.shift();
    if (next === undefined) throw outOfRange('descriptors', 'taken while there are any', 0);
    native.disown(next.owner.number);
    return next.fd;
  }

  /** The next one, as a socket of the right class; `ENOTSOCK` and it is left if it is none. */
  takeSocket(): Socket {
    const fd = this.take();
    try {
      return Socket.fromFileDescriptor(fd);
    } catch (error) {
      this.#owned.unshift({ fd, owner: new Owner('own', fd) });
      throw error;
    }
  }

  /** Closes those that nobody took. */
  close(): void {
    while (this.length > 0) native.close(this.take());
  }

  /** Closes what nobody has taken. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** A C int, as the kernel has it in control messages; some come as one byte. */
function int(data: Buffer): number {
  return data.length < 4 ? (data[0] ?? 0) : (new Int32Array(copy(data, 4))[0] ?? 0);
}

function copy(data: Buffer, size: number): ArrayBuffer {
  const whole = new Uint8Array(size);
  whole.set(data.subarray(0, size));
  return whole.buffer;
}

function packetInfoRow(
  level: number,
  type: 'IP_PKTINFO' | 'IPV6_PKTINFO',
  octetCount: number,
): Row {
  const size = native.encodePacketInfo(0, Buffer.alloc(octetCount)).length;
  const decode = (data: Buffer): IncomingControl => {
    const { interface: index, octets } = native.decodePacketInfo(data.subarray(0, size));
    return { type, interface: index, address: hostText(octets) };
  };
  return { level, type: constants[type], size, decode };
}

function originalDestination(type: 'IP_ORIGDSTADDR' | 'IPV6_ORIGDSTADDR') {
  return (data: Buffer): IncomingControl => ({ type, address: SocketAddress.fromBytes(data) });
}

function time(type: 'SCM_TIMESTAMP' | 'SCM_TIMESTAMPNS') {
  return (data: Buffer): IncomingControl => ({
    type,
    time: native.decodeTimes(data, type === 'SCM_TIMESTAMPNS')[0] ?? 0n,
  });
}

function queuedError(type: QueuedError['type']) {
  return (data: Buffer): IncomingControl => {
    const {
      errno,
      origin,
      type: icmpType,
      code,
      info,
      data: value,
      offender,
    } = native.decodeExtendedError(data);
    const { family } = native.decodeAddress(offender);
    const isKnown = family === constants.AF_INET || family === constants.AF_INET6;
    return {
      type,
      error: errno === 0 ? null : socketError(-errno, 'recvmsg'),
      origin,
      icmpType,
      icmpCode: code,
      info,
      data: value,
      offender: isKnown ? SocketAddress.fromBytes(offender) : null,
    };
  };
}

/** A row: level and type, and what its bytes mean when there are at least `size`. */
interface Row {
  level: number;
  type: number | undefined;
  size: number;
  decode: (data: Buffer) => IncomingControl;
}

function descriptorsRow(type: 'SCM_RIGHTS' | 'SCM_PIDFD'): Row {
  const decode = (data: Buffer): IncomingControl => {
    const fds = new Int32Array(copy(data, data.length - (data.length % 4)));
    // In the place of a process that cannot be had the kernel puts an errno.
    return { type, descriptors: new ReceivedDescriptors(fds.filter((fd) => fd >= 0)) };
  };
  return { level: SOL_SOCKET, type: constants[type], size: 0, decode };
}

function integerRow(level: number, type: ReceivedInteger['type']): Row {
  const decode = (data: Buffer): IncomingControl => ({ type, value: int(data) });
  return { level, type: constants[type], size: 1, decode };
}

const { SCM_TIMESTAMPING, SCM_TIMESTAMPNS, IPV6_ORIGDSTADDR, IPV6_RECVERR } = constants;
const timespec = 2 * Math.max(4, native.encodeTimeval(0).length / 2);

const rows: Row[] = [
  descriptorsRow('SCM_RIGHTS'),
  descriptorsRow('SCM_PIDFD'),
  {
    level: SOL_SOCKET,
    type: constants.SCM_CREDENTIALS,
    size: 12,
    decode: (data) => ({
      type: 'SCM_CREDENTIALS',
      credentials: native.decodeCredentials(data.subarray(0, 12)),
    }),
  },
  {
    level: SOL_SOCKET,
    type: constants.SCM_TIMESTAMP,
    size: timespec,
    decode: time('SCM_TIMESTAMP'),
  },
  { level: SOL_SOCKET, type: SCM_TIMESTAMPNS, size: timespec, decode: time('SCM_TIMESTAMPNS') },
  {
    level: SOL_SOCKET,
    type: SCM_TIMESTAMPING,
    size: 3 * timespec,
    decode: (data) => {
      const [software = 0n, , hardware = 0n] = native.decodeTimes(data, true);
      return { type: 'SCM_TIMESTAMPING', software, hardware };
    },
  },
  packetInfoRow(IPPROTO_IP, 'IP_PKTINFO', 4),
  packetInfoRow(IPPROTO_IPV6, 'IPV6_PKTINFO', 16),
  {
    level: IPPROTO_IP,
    type: constants.IP_ORIGDSTADDR,
    size: 16,
    decode: originalDestination('IP_ORIGDSTADDR'),
  },
  {
    level: IPPROTO_IPV6,
    type: IPV6_ORIGDSTADDR,
    size: 28,
    decode: originalDestination('IPV6_ORIGDSTADDR'),
  },
  { level: IPPROTO_IP, type: constants.IP_RECVERR, size: 16, decode: queuedError('IP_RECVERR') },
  { level: IPPROTO_IPV6, type: IPV6_RECVERR, size: 16, decode: queuedError('IPV6_RECVERR') },
  integerRow(IPPROTO_IP, 'IP_TOS'),
  integerRow(IPPROTO_IP, 'IP_TTL'),
  integerRow(IPPROTO_IPV6, 'IPV6_TCLASS'),
  integerRow(IPPROTO_IPV6, 'IPV6_HOPLIMIT'),
  integerRow(IPPROTO_UDP, 'UDP_GRO'),
  integerRow(SOL_SOCKET, 'SO_RXQ_OVFL'),
  integerRow(SOL_SOCKET, 'SO_MARK'),
  integerRow(IPPROTO_TCP, 'TCP_CM_INQ'),
];

/** What recvmsg(2) has put into its control buffer. */
export const ReceivedControl = {
  /** Room for so many bytes of control messages, or none. */
  room(controlLength: number): Buffer | null {
    return count('controlLength', controlLength, 0x7fff) === 0 ? null : Buffer.alloc(controlLength);
  },

  /** The typed messages; one that was cut short, or that nobody knows, as its bytes. */
  decode(control: Buffer, length: number): IncomingControl[] {
    return native.decodeControl(control, length).map((message) => {
      const row = rows.find(({ level, type }) => message.level === level && message.type === type);
      return row === undefined || message.data.length < row.size
        ? message
        : row.decode(message.data);
    });
  },
};

function descriptorOf(value: number | Socket): number {
  const fd = value instanceof Socket ? value.sockfd() : value;
  if (typeof fd !== 'number') throw invalidArgType('descriptors', 'of sockets or numbers', value);
  if (fd === -1) throw new InvalidSocketError('sendmsg');
  if (Number.isInteger(fd) && fd >= 0 && fd <= 0x7fffffff) return fd;
  throw outOfRange('descriptors', 'of integers >= 0', fd);
}

/** The level, and how many bytes the value has: the kernel takes UDP_SEGMENT as a short only. */
const integers: Record<IntegerControl['type'], { level: number; size: 2 | 4 }> = {
  IP_TOS: { level: IPPROTO_IP, size: 4 },
  IP_TTL: { level: IPPROTO_IP, size: 4 },
  IPV6_TCLASS: { level: IPPROTO_IPV6, size: 4 },
  IPV6_HOPLIMIT: { level: IPPROTO_IPV6, size: 4 },
  UDP_SEGMENT: { level: IPPROTO_UDP, size: 2 },
};

/** The type's number, where the system has it. */
function typeOf(name: keyof typeof constants): number {
  const type = native.constants[name];
  if (type === undefined) throw unavailable(name);
  return type;
}

function encodeInteger({ type, value }: IntegerControl): RawControlMessage {
  const { level, size } = integers[type];
  const number = count('value', value, 0xffff);
  const data = size === 2 ? Uint16Array.of(number) : Int32Array.of(number);
  return { level, type: typeOf(type), data };
}

function encodePacketInfo(control: PacketInfoControl): RawControlMessage {
  const { type, interface: index = 0, address } = control;
  const isIPv6 = type === 'IPV6_PKTINFO';
  const wildcard = isIPv6 ? '::' : '0.0.0.0';
  const source = new SocketAddress(isIPv6 ? 'ipv6' : 'ipv4', address ?? wildcard, 0);
  return {
    level: isIPv6 ? IPPROTO_IPV6 : IPPROTO_IP,
    type: constants[type],
    data: native.encodePacketInfo(index, source.octets()),
  };
}

function encodeOne(control: OutgoingControl): RawControlMessage {
  if (typeof control !== 'object' || (control as unknown) === null) {
    throw invalidArgType('control', 'an array of control messages', control);
  }
  switch (control.type) {
    case 'SCM_RIGHTS':
      return {
        level: SOL_SOCKET,
        type: typeOf('SCM_RIGHTS'),
        data: Int32Array.from(control.descriptors, descriptorOf),
      };
    case 'SCM_CREDENTIALS': {
      const { pid, uid, gid } = control.credentials;
      return {
        level: SOL_SOCKET,
        type: typeOf('SCM_CREDENTIALS'),
        data: native.encodeCredentials(pid, uid, gid),
      };
    }
    case 'IP_PKTINFO':
    case 'IPV6_PKTINFO':
      return encodePacketInfo(control);
    default:
      if (typeof control.type === 'number') return control;
      if (Object.hasOwn(integers, control.type)) return encodeInteger(control);
      throw outOfRange('control', 'a known type, or level, type and data', control.type);
  }
}

/** What sendmsg(2) takes; null if there is nothing. */
export function encodeControlMessages(control: readonly OutgoingControl[]): Buffer | null {
  if (!Array.isArray(control)) {
    throw invalidArgType('control', 'an array of control messages', control);
  }
  return control.length === 0 ? null : native.encodeControl(control.map(encodeOne));
}
