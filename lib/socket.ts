/** `Socket`: a handle on an implementation that several handles may share. */
import {
  AddressRoom,
  SocketAddress,
  familyNumber,
  type Family,
  type SocketAddressLike,
} from './address';
import { destroyBufVec, makeBuffer, makeBufVec, type SocketBufVec } from './buffers';
import { constants, isWinsock } from './constants';
import {
  InvalidSocketError,
  TimeoutError,
  boolean,
  invalidArgType,
  invalidArgValue,
  outOfRange,
  socketError,
  type SocketError,
} from './errors';
import { Ready, native, type Bytes, type Credentials } from './native';
import {
  options,
  type OptionKind,
  type OptionName,
  type OptionResults,
  type OptionValues,
} from './options';
import { CallWait, NOT_YET, Readiness, settled, type WaitOptions, type Watch } from './readiness';
import { SocketImpl, kindOfType, type SocketKind } from './socket-impl';
import { SocketOptions } from './socket-options';
import {
  SELECT_ERROR,
  SELECT_READ,
  SELECT_URGENT,
  SELECT_WRITE,
  askedModes,
  eventsOf,
  milliseconds,
  modeOf,
  pollDescriptor,
  pollEntries,
  readyEvents,
  timeLeft,
} from './waiting';

const { POLLIN, POLLOUT, POLLPRI, POLLNVAL } = constants;

/** More than any kernel's struct tcp_info. */
const LARGEST_TCP_INFO = 512;

/** What a nonblocking call returns that would block. */
export const WOULD_BLOCK = -1;

/**
 * An instruction of classic BPF, struct sock_filter: what to do, how many instructions to go over
 * if a comparison holds and if not, and a value.
 */
export type FilterInstruction = readonly [code: number, jt: number, jf: number, k: number];

function filterFields(instruction: FilterInstruction): number[] {
  if (!Array.isArray(instruction)) {
    throw invalidArgType('instructions', 'an array of [code, jt, jf, k]', instruction);
  }
  const [code, jt, jf, k] = instruction as FilterInstruction;
  const fields = [code, jt, jf, k];
  const fits = fields.every(
    (field, i) => Number.isInteger(field) && field >= 0 && field <= (FILTER_LIMITS[i] ?? 0),
  );
  if (fits) return fields;
  throw outOfRange('instructions', 'of [code, jt, jf, k] with 16, 8, 8 and 32 bits', fields);
}

const FILTER_LIMITS = [0xffff, 0xff, 0xff, 0xffffffff];

/** Makes a handle of the class that an implementation is for. */
const handles = new Map<SocketKind, (impl: SocketImpl) => Socket>();

/**
 * A handle on an implementation that other handles may share: what sockets of every kind have in
 * common, with the members of POCO's `Socket`. It makes its descriptor when it first needs one, and can
 * be opened again after {@link close}.
 */
export class Socket extends SocketOptions {
  /** @internal Shared with every handle made from this one. */
  protected implementation: SocketImpl;

  /** A stream socket without a descriptor. */
  constructor();
  /** Another handle on `other`'s implementation. */
  constructor(other: Socket | SocketImpl);
  /**
   * socket(2), with a `SOCK_` type and an `IPPROTO_` number. A `StreamSocket` made from the result
   * receives and sends on `SOCK_SEQPACKET`, a `DatagramSocket` on `SOCK_RAW`.
   */
  constructor(family: Family | number, type: number, protocol?: number);
  constructor(other?: Socket | SocketImpl | Family | number, type?: number, protocol = 0) {
    super();
    if (other === undefined) {
      this.implementation = new SocketImpl('stream');
    } else if (other instanceof SocketImpl) {
      this.implementation = other;
    } else if (other instanceof Socket) {
      this.implementation = other.implementation;
    } else if (typeof type === 'number') {
      const af = typeof other === 'number' ? other : familyNumber(other);
      this.implementation = new SocketImpl(kindOfType(type), type, protocol);
      this.implementation.open(af);
    } else {
      throw invalidArgType('other', 'a Socket, its impl(), or a family and a type', other);
    }
  }

  /** @internal The classes above tell how handles of their kind are made. */
  protected static register(kind: SocketKind, make: (impl: SocketImpl) => Socket): void {
    handles.set(kind, make);
  }

  /** @internal A handle of the right class. */
  protected static handle(impl: SocketImpl): Socket {
    return handles.get(impl.kind)?.(impl) ?? new Socket(impl);
  }

  /**
   * Takes over an open descriptor: a `StreamSocket`, `ServerSocket` or `DatagramSocket`, as
   * getsockopt(2) tells its type. From now on the result closes it. `ENOTSOCK`, and the descriptor
   * is left alone, if it is no socket; `ERR_INVALID_ARG_VALUE` if it belongs to another object, in
   * whatever thread.
   */
  static fromFileDescriptor(fd: number): Socket {
    return Socket.handle(SocketImpl.adopt(fd));
  }

  /** socketpair(2): two connected Unix sockets, of `SOCK_STREAM` unless told otherwise. */
  static pair(type: number = constants.SOCK_STREAM): [Socket, Socket] {
    const [first, second] = SocketImpl.pair(type);
    return [Socket.handle(first), Socket.handle(second)];
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
    return this.implementation.type;
  }

  /** Whether the connection is encrypted: never. */
  secure(): boolean {
    return false;
  }

  /**
   * socket(2), for a family by its name or `AF_` number, and a `SOCK_` type of this class. `EISCONN`
   * if there is a descriptor.
   */
  init(family: Family | number, type = this.type(), protocol = 0): void {
    const af = familyNumber(family);
    const impl = this.implementation;
    if (impl.fd !== -1) throw socketError(-constants.EISCONN, 'socket');
    const isDatagram = impl.kind === 'datagram';
    if (isDatagram !== (kindOfType(type) === 'datagram')) {
      throw invalidArgValue('type', `must be one of a ${impl.kind} socket`, type);
    }
    impl.type = type;
    impl.protocol = protocol;
    impl.open(af);
  }

  /** fcntl(2) with `F_DUPFD_CLOEXEC`: another descriptor of the same socket, mode and options. */
  dup(): this {
    return Socket.handle(this.implementation.dup()) as this;
  }

  /**
   * Gives the descriptor away, open, to whoever closes it from now on; another thread takes it by
   * {@link Socket.fromFileDescriptor}. The object can connect again.
   */
  detach(): number {
    this.descriptor('detach');
    return this.implementation.detach();
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

  /** bind(2); Unix sockets have neither option. */
  protected bindTo(address: SocketAddressLike, reuseAddress: boolean, reusePort: boolean): void {
    const local = SocketAddress.from(address);
    boolean('reuseAddress', reuseAddress);
    boolean('reusePort', reusePort);
    this.implementation.open(local.af());
    if (local.family() !== 'unix') {
      if (reuseAddress) this.#reuseAddress();
      if (reusePort) this.setReusePort(true);
    }
    this.implementation.bind(local);
  }

  /**
   * On Windows `SO_REUSEADDR` lets anybody take a port that is in use, and without it a port can be
   * bound again at once; so servers there ask that nobody takes theirs.
   */
  #reuseAddress(): void {
    const { SOL_SOCKET, SO_EXCLUSIVEADDRUSE } = constants;
    if (
      !isWinsock ||
      SO_EXCLUSIVEADDRUSE === undefined ||
      this.implementation.kind === 'datagram'
    ) {
      this.setReuseAddress(true);
    } else {
      this.setOption(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, true);
    }
  }

  /** bind(2) to an IPv6 address, or to a port of any. */
  protected bindTo6(
    address: SocketAddressLike,
    reuseAddress: boolean,
    reusePort: boolean,
    ipV6Only: boolean,
  ): void {
    const local =
      typeof address === 'number'
        ? new SocketAddress('ipv6', address)
        : SocketAddress.from(address);
    if (local.family() !== 'ipv6') {
      throw invalidArgValue('address', 'must be an IPv6 address', local);
    }
    this.implementation.open(local.af());
    this.setIPv6Only(boolean('ipV6Only', ipV6Only));
    this.bindTo(local, reuseAddress, reusePort);
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
    return this.implementation.getOption(level, option, kind, length);
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
    this.implementation.setOption(level, option, value, kind);
  }

  /** {@link poll} on the event loop: true when something of `mode` holds, false when time is over. */
  pollAsync(mode: number, options: WaitOptions = {}): Promise<boolean> {
    return settled(() => {
      const impl = this.implementation;
      const asked = eventsOf(mode);
      this.descriptor('poll');
      const attempt = (): true | typeof NOT_YET => {
        const found = pollDescriptor(impl.fd, asked, 0);
        if (found < 0) throw socketError(found, 'poll');
        impl.notePollEvents(found);
        return (modeOf(found) & mode) === 0 ? NOT_YET : true;
      };
      const onEarlyEnd = (error: unknown): false | typeof NOT_YET =>
        error instanceof TimeoutError ? false : NOT_YET;
      const events = readyEvents(mode) | Ready.Error;
      const wait = new CallWait<boolean>('poll', 'poll', events, attempt, onEarlyEnd);
      return Readiness.of(impl).wait(wait, options);
    });
  }

  /**
   * Calls `callback` on the event loop whenever something of `mode` holds: with the bits, urgent
   * data among them first told when it comes and not again before it is taken. Until `stop()`, or
   * the socket is closed. What the callback does not serve is told again.
   */
  watch(mode: number, callback: (bits: number) => void): Watch {
    if (typeof callback !== 'function') throw invalidArgType('callback', 'a function', callback);
    eventsOf(mode);
    this.descriptor('poll');
    return Readiness.of(this.implementation).watch(mode, callback);
  }

  /** Lets what waits on the event loop keep the process alive: the default. */
  ref(): this {
    Readiness.of(this.implementation).reference(true);
    return this;
  }

  /** Lets the process end though something waits on the event loop. */
  unref(): this {
    Readiness.of(this.implementation).reference(false);
    return this;
  }

  /** Whether what waits keeps the process alive. */
  hasRef(): boolean {
    return Readiness.existing(this.implementation)?.hasReference() ?? true;
  }

  /** Whether the running kernel knows the option for this kind of socket; needs a descriptor. */
  isSupported(option: OptionName): boolean {
    if (!Object.hasOwn(options, option)) {
      throw outOfRange('option', "a name of the option table, such as 'NoDelay'", option);
    }
    const { level, option: number } = options[option];
    this.descriptor('getsockopt');
    if (number === -1) return false;
    const value = Buffer.alloc(64);
    const length = Int32Array.of(value.length);
    const n = native.getsockopt(this.implementation.fd, level, number, value, 0, length);
    return n !== -constants.ENOPROTOOPT && n !== -constants.EOPNOTSUPP;
  }

  /**
   * `TCP_INFO`—every field that the running kernel gives, by its name in struct tcp_info without
   * `tcpi_`: times in microseconds (`last_…` in milliseconds), rates in bytes a second. On macOS it
   * is `TCP_CONNECTION_INFO`, with struct tcp_connection_info and milliseconds.
   */
  tcpInfo(): Record<string, number> {
    const { IPPROTO_TCP, TCP_INFO, TCP_CONNECTION_INFO = -1 } = constants;
    const option = TCP_INFO ?? TCP_CONNECTION_INFO;
    return native.decodeTcpInfo(
      this.implementation.getOption(IPPROTO_TCP, option, 'bytes', LARGEST_TCP_INFO),
    );
  }

  /**
   * `SO_PEERCRED`—who connected a Unix socket: process, user and group at that time. On macOS
   * `LOCAL_PEERCRED` and `LOCAL_PEERPID`.
   */
  peerCredentials(): Credentials {
    const {
      SOL_SOCKET,
      SO_PEERCRED = -1,
      SOL_LOCAL = -1,
      LOCAL_PEERCRED,
      LOCAL_PEERPID = -1,
    } = constants;
    if (LOCAL_PEERCRED === undefined) {
      return native.decodeCredentials(
        this.implementation.getOption(SOL_SOCKET, SO_PEERCRED, 'bytes'),
      );
    }
    const bytes = this.implementation.getOption(SOL_LOCAL, LOCAL_PEERCRED, 'bytes');
    const pid = this.implementation.getOption(SOL_LOCAL, LOCAL_PEERPID, 'int');
    return { pid, ...native.decodePeerCredentials(bytes) };
  }

  /**
   * `SO_ORIGINAL_DST`—where the peer wanted to connect to, before a rule of the packet filter
   * (REDIRECT, DNAT) brought the connection here. `ENOENT` where none did.
   */
  originalDestination(): SocketAddress {
    const { AF_INET6, IPPROTO_IP, IPPROTO_IPV6, IP6T_SO_ORIGINAL_DST = -1 } = constants;
    const { SO_ORIGINAL_DST = -1 } = constants;
    const [level, option] =
      this.address().af() === AF_INET6
        ? [IPPROTO_IPV6, IP6T_SO_ORIGINAL_DST]
        : [IPPROTO_IP, SO_ORIGINAL_DST];
    return SocketAddress.fromBytes(this.implementation.getOption(level, option, 'bytes'));
  }

  /**
   * `SO_ATTACH_FILTER`—from now on only what a program of classic BPF lets through is received, cut
   * to the length that it gives. One to 4096 instructions, as `tcpdump -dd` writes them; on IP
   * sockets they begin at the header of UDP or TCP. `EINVAL` if the kernel finds fault with them.
   */
  attachFilter(instructions: readonly FilterInstruction[]): void {
    if (!Array.isArray(instructions)) {
      throw invalidArgType('instructions', 'an array of instructions', instructions);
    }
    const fields = (instructions as FilterInstruction[]).flatMap(filterFields);
    const { SO_ATTACH_FILTER = -1 } = constants;
    const fd = this.descriptor('setsockopt');
    const { length } = instructions;
    const n = native.attachFilter(fd, SO_ATTACH_FILTER, Int32Array.from(fields), length);
    if (n < 0) throw socketError(n, 'setsockopt');
  }

  /** `SO_DETACH_FILTER`—all is received again. `ENOENT` if there is no filter. */
  detachFilter(): void {
    this.setOption(constants.SOL_SOCKET, constants.SO_DETACH_FILTER ?? -1, 0);
  }

  /** How long a blocking receive first tries without blocking, in microseconds. */
  getSpin(): number {
    return this.implementation.spin * 1000;
  }

  /**
   * A blocking receive first tries without blocking for this many microseconds (0): for programs
   * that have a core of their own, where it saves the wake-up.
   */
  setSpin(microseconds: number): void {
    // Left out it would be for ever.
    if (typeof microseconds !== 'number') {
      throw invalidArgType('microseconds', 'a number', microseconds);
    }
    this.implementation.spin = milliseconds('microseconds', microseconds) / 1000;
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
