/**
 * The only loader of the native addon, and the types of what it loads: one function per system
 * call, with the call's own value or the negated errno as its result.
 */
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import loadAddon = require('node-gyp-build');

/** Memory that a call reads or fills, always the caller's own. */
export type Bytes = ArrayBufferView | ArrayBuffer;

/** A `sockaddr`, as `encodeAddress` makes it and the kernel fills it in. */
export type Address = Bytes;

/** One answer of getaddrinfo(3), struct addrinfo. */
export interface AddressInfo {
  family: number;
  socktype: number;
  protocol: number;
  address: Buffer;
  canonname?: string;
}

/** What a `sockaddr` says; which members there are follows from `family`. */
export interface DecodedAddress {
  family: number;
  host?: string;
  port?: number;
  flowInfo?: number;
  scopeId?: number;
  /** The host's bytes in network order, or the bytes of the path. */
  octets?: Buffer;
}

/** One control message: its level and type, and the bytes behind its header. */
export interface RawControlMessage {
  level: number;
  type: number;
  data: Bytes;
}

/** A struct ucred. */
export interface Credentials {
  pid: number;
  uid: number;
  gid: number;
}

/** A struct sock_extended_err, and the sockaddr behind it. */
export interface RawExtendedError {
  errno: number;
  origin: number;
  type: number;
  code: number;
  info: number;
  data: number;
  offender: Buffer;
}

/** `SO_LINGER`, struct linger. */
export interface Linger {
  /** Whether `close()` waits for unsent data. */
  on: boolean;
  /** How long it waits, in seconds. */
  seconds: number;
}

/** What is wrong with an argument; arguments.h has the same numbers. */
export enum Invalid {
  Type = 0,
  Range = 1,
  /** -1, the number that stands for no descriptor. */
  Descriptor = 2,
}

/** libuv's events. */
export enum Ready {
  Readable = 1,
  Writable = 2,
  Disconnect = 4,
  Prioritized = 8,
  /** An error is pending: libuv tells it whatever is watched for, and has no number for it. */
  Error = 16,
}

/** What `raw` exports is described there, in raw.ts. */
export interface Native {
  socket(domain: number, type: number, protocol: number): number;
  socketpair(domain: number, type: number, protocol: number, fds: Int32Array): number;
  close(fd: number): number;
  dup(fd: number): number;
  bind(fd: number, address: Address): number;
  listen(fd: number, backlog: number): number;
  accept(fd: number, address?: Address | null, addressLength?: Int32Array | null): number;
  accept4(
    fd: number,
    address: Address | null,
    addressLength: Int32Array | null,
    flags: number,
  ): number;
  connect(fd: number, address: Address): number;
  shutdown(fd: number, how: number): number;
  send(fd: number, buffer: Bytes, offset: number, length: number, flags: number): number;
  sendto(
    fd: number,
    buffer: Bytes,
    offset: number,
    length: number,
    flags: number,
    address?: Address | null,
  ): number;
  sendmsg(
    fd: number,
    name: Address | null,
    iov: readonly Bytes[],
    control: Bytes | null,
    flags: number,
  ): number;
  recv(fd: number, buffer: Bytes, offset: number, length: number, flags: number): number;
  recvfrom(
    fd: number,
    buffer: Bytes,
    offset: number,
    length: number,
    flags: number,
    address?: Address | null,
    addressLength?: Int32Array | null,
  ): number;
  recvmsg(
    fd: number,
    name: Address | null,
    iov: readonly Bytes[],
    control: Bytes | null,
    flags: number,
    results?: Int32Array | null,
  ): number;
  recvmmsg(
    fd: number,
    buffer: Bytes,
    size: number,
    names: Bytes | null,
    count: number,
    results: Int32Array,
    flags: number,
  ): number;
  sendmmsg(
    fd: number,
    buffer: Bytes,
    size: number,
    names: Bytes | null,
    count: number,
    results: Int32Array,
    flags: number,
  ): number;
  sendfile(out_fd: number, in_fd: number, offset: number | null, count: number): number;
  epoll_create1(flags: number): number;
  epoll_ctl(epfd: number, op: number, fd: number, events: number, data: number): number;
  epoll_wait(epfd: number, events: Int32Array, maxevents: number, timeout: number): number;
  getsockname(fd: number, address: Address, addressLength: Int32Array): number;
  getpeername(fd: number, address: Address, addressLength: Int32Array): number;
  getsockopt(
    fd: number,
    level: number,
    option: number,
    buffer: Bytes,
    offset: number,
    length: Int32Array,
  ): number;
  setsockopt(
    fd: number,
    level: number,
    option: number,
    buffer: Bytes,
    offset: number,
    length: number,
  ): number;
  poll(fds: Int32Array, nfds: number, timeout: number): number;
  ioctl(fd: number, request: number, argument: Int32Array | Bytes): number;
  attachFilter(fd: number, option: number, instructions: Int32Array, count: number): number;
  fcntl(fd: number, command: number, argument?: number): number;
  getaddrinfo(
    node: string | null,
    service: string | null,
    family: number,
    socktype: number,
    protocol: number,
    flags: number,
  ): AddressInfo[] | number;
  getnameinfo(address: Address, flags: number): { host: string; service: string } | number;
  gai_strerror(code: number): string;
  if_nametoindex(name: string): number;
  if_indextoname(index: number): string | number;
  if_nameindex(): { index: number; name: string }[] | number;
  encodeControl(messages: readonly RawControlMessage[]): Buffer;
  decodeControl(control: Bytes, length: number): (RawControlMessage & { data: Buffer })[];
  controlSpace(size: number): number;
  encodePacketInfo(index: number, octets: Bytes): Buffer;
  decodePacketInfo(bytes: Bytes): { interface: number; octets: Buffer };
  encodeCredentials(pid: number, uid: number, gid: number): Buffer;
  decodeCredentials(bytes: Bytes): Credentials;
  decodePeerCredentials(bytes: Bytes): Omit<Credentials, 'pid'>;
  decodeExtendedError(bytes: Bytes): RawExtendedError;
  decodeTimes(bytes: Bytes, isTimespec: boolean): bigint[];
  encodeGroup(index: number, group: Address, source?: Address | null): Buffer;
  decodeTcpInfo(bytes: Bytes): Record<string, number>;
  encodeVsock(cid: number, port: number): Buffer;
  decodeVsock(address: Address): { cid: number; port: number };
  encodeAddress(family: number, host: string, port: number, flowInfo?: number): Buffer | number;
  encodeAddress(family: number, path: string | Bytes): Buffer | number;
  decodeAddress(address: Address, length?: number): DecodedAddress;
  encodeTimeval(milliseconds: number): Buffer;
  decodeTimeval(timeval: Bytes): number;
  encodeLinger(on: number, seconds: number): Buffer;
  decodeLinger(linger: Bytes): Linger;
  /**
   * Closes `fd`, which a call has just given, when nobody refers to `keeper` any more, or when the
   * thread ends. The number of what the calls below name `owner`; it is good as long as `keeper` is.
   */
  own(fd: number, keeper: object): number;
  /** As `own`, for a number from elsewhere; -EEXIST if it has an owner in any thread. */
  adopt(fd: number, keeper: object): number;
  /** As `own`, for a descriptor that somebody else closes. */
  borrow(fd: number, keeper: object): number;
  /** Takes back `own`. */
  disown(owner: number): void;
  /**
   * A watcher on the event loop (uv_poll_t) for the owner's descriptor, which watches for nothing
   * yet; disown() ends it. 0, or -errno: -EEXIST if the loop has one for the descriptor. `listener`
   * gets the descriptor, and -errno or what is {@link Ready}; it is called for what is waited for
   * only. While it runs, and the microtasks behind it, `telling[0]` is 1, and `telling[1]` is what
   * is waited for with that descriptor, which it may change.
   */
  createWatcher(
    owner: number,
    listener: (fd: number, events: number) => void,
    telling: Int32Array,
  ): number;
  /**
   * What is waited for from now on, {@link Ready} events; 0 for nothing. What was armed before stays
   * so until it comes. 0, or -errno.
   */
  startWatcher(owner: number, events: number): number;
  /** Whether the watcher keeps the loop alive while it watches for anything. */
  refWatcher(owner: number, on: boolean): void;
  /**
   * From now on calls of this thread that block are ended when its event loop has something to do,
   * and `goOn` gives their result. False where the platform has no way to end them.
   */
  watchCalls(
    goOn: (call: string, args: unknown[], result: number, elapsed: number) => number,
  ): boolean;
  /** Whether the last call was ended so. */
  wasNudged(): boolean;
  /** Sets the function that is called for an argument that does not fit, and throws. */
  onInvalidArgument(
    raise: (
      syscall: string,
      name: string,
      kind: Invalid,
      expected: string,
      received: unknown,
    ) => never,
  ): void;
  /** Every name that the platform defines, with its value. */
  readonly constants: Readonly<Record<string, number>>;
}

/** Calls and layouts that not every system has. */
const notEverywhere = [
  'accept4',
  'attachFilter',
  'decodeCredentials',
  'decodeExtendedError',
  'decodePeerCredentials',
  'decodeTcpInfo',
  'decodeVsock',
  'encodeCredentials',
  'encodeVsock',
  'epoll_create1',
  'epoll_ctl',
  'epoll_wait',
  'fcntl',
  'if_nameindex',
  'recvmmsg',
  'sendfile',
  'sendmmsg',
] as const;

/** The error for what the system lacks, in Node's own form. */
export function unavailable(feature: string): Error {
  const message = `The feature ${feature} is unavailable on the current platform`;
  return Object.assign(new TypeError(message), { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' });
}

/** The addon of this checkout (build/), or the binary that the package has for this platform. */
function load(): Native {
  try {
    return loadAddon(join(__dirname, '..')) as Native;
  } catch (error) {
    const { platform, arch } = process;
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    throw new Error(
      `bsd-sockets has no binary that loads on ${platform} ${arch} (${reason}). ` +
        'To build it from its sources, with a C++17 compiler and Python:\n' +
        '  npm install --no-save node-gyp node-addon-api@8\n' +
        '  npx node-gyp rebuild --directory node_modules/bsd-sockets\n',
      { cause: error },
    );
  }
}

/** The addon itself: a call that the system lacks is undefined, whatever the type says. */
export const addon = load();

/** V8 looks whether a thread is to end when it calls a function that is JavaScript. */
function end(): never {
  throw new Error('The thread is to end');
}

/** The addon's calls of these names; one that is ended because its thread is to end gives undefined. */
export function ending(names: readonly string[]): Partial<Native> {
  const calls = names
    .filter((name) => name in addon)
    .map((name) => {
      const call = addon[name as keyof Native] as (...args: unknown[]) => unknown;
      return [name, (...args: unknown[]) => call(...args) ?? end()];
    });
  return Object.fromEntries(calls) as Partial<Native>;
}

/**
 * What a worker may be blocked in, but for receives and sends: who calls those looks whether the
 * result is 0 or more, and asks a function what it is if not.
 */
const waits = [
  ...['accept', 'accept4', 'connect', 'epoll_wait', 'getaddrinfo', 'getnameinfo', 'poll'],
  ...['recvmmsg', 'sendfile', 'sendmmsg'],
];

const missing = notEverywhere.filter((name) => !(name in addon));

function refusing(name: string): () => never {
  return () => {
    throw unavailable(name);
  };
}

/** The addon, where a call that the system lacks tells so when it is made. */
export const native: Native =
  missing.length === 0 && isMainThread
    ? addon
    : {
        ...addon,
        ...Object.fromEntries(missing.map((name) => [name, refusing(name)])),
        ...(isMainThread ? {} : ending(waits)),
      };
