/**
 * The only loader of the native addon, and the types of what it loads: one function per system
 * call, with the call's own value or the negated errno as its result.
 */
import { join } from 'node:path';
import loadAddon = require('node-gyp-build');

/** Memory that a call reads or fills, always the caller's own. */
export type Bytes = ArrayBufferView | ArrayBuffer;

/** A `sockaddr`, as {@link Native.encodeAddress} makes it and the kernel fills it in. */
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

/** What stands for an open descriptor: {@link Native.own}. */
export type Owner = object & { readonly owner: unique symbol };

/** libuv's events. */
export enum Ready {
  Readable = 1,
  Writable = 2,
  Disconnect = 4,
  Prioritized = 8,
  /** An error is pending: libuv tells it whatever is watched for, and has no number for it. */
  Error = 16,
}

export interface Native {
  /** socket(2). The new descriptor, close-on-exec. */
  socket(domain: number, type: number, protocol: number): number;
  /** socketpair(2). Both descriptors, close-on-exec, are put into `fds`. */
  socketpair(domain: number, type: number, protocol: number, fds: Int32Array): number;
  /** close(2). Not to be repeated after an error: the descriptor is gone all the same. */
  close(fd: number): number;
  /** fcntl(2) with `F_DUPFD_CLOEXEC`: dup(2), but close-on-exec. */
  dup(fd: number): number;
  /** bind(2). */
  bind(fd: number, address: Address): number;
  /** listen(2). */
  listen(fd: number, backlog: number): number;
  /**
   * accept(2). The new descriptor, close-on-exec. `addressLength[0]` is the room in `address`, and
   * after the call the length of the peer's address.
   */
  accept(fd: number, address?: Address | null, addressLength?: Int32Array | null): number;
  /** accept4(2): accept(2) with `SOCK_NONBLOCK` in `flags`. */
  accept4(
    fd: number,
    address: Address | null,
    addressLength: Int32Array | null,
    flags: number,
  ): number;
  /** connect(2). */
  connect(fd: number, address: Address): number;
  /** shutdown(2). */
  shutdown(fd: number, how: number): number;
  /** send(2). `MSG_NOSIGNAL` is added, so that a broken pipe is `-EPIPE` and nothing more. */
  send(fd: number, buffer: Bytes, offset: number, length: number, flags: number): number;
  /** sendto(2), with `MSG_NOSIGNAL`. */
  sendto(
    fd: number,
    buffer: Bytes,
    offset: number,
    length: number,
    flags: number,
    address?: Address | null,
  ): number;
  /** sendmsg(2), with `MSG_NOSIGNAL`; the arguments are the members of `struct msghdr`. */
  sendmsg(
    fd: number,
    name: Address | null,
    iov: readonly Bytes[],
    control: Bytes | null,
    flags: number,
  ): number;
  /** recv(2). */
  recv(fd: number, buffer: Bytes, offset: number, length: number, flags: number): number;
  /** recvfrom(2). `addressLength` as in {@link Native.accept}. */
  recvfrom(
    fd: number,
    buffer: Bytes,
    offset: number,
    length: number,
    flags: number,
    address?: Address | null,
    addressLength?: Int32Array | null,
  ): number;
  /**
   * recvmsg(2), with `MSG_CMSG_CLOEXEC`; the arguments are the members of `struct msghdr`.
   * `results` gets `msg_namelen`, `msg_controllen` and `msg_flags`.
   */
  recvmsg(
    fd: number,
    name: Address | null,
    iov: readonly Bytes[],
    control: Bytes | null,
    flags: number,
    results?: Int32Array | null,
  ): number;
  /**
   * recvmmsg(2), without its timeout. `buffer` has room for `count` messages of `size` bytes, and
   * `names` (null: none) 128 bytes for each. `results` gets three numbers for each: msg_len,
   * msg_namelen and msg_flags.
   */
  recvmmsg(
    fd: number,
    buffer: Bytes,
    size: number,
    names: Bytes | null,
    count: number,
    results: Int32Array,
    flags: number,
  ): number;
  /**
   * sendmmsg(2), with `MSG_NOSIGNAL`. As {@link Native.recvmmsg}; `results` says beforehand how long
   * each message and its name are (0: no name), and afterwards how much went.
   */
  sendmmsg(
    fd: number,
    buffer: Bytes,
    size: number,
    names: Bytes | null,
    count: number,
    results: Int32Array,
    flags: number,
  ): number;
  /** sendfile(2). `offset` null is the file's own position. */
  sendfile(out_fd: number, in_fd: number, offset: number | null, count: number): number;
  /** epoll_create1(2), with `EPOLL_CLOEXEC`. */
  epoll_create1(flags: number): number;
  /** epoll_ctl(2). `data` is an integer that {@link Native.epoll_wait} gives back. */
  epoll_ctl(epfd: number, op: number, fd: number, events: number, data: number): number;
  /** epoll_wait(2). `events` gets data and events of each; 256 at most at once. */
  epoll_wait(epfd: number, events: Int32Array, maxevents: number, timeout: number): number;
  /** getsockname(2). `addressLength` as in {@link Native.accept}. */
  getsockname(fd: number, address: Address, addressLength: Int32Array): number;
  /** getpeername(2). `addressLength` as in {@link Native.accept}. */
  getpeername(fd: number, address: Address, addressLength: Int32Array): number;
  /** getsockopt(2). `length[0]` is the room behind `offset`, then the length of the value. */
  getsockopt(
    fd: number,
    level: number,
    option: number,
    buffer: Bytes,
    offset: number,
    length: Int32Array,
  ): number;
  /** setsockopt(2). */
  setsockopt(
    fd: number,
    level: number,
    option: number,
    buffer: Bytes,
    offset: number,
    length: number,
  ): number;
  /** poll(2). `fds` holds fd, events, revents of each entry; `timeout` is in milliseconds. */
  poll(fds: Int32Array, nfds: number, timeout: number): number;
  /**
   * ioctl(2), for socket requests whose argument is one int, such as `FIONREAD`, or the bytes of a
   * struct ifreq without a pointer, such as `SIOCGIFMTU` (netdevice(7)).
   */
  ioctl(fd: number, request: number, argument: Int32Array | Bytes): number;
  /**
   * setsockopt(2) with `SO_ATTACH_FILTER` or `SO_ATTACH_REUSEPORT_CBPF`, whose value is a pointer:
   * `count` instructions of classic BPF, each four integers, code, jt, jf, k.
   */
  attachFilter(fd: number, option: number, instructions: Int32Array, count: number): number;
  /** fcntl(2), for commands whose argument is an int, such as `F_SETFL`. */
  fcntl(fd: number, command: number, argument?: number): number;
  /** getaddrinfo(3). It blocks. An array, or the `EAI_` number. */
  getaddrinfo(
    node: string | null,
    service: string | null,
    family: number,
    socktype: number,
    protocol: number,
    flags: number,
  ): AddressInfo[] | number;
  /** getnameinfo(3). It blocks. An object, or the `EAI_` number. */
  getnameinfo(address: Address, flags: number): { host: string; service: string } | number;
  /** gai_strerror(3): the words for an `EAI_` number. */
  gai_strerror(code: number): string;
  /** if_nametoindex(3): the interface's index, or -ENODEV. */
  if_nametoindex(name: string): number;
  /** if_indextoname(3): the interface's name, or -ENXIO. */
  if_indextoname(index: number): string | number;
  /** if_nameindex(3): all interfaces, or -errno. */
  if_nameindex(): { index: number; name: string }[] | number;
  /** Control messages as sendmsg(2) takes them, cmsg(3). */
  encodeControl(messages: readonly RawControlMessage[]): Buffer;
  /** The messages in the first `length` bytes; the last may be cut short. */
  decodeControl(control: Bytes, length: number): (RawControlMessage & { data: Buffer })[];
  /** CMSG_SPACE(3): the room for a message with `size` bytes. */
  controlSpace(size: number): number;
  /** A struct in_pktinfo (4 octets) or in6_pktinfo (16 octets). */
  encodePacketInfo(index: number, octets: Bytes): Buffer;
  decodePacketInfo(bytes: Bytes): { interface: number; octets: Buffer };
  /** A struct ucred. */
  encodeCredentials(pid: number, uid: number, gid: number): Buffer;
  decodeCredentials(bytes: Bytes): Credentials;
  /** A struct xucred. */
  decodePeerCredentials(bytes: Bytes): Omit<Credentials, 'pid'>;
  /** A struct sock_extended_err and the sockaddr behind it. */
  decodeExtendedError(bytes: Bytes): RawExtendedError;
  /** struct timespec or timeval, one or several, in nanoseconds since 1970. */
  decodeTimes(bytes: Bytes, isTimespec: boolean): bigint[];
  /** struct group_req, or group_source_req if there is a source. */
  encodeGroup(index: number, group: Address, source?: Address | null): Buffer;
  /** What the kernel gave of struct tcp_info, by the fields' names without `tcpi_`. */
  decodeTcpInfo(bytes: Bytes): Record<string, number>;
  /** A struct sockaddr_vm. */
  encodeVsock(cid: number, port: number): Buffer;
  decodeVsock(address: Address): { cid: number; port: number };
  /**
   * A `sockaddr` from a numeric host, or from a path (a leading NUL: an abstract name). `-EINVAL`
   * for a text that is no address, `-ENODEV` for an unknown interface behind `%`.
   */
  encodeAddress(family: number, host: string, port: number, flowInfo?: number): Buffer | number;
  encodeAddress(family: number, path: string | Bytes): Buffer | number;
  /** What the first `length` bytes of a `sockaddr` say. */
  decodeAddress(address: Address, length?: number): DecodedAddress;
  /** A `struct timeval`. */
  encodeTimeval(milliseconds: number): Buffer;
  decodeTimeval(timeval: Bytes): number;
  /** A `struct linger`. */
  encodeLinger(on: number, seconds: number): Buffer;
  decodeLinger(linger: Bytes): Linger;
  /**
   * Closes `fd`, which a call has just given, when the result is no longer referenced, or when the
   * thread ends.
   */
  own(fd: number): Owner;
  /** As {@link Native.own}, for a number from elsewhere; null if it has an owner in any thread. */
  adopt(fd: number): Owner | null;
  /** As {@link Native.own}, for a descriptor that somebody else closes. */
  borrow(fd: number): Owner;
  /** Takes back {@link Native.own}. */
  disown(owner: Owner): void;
  /**
   * A watcher on the event loop (uv_poll_t) for the owner's descriptor, which watches for nothing
   * yet; disown() ends it. 0, or -errno: -EEXIST if the loop has one for the descriptor. `listener`
   * gets the descriptor, and -errno or what is {@link Ready}; it is called for what is waited for
   * only. While it runs, and the microtasks behind it, `telling[0]` is 1, and `telling[1]` is what
   * is waited for with that descriptor, which it may change.
   */
  createWatcher(
    owner: Owner,
    listener: (fd: number, events: number) => void,
    telling: Int32Array,
  ): number;
  /**
   * What is waited for from now on, {@link Ready} events; 0 for nothing. What was armed before stays
   * so until it comes. 0, or -errno.
   */
  startWatcher(owner: Owner, events: number): number;
  /** Whether the watcher keeps the loop alive while it watches for anything. */
  refWatcher(owner: Owner, on: boolean): void;
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

/** The addon itself: a call that the system lacks is undefined, whatever the type says. */
export const addon = loadAddon(join(__dirname, '..')) as Native;

const missing = notEverywhere.filter((name) => !(name in addon));

/** The addon, where a call that the system lacks tells so when it is made. */
export const native: Native =
  missing.length === 0
    ? addon
    : {
        ...addon,
        ...Object.fromEntries(
          missing.map((name) => [
            name,
            () => {
              throw unavailable(name);
            },
          ]),
        ),
      };
