/** `Socket`: a handle on an implementation that several handles may share. */
import { AddressRoom, SocketAddress, familyNumber, type Family } from './address';
import { destroyBufVec, makeBuffer, makeBufVec, type SocketBufVec } from './buffers';
import { constants } from './constants';
import {
  InvalidSocketError,
  boolean,
  invalidArgType,
  outOfRange,
  socketError,
  type SocketError,
} from './errors';
import { native, type Bytes, type Linger } from './native';
import {
  getOption,
  options,
  setOption,
  type Option,
  type OptionKind,
  type OptionResults,
  type OptionValues,
} from './options';
import { SocketImpl, type SocketKind } from './socket-impl';
import { milliseconds, pollDescriptor, pollEntries, timeLeft } from './waiting';

const { POLLIN, POLLOUT, POLLPRI, POLLERR, POLLHUP, POLLNVAL } = constants;

/** What a nonblocking call returns that would block. */
export const WOULD_BLOCK = -1;

/** Modes of {@link Socket.poll}: readable (data, end of stream, a connection to accept, error). */
export const SELECT_READ = 1;
/** Writable, or an error that a send would tell. */
export const SELECT_WRITE = 2;
/** An error is pending (`SO_ERROR`). */
export const SELECT_ERROR = 4;
/** Urgent data is pending. */
export const SELECT_URGENT = 8;
const ALL_MODES = SELECT_READ | SELECT_WRITE | SELECT_ERROR | SELECT_URGENT;

/** poll(2)'s events for a mode. */
function eventsOf(mode: number): number {
  if (typeof mode !== 'number') throw invalidArgType('mode', 'a number', mode);
  if (!Number.isInteger(mode) || (mode & ~ALL_MODES) !== 0) {
    throw outOfRange('mode', 'SELECT_READ | SELECT_WRITE | SELECT_ERROR | SELECT_URGENT', mode);
  }
  return (
    ((mode & SELECT_READ) !== 0 ? POLLIN : 0) |
    ((mode & SELECT_WRITE) !== 0 ? POLLOUT : 0) |
    ((mode & SELECT_URGENT) !== 0 ? POLLPRI : 0)
  );
}

/** The mode bits that poll(2)'s events mean: select(2)'s rules, and ERROR for a pending error. */
function modeOf(events: number): number {
  return (
    ((events & (POLLIN | POLLHUP | POLLERR)) !== 0 ? SELECT_READ : 0) |
    ((events & (POLLOUT | POLLERR)) !== 0 ? SELECT_WRITE : 0) |
    ((events & POLLERR) !== 0 ? SELECT_ERROR : 0) |
    ((events & POLLPRI) !== 0 ? SELECT_URGENT : 0)
  );
}

export class Socket {
  /** @internal Shared with every handle made from this one. */
  protected implementation: SocketImpl;

  /** A stream socket without a descriptor; or another handle on `other`'s implementation. */
  constructor(other?: Socket | SocketImpl) {
    if (other === undefined) this.implementation = new SocketImpl('stream');
    else if (other instanceof SocketImpl) this.implementation = other;
    else if (other instanceof Socket) this.implementation = other.implementation;
    else throw invalidArgType('other', 'a Socket or its impl()', other);
  }

  /** @internal `other`'s implementation, if a handle of this kind may have it. */
  protected static share(other: Socket | SocketImpl, kind: SocketKind): SocketImpl {
    const implementation = other instanceof Socket ? other.implementation : other;
    if (implementation.kind === kind) return implementation;
    throw invalidArgType('other', `a handle on a ${kind} socket`, other);
  }

  /** Lets this handle share `other`'s implementation, which must be of the same kind. */
  assign(other: Socket): this {
    if (!(other instanceof Socket)) throw invalidArgType('other', 'a Socket', other);
    this.implementation = Socket.share(other, this.implementation.kind);
    return this;
  }

  /** Whether both handles share one implementation. */
  equals(other: Socket): boolean {
    return other instanceof Socket && this.implementation === other.implementation;
  }

  /** Negative, 0 or positive, by the order in which the implementations were made. */
  compareTo(other: Socket): number {
    if (!(other instanceof Socket)) throw invalidArgType('other', 'a Socket', other);
    return this.implementation.id - other.implementation.id;
  }

  /** What the handles share. */
  impl(): SocketImpl {
    return this.implementation;
  }

  /** The descriptor's number, -1 if the socket is closed or was never opened. */
  sockfd(): number {
    return this.implementation.fd;
  }

  /** Whether the socket has no descriptor. */
  isNull(): boolean {
    return this.implementation.fd === -1;
  }

  /** The `SOCK_` number of the socket's type. */
  type(): number {
    return constants.SOCK_STREAM;
  }

  /** Whether the connection is encrypted: never. */
  secure(): boolean {
    return false;
  }

  /** socket(2), for a family by its name or `AF_` number. An error if there is a descriptor. */
  init(family: Family | number): void {
    const af = familyNumber(family);
    if (this.implementation.fd !== -1) throw socketError(-constants.EISCONN, 'socket');
    this.implementation.open(af);
  }

  /**
   * close(2), for every handle on this implementation, any number of times. The object can connect
   * again. Unread data or an active linger of 0 makes the peer see a reset.
   */
  close(): void {
    this.implementation.close();
  }

  /** The same as {@link Socket.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The descriptor, for a call of `syscall` that needs an open one. */
  protected descriptor(syscall: string): number {
    const { fd } = this.implementation;
    if (fd === -1) throw new InvalidSocketError(syscall);
    return fd;
  }

  /** getsockname(2): the own address. Unnamed Unix sockets have an empty path. */
  address(): SocketAddress {
    return this.#name('getsockname');
  }

  /** getpeername(2): the peer's address; `ENOTCONN` if there is none. */
  peerAddress(): SocketAddress {
    return this.#name('getpeername');
  }

  #name(syscall: 'getsockname' | 'getpeername'): SocketAddress {
    const room = new AddressRoom();
    const n = native[syscall](this.implementation.fd, room.bytes, room.length);
    if (n < 0) throw socketError(n, syscall);
    return room.address();
  }

  /** ioctl(2) with `FIONREAD`: bytes that can be read now; TCP counts up to the urgent mark. */
  available(): number {
    return this.#ioctl(constants.FIONREAD);
  }

  /** sockatmark(3), ioctl(2) with `SIOCATMARK`: whether the next byte is behind the urgent mark. */
  atUrgentMark(): boolean {
    return this.#ioctl(constants.SIOCATMARK) !== 0;
  }

  #ioctl(request: number): number {
    const result = new Int32Array(1);
    const n = native.ioctl(this.implementation.fd, request, result);
    if (n < 0) throw socketError(n, 'ioctl');
    return result[0] ?? 0;
  }

  /** `SO_ERROR`—the pending error, or null; reading clears it. */
  getError(): SocketError | null {
    this.descriptor('getsockopt');
    const error = this.implementation.takeError();
    return error === 0 ? null : socketError(-error, 'getsockopt');
  }

  /** fcntl(2) with `F_GETFL`: the real mode; without a descriptor the one it will be made with. */
  getBlocking(): boolean {
    return this.implementation.getBlocking();
  }

  /** ioctl(2) with `FIONBIO`. Without a descriptor it applies when there is one. */
  setBlocking(on: boolean): void {
    this.implementation.setBlocking(boolean('on', on));
  }

  /** getsockopt(2). `'bytes'` gives the struct itself, of at most `length` bytes (256). */
  getOption(level: number, option: number): number;
  getOption<Kind extends OptionKind>(
    level: number,
    option: number,
    kind: Kind,
    length?: Kind extends 'bytes' ? number : never,
  ): OptionResults[Kind];
  getOption(
    level: number,
    option: number,
    kind: OptionKind = 'int',
    length?: number,
  ): OptionResults[OptionKind] {
    return getOption(this.descriptor('getsockopt'), level, option, kind, length);
  }

  /** setsockopt(2). The value's own type says how it is passed, unless `kind` does. */
  setOption(level: number, option: number, value: OptionValues[OptionKind]): void;
  setOption<Kind extends OptionKind>(
    level: number,
    option: number,
    value: OptionValues[Kind],
    kind: Kind,
  ): void;
  setOption(
    level: number,
    option: number,
    value: OptionValues[OptionKind],
    kind?: OptionKind,
  ): void {
    setOption(this.descriptor('setsockopt'), level, option, value, kind);
    this.#noteTimeout(level, option);
  }

  /** A deadline across signals needs the timeouts that the kernel has. */
  #noteTimeout(level: number, option: number): void {
    const { ReceiveTimeout, SendTimeout } = options;
    if (level !== constants.SOL_SOCKET) return;
    if (option === ReceiveTimeout.option) {
      this.implementation.receiveTimeout = this.#get(ReceiveTimeout);
    } else if (option === SendTimeout.option) {
      this.implementation.sendTimeout = this.#get(SendTimeout);
    }
  }

  #get<Kind extends OptionKind>({ level, option, kind }: Option<Kind>): OptionResults[Kind] {
    return getOption(this.descriptor('getsockopt'), level, option, kind);
  }

  #set<Kind extends OptionKind>(
    { level, option, kind }: Option<Kind>,
    value: OptionValues[Kind],
  ): void {
    setOption(this.descriptor('setsockopt'), level, option, value, kind);
  }

  /** `SO_RCVTIMEO`—milliseconds until a blocking receive or accept gives up; 0 is never. */
  getReceiveTimeout(): number {
    return this.#get(options.ReceiveTimeout);
  }

  /** `SO_RCVTIMEO`—milliseconds, rounded up to the kernel's clock tick; 0 is no timeout. */
  setReceiveTimeout(timeout: number): void {
    this.#set(options.ReceiveTimeout, timeout);
    this.implementation.receiveTimeout = timeout;
  }

  /** `SO_SNDTIMEO`—milliseconds that a blocking send waits without progress; 0 is for ever. */
  getSendTimeout(): number {
    return this.#get(options.SendTimeout);
  }

  /** `SO_SNDTIMEO`—milliseconds, rounded up to the kernel's clock tick; 0 is no timeout. */
  setSendTimeout(timeout: number): void {
    this.#set(options.SendTimeout, timeout);
    this.implementation.sendTimeout = timeout;
  }

  /** `SO_RCVBUF`—bytes; Linux tells twice what was set, and has a least and a largest size. */
  getReceiveBufferSize(): number {
    return this.#get(options.ReceiveBufferSize);
  }

  /** `SO_RCVBUF`—bytes. */
  setReceiveBufferSize(bytes: number): void {
    this.#set(options.ReceiveBufferSize, bytes);
  }

  /** `SO_SNDBUF`—bytes; Linux tells twice what was set, and has a least and a largest size. */
  getSendBufferSize(): number {
    return this.#get(options.SendBufferSize);
  }

  /** `SO_SNDBUF`—bytes. */
  setSendBufferSize(bytes: number): void {
    this.#set(options.SendBufferSize, bytes);
  }

  /** `SO_LINGER`—whether close(2) waits for unsent data, and how many seconds. */
  getLinger(): Linger {
    return this.#get(options.Linger);
  }

  /** `SO_LINGER`—(true, 0) makes close(2) reset the connection. */
  setLinger(on: boolean, seconds: number): void {
    this.#set(options.Linger, { on, seconds });
  }

  /** `TCP_NODELAY`—whether small segments are sent at once (no Nagle algorithm). */
  getNoDelay(): boolean {
    return this.#get(options.NoDelay);
  }

  /** `TCP_NODELAY`—default false. */
  setNoDelay(on: boolean): void {
    this.#set(options.NoDelay, on);
  }

  /** `SO_KEEPALIVE`—whether an idle connection is probed. */
  getKeepAlive(): boolean {
    return this.#get(options.KeepAlive);
  }

  /** `SO_KEEPALIVE`—default false. */
  setKeepAlive(on: boolean): void {
    this.#set(options.KeepAlive, on);
  }

  /** `SO_OOBINLINE`—whether urgent data stays in the stream. */
  getOOBInline(): boolean {
    return this.#get(options.OOBInline);
  }

  /** `SO_OOBINLINE`—default false; accepted sockets inherit it. */
  setOOBInline(on: boolean): void {
    this.#set(options.OOBInline, on);
  }

  /** `SO_REUSEADDR`—whether bind(2) may take an address of connections that are closing. */
  getReuseAddress(): boolean {
    return this.#get(options.ReuseAddress);
  }

  /** `SO_REUSEADDR`—default false. */
  setReuseAddress(on: boolean): void {
    this.#set(options.ReuseAddress, on);
  }

  /** `SO_REUSEPORT`—whether several sockets may bind to one address. */
  getReusePort(): boolean {
    return this.#get(options.ReusePort);
  }

  /** `SO_REUSEPORT`—default false. */
  setReusePort(on: boolean): void {
    this.#set(options.ReusePort, on);
  }

  /** Whether anything that `mode` asks for holds within `timeout` milliseconds. One poll(2). */
  poll(timeout: number | undefined, mode: number): boolean {
    return (this.pollEvents(timeout, mode) & mode) !== 0;
  }

  /**
   * What holds of READ, WRITE, ERROR and URGENT, after at most `timeout` milliseconds (left out: for
   * ever); 0 when the time is over. An error or hang-up ends the wait whatever `mode` asks for, and
   * sets the bits that are true of it.
   */
  pollEvents(timeout: number | undefined, mode: number): number {
    const wait = milliseconds('timeout', timeout);
    const events = pollDescriptor(this.descriptor('poll'), eventsOf(mode), wait);
    if (events < 0) throw socketError(events, 'poll');
    if ((events & POLLNVAL) !== 0) throw socketError(-constants.EBADF, 'poll');
    this.implementation.notePollEvents(events);
    return modeOf(events);
  }

  /**
   * Waits until one of the sockets is ready, at most `timeout` milliseconds. Each list keeps, in its
   * order, the sockets that are ready for what the list asks; a socket appears only in lists it was
   * put in. Pending urgent data and pending errors show in `except`. The total left in the lists; 0
   * when the time is over. Empty lists: 0, at once.
   */
  static select(read: Socket[], write: Socket[], except: Socket[], timeout?: number): number {
    const wait = milliseconds('timeout', timeout);
    const lists = [
      { sockets: read, events: POLLIN, ready: SELECT_READ },
      { sockets: write, events: POLLOUT, ready: SELECT_WRITE },
      { sockets: except, events: POLLPRI, ready: SELECT_ERROR | SELECT_URGENT },
    ];
    const asked = new Map<SocketImpl, { events: number; ready: number }>();
    for (const { sockets, events } of lists) {
      if (!Array.isArray(sockets)) throw invalidArgType('list', 'an array of sockets', sockets);
      for (const socket of sockets) {
        if (!(socket instanceof Socket))
          throw invalidArgType('list', 'an array of sockets', socket);
        socket.descriptor('select');
        const entry = asked.get(socket.implementation) ?? { events: 0, ready: 0 };
        entry.events |= events;
        asked.set(socket.implementation, entry);
      }
    }
    if (asked.size > 0) Socket.#waitForAny(asked, wait);
    let total = 0;
    for (const { sockets, ready } of lists) {
      const seen = new Set<SocketImpl>();
      const left = sockets.filter(({ implementation }) => {
        const isFirst = !seen.has(implementation);
        seen.add(implementation);
        return isFirst && ((asked.get(implementation)?.ready ?? 0) & ready) !== 0;
      });
      sockets.splice(0, sockets.length, ...left);
      total += left.length;
    }
    return total;
  }

  /** Fills in `ready`. A hang-up that no list asks for does not end the wait, as in select(2). */
  static #waitForAny(
    asked: Map<SocketImpl, { events: number; ready: number }>,
    timeout: number,
  ): void {
    const entries = new Int32Array(3 * asked.size);
    let index = 0;
    for (const [{ fd }, { events }] of asked) entries.set([fd, events, 0], 3 * index++);
    const started = performance.now();
    for (let left = timeout; ; left = timeLeft(timeout, started)) {
      const n = pollEntries(entries, asked.size, left);
      if (n < 0) throw socketError(n, 'poll');
      let isAnyReady = false;
      index = 0;
      for (const [implementation, entry] of asked) {
        const events = entries[3 * index + 2] ?? 0;
        if ((events & POLLNVAL) !== 0) throw socketError(-constants.EBADF, 'poll');
        implementation.notePollEvents(events);
        entry.ready = modeOf(events) & askedModes(entry.events);
        isAnyReady ||= entry.ready !== 0;
        // Only hung up, and nobody asked: poll(2) skips negative descriptors.
        if (events !== 0 && entry.ready === 0) entries[3 * index] = -1;
        index++;
      }
      if (isAnyReady || n === 0) return;
    }
  }

  /** A run-time probe: whether sockets of IPv4 can be made and bound to its loopback address. */
  static supportsIPv4(): boolean {
    return Socket.#supports('127.0.0.1');
  }

  /** A run-time probe: whether sockets of IPv6 can be made and bound to its loopback address. */
  static supportsIPv6(): boolean {
    return Socket.#supports('::1');
  }

  static #supports(loopback: string): boolean {
    const address = new SocketAddress(loopback, 0);
    const fd = native.socket(address.af(), constants.SOCK_STREAM, 0);
    if (fd < 0) return false;
    const n = native.bind(fd, address.sockaddr);
    native.close(fd);
    return n === 0;
  }

  /** A buffer of zero bytes, of a string's bytes, or on a buffer's own bytes. */
  static makeBuffer(from: number | string | Bytes): Buffer {
    return makeBuffer(from);
  }

  /** A vector of `count` buffers of `length` bytes; or of strings' and buffers' bytes. */
  static makeBufVec(count: number, length: number): SocketBufVec;
  static makeBufVec(parts: readonly (string | Bytes)[]): SocketBufVec;
  static makeBufVec(parts: number | readonly (string | Bytes)[], length?: number): SocketBufVec {
    return typeof parts === 'number' ? makeBufVec(parts, length as number) : makeBufVec(parts);
  }

  /** Empties the vector. */
  static destroyBufVec(vector: SocketBufVec): void {
    destroyBufVec(vector);
  }
}

/** The modes that a list with these events asks for. */
function askedModes(events: number): number {
  return (
    ((events & POLLIN) !== 0 ? SELECT_READ : 0) |
    ((events & POLLOUT) !== 0 ? SELECT_WRITE : 0) |
    ((events & POLLPRI) !== 0 ? SELECT_ERROR | SELECT_URGENT : 0)
  );
}
