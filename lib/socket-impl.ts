/**
 * The implementation that socket handles share: one descriptor, when it is open, and what the
 * kernel does not keep for us about it.
 */
import type { SocketAddress } from './address';
import { AddressRoom } from './address';
import { constants, isWinsock, waitsAsAsked, withoutWaiting } from './constants';
import { Descriptor, NO_DESCRIPTOR } from './descriptor';
import { invalidArgType, invalidArgValue, socketError, timeoutError } from './errors';
import { again } from './interrupted';
import { native, type Bytes } from './native';
import {
  getOption,
  options,
  setOption,
  type Option,
  type OptionKind,
  type OptionResults,
  type OptionValues,
} from './options';
import { interruption, pollDescriptor, startedAt, timeLeft } from './waiting';

/** What a handle on an implementation may be; a datagram socket is one that keeps messages apart. */
export type SocketKind = 'stream' | 'server' | 'datagram';

/** The kind of a `SOCK_` type; with listen(2) a stream's becomes a server's. */
export function kindOfType(type: number): SocketKind {
  const isStream = type === constants.SOCK_STREAM || type === constants.SOCK_SEQPACKET;
  return isStream ? 'stream' : 'datagram';
}

const { EINTR, EAGAIN, EINPROGRESS, EALREADY, POLLOUT, POLLERR, POLLHUP } = constants;
/** Flags with which a call never waits. */
const NEVER_WAITS = withoutWaiting(constants.MSG_OOB | (constants.MSG_ERRQUEUE ?? 0));

let created = 0;

/**
 * What handles share, POCO's `SocketImpl`: the open descriptor, and what the kernel does not tell
 * about it.
 */
export class SocketImpl extends Descriptor {
  /** Its place in the order of creation. */
  readonly id = created++;
  /** The mode that the descriptor has, or will have when it is made. */
  blocking = true;
  /** SO_RCVTIMEO and SO_SNDTIMEO in milliseconds, for deadlines across signals; 0 is none. */
  receiveTimeout = 0;
  sendTimeout = 0;
  /** Whether there is or was a peer; while connectNB() is under way nobody knows yet. */
  connected: boolean | 'pending' = false;
  /** How long a blocking receive tries without blocking, in milliseconds. */
  spin = 0;
  /** The buffers of MSG_ZEROCOPY sends, by the number that the kernel gives each. */
  #held: Map<number, Bytes> | undefined;
  #zeroCopySends = 0;

  constructor(
    readonly kind: SocketKind,
    /** The `SOCK_` number. */
    public type: number = kind === 'datagram' ? constants.SOCK_DGRAM : constants.SOCK_STREAM,
    /** The `IPPROTO_` number, 0 for the type's usual one. */
    public protocol = 0,
  ) {
    super();
  }

  /** An implementation on an open descriptor, of what kind, mode and state getsockopt(2) tells. */
  static adopt(fd: number, asked?: SocketKind, isBorrowed = false): SocketImpl {
    const { SO_TYPE, SO_PROTOCOL, SO_ACCEPTCONN } = constants;
    const ask = (option: number): number => getOption(fd, constants.SOL_SOCKET, option, 'int');
    const type = ask(SO_TYPE);
    const kind = ask(SO_ACCEPTCONN) !== 0 ? 'server' : kindOfType(type);
    if (asked !== undefined && asked !== kind) {
      throw invalidArgValue('fd', `must be of a ${asked} socket; it is of a ${kind} socket`, fd);
    }
    const impl = new SocketImpl(kind, type, SO_PROTOCOL === undefined ? 0 : ask(SO_PROTOCOL));
    if (!isWinsock) {
      const flags = native.fcntl(fd, constants.F_SETFD, constants.FD_CLOEXEC);
      if (flags < 0) throw socketError(flags, 'fcntl');
    }
    const peer = new AddressRoom();
    impl.connected = native.getpeername(fd, peer.bytes, peer.length) >= 0;
    if (isBorrowed) impl.borrow(fd);
    else impl.takeOver(fd);
    try {
      if (isWinsock) impl.setBlocking(true);
      impl.getBlocking();
      impl.receiveTimeout = impl.get(options.ReceiveTimeout);
      impl.sendTimeout = impl.get(options.SendTimeout);
    } catch (error) {
      // The number stays the caller's.
      impl.detach();
      throw error;
    }
    return impl;
  }

  /** Makes the descriptor, unless there is one: socket(2). */
  open(family: number): void {
    if (this.fd !== NO_DESCRIPTOR) return;
    const fd = native.socket(family, this.type, this.protocol);
    if (fd < 0) throw socketError(fd, 'socket');
    this.attach(fd);
    if (!this.blocking) this.#applyMode();
  }

  override detach(): number {
    const fd = super.detach();
    this.connected = false;
    this.#held = undefined;
    this.#zeroCopySends = 0;
    this.receiveTimeout = 0;
    this.sendTimeout = 0;
    return fd;
  }

  /** Another implementation on the same socket: fcntl(2) with `F_DUPFD_CLOEXEC`. */
  dup(): SocketImpl {
    const fd = native.dup(this.fd);
    if (fd < 0) throw socketError(fd, 'dup');
    const copy = new SocketImpl(this.kind, this.type, this.protocol);
    copy.attach(fd);
    copy.blocking = this.blocking;
    copy.connected = this.connected;
    copy.receiveTimeout = this.receiveTimeout;
    copy.sendTimeout = this.sendTimeout;
    return copy;
  }

  /** socketpair(2) of Unix sockets. */
  static pair(type: number, asked?: SocketKind): [SocketImpl, SocketImpl] {
    if (typeof type !== 'number') throw invalidArgType('type', 'a SOCK_ number', type);
    if (asked !== undefined && asked !== kindOfType(type)) {
      throw invalidArgValue('type', `must be one of a ${asked} socket`, type);
    }
    const fds = new Int32Array(2);
    const n = native.socketpair(constants.AF_UNIX, type, 0, fds);
    if (n < 0) throw socketError(n, 'socketpair');
    const [first, second] = [...fds].map((fd) => {
      const impl = new SocketImpl(kindOfType(type), type);
      impl.attach(fd);
      impl.connected = true;
      return impl;
    });
    return [first as SocketImpl, second as SocketImpl];
  }

  /** getsockopt(2), for an option of the table. */
  get<Kind extends OptionKind>({ level, option, kind }: Option<Kind>): OptionResults[Kind] {
    return this.getOption(level, option, kind);
  }

  /** setsockopt(2), for an option of the table. */
  set<Kind extends OptionKind>(
    { level, option, kind }: Option<Kind>,
    value: OptionValues[Kind],
  ): void {
    this.setOption(level, option, value, kind);
  }

  /** getsockopt(2) */
  getOption<Kind extends OptionKind>(
    level: number,
    option: number,
    kind: Kind,
    length?: number,
  ): OptionResults[Kind] {
    return getOption(this.fd, level, option, kind, length);
  }

  /** setsockopt(2). A deadline across signals needs the timeouts that the kernel has. */
  setOption<Kind extends OptionKind>(
    level: number,
    option: number,
    value: OptionValues[Kind],
    kind?: Kind,
  ): void {
    setOption(this.fd, level, option, value, kind);
    const { ReceiveTimeout, SendTimeout } = options;
    if (level !== constants.SOL_SOCKET) return;
    if (option === ReceiveTimeout.option) {
      this.receiveTimeout = kind === 'timeval' ? (value as number) : this.get(ReceiveTimeout);
    } else if (option === SendTimeout.option) {
      this.sendTimeout = kind === 'timeval' ? (value as number) : this.get(SendTimeout);
    }
  }

  #applyMode(): void {
    const n = native.ioctl(this.fd, constants.FIONBIO, Int32Array.of(this.blocking ? 0 : 1));
    if (n < 0) throw socketError(n, 'ioctl');
  }

  /** ioctl(2) with `FIONBIO`; without a descriptor the mode is kept for when there is one. */
  setBlocking(on: boolean): void {
    const previous = this.blocking;
    this.blocking = on;
    if (this.fd === NO_DESCRIPTOR) return;
    try {
      this.#applyMode();
    } catch (error) {
      this.blocking = previous;
      throw error;
    }
  }

  /**
   * fcntl(2) with `F_GETFL`: the mode that the descriptor really has. Windows cannot be asked for
   * it; there it is what was set here.
   */
  getBlocking(): boolean {
    if (this.fd !== NO_DESCRIPTOR && !isWinsock) {
      const flags = native.fcntl(this.fd, constants.F_GETFL);
      if (flags < 0) throw socketError(flags, 'fcntl');
      this.blocking = (flags & constants.O_NONBLOCK) === 0;
    }
    return this.blocking;
  }

  /** Makes a call again that a signal has interrupted, within the time left. */
  afterSignal(
    name: 'ReceiveTimeout' | 'SendTimeout',
    started: number,
    call: (fd: number) => number,
  ): number {
    const timeout = name === 'ReceiveTimeout' ? this.receiveTimeout : this.sendTimeout;
    return again(this.fd, options[name], timeout, started, () => call(this.fd));
  }

  /** Whether a call with these flags returns at once, whatever the descriptor's mode. */
  isNonblocking(flags: number): boolean {
    // Only where all seems to block is the kernel asked: somebody may have set O_NONBLOCK.
    return !this.blocking || this.neverWaits(flags) || !this.getBlocking();
  }

  /** Whether a call with these flags returns at once also on the event loop. */
  neverWaits(flags: number): boolean {
    return (flags & NEVER_WAITS) !== 0;
  }

  /** The event loop's watcher has made the descriptor nonblocking. */
  override restoreMode(): void {
    if (isWinsock) this.#applyMode();
  }

  /**
   * A call with the flags that `withoutWaiting` gives, as one that never waits: it is the call
   * itself, unless the system does not heed the flag.
   */
  neverWaiting<Args extends unknown[], T>(call: (...args: Args) => T): (...args: Args) => T {
    return waitsAsAsked ? call : (...args) => this.withoutBlocking(() => call(...args));
  }

  /** A call that has no flag for it, made without blocking; the mode stays as it was. */
  withoutBlocking<T>(call: () => T): T {
    const wasBlocking = this.getBlocking();
    if (!wasBlocking) return call();
    this.setBlocking(false);
    try {
      return call();
    } finally {
      // What the call gave must not be lost: if the mode cannot be put back, getBlocking() tells.
      const isOpen = this.fd !== NO_DESCRIPTOR;
      const n = isOpen ? native.ioctl(this.fd, constants.FIONBIO, Int32Array.of(0)) : 0;
      this.blocking = n === 0;
    }
  }

  /** bind(2) */
  bind(address: SocketAddress): void {
    this.open(address.af());
    const n = native.bind(this.fd, address.sockaddr);
    if (n < 0) throw socketError(n, 'bind', address.toEndpoint());
  }

  /** connect(2), to its end, within `timeout` milliseconds. */
  connect(address: SocketAddress, timeout: number): void {
    this.open(address.af());
    const kept =
      !waitsAsAsked && this.blocking && this.sendTimeout > 0 ? this.sendTimeout : Infinity;
    const limit = Math.min(timeout, kept);
    if (limit === Infinity && this.blocking) {
      this.#connectBlocking(address);
    } else if (address.family() === 'unix' && !isWinsock) {
      this.#connectUnix(address, limit);
    } else {
      this.#connectWithin(address, limit);
    }
    this.connected = true;
  }

  /** After a signal a connect goes on in the background, but a Unix one has not begun. */
  #connectBlocking(address: SocketAddress): void {
    const call = (fd: number): number => native.connect(fd, address.sockaddr);
    const started = startedAt(this.sendTimeout);
    let n = call(this.fd);
    if (n === -EINTR && address.family() === 'unix') {
      n = this.afterSignal('SendTimeout', started, call);
      if (n === -EINTR) throw socketError(n, 'connect', address.toEndpoint());
    }
    this.#finishConnect(n, address, Infinity);
  }

  /** Without blocking: connect(2), poll(2), SO_ERROR. */
  #connectWithin(address: SocketAddress, timeout: number): void {
    const wasBlocking = this.getBlocking();
    if (wasBlocking) this.setBlocking(false);
    try {
      this.#finishConnect(native.connect(this.fd, address.sockaddr), address, timeout);
    } finally {
      // After a timeout there is no descriptor; the mode is then kept for the next.
      if (wasBlocking) this.setBlocking(true);
    }
  }

  /**
   * A Unix connect never is "in progress": it waits for room in the backlog, or fails. So it is the
   * kernel that keeps the time, by SO_SNDTIMEO.
   */
  #connectUnix(address: SocketAddress, timeout: number): void {
    const { level, option, kind } = options.SendTimeout;
    const started = performance.now();
    const wasBlocking = this.getBlocking();
    const previous = getOption(this.fd, level, option, kind);
    if (!wasBlocking) this.setBlocking(true);
    let n: number;
    try {
      do {
        // For the kernel 0 is "for ever".
        const left = timeout === Infinity ? 0 : Math.max(timeLeft(timeout, started), 1e-3);
        setOption(this.fd, level, option, left, kind);
        n = native.connect(this.fd, address.sockaddr);
      } while (n === -EINTR && !interruption.isLetIn);
    } finally {
      setOption(this.fd, level, option, previous, kind);
      if (!wasBlocking) this.setBlocking(false);
    }
    if (n === -EAGAIN) this.#connectTimedOut(address);
    if (n < 0) throw socketError(n, 'connect', address.toEndpoint());
  }

  /** Waits for a connect that goes on in the background. */
  #finishConnect(result: number, address: SocketAddress, timeout: number): void {
    const isBlockingTimeout = this.blocking && (result === -EINPROGRESS || result === -EAGAIN);
    // The kernel's own send timeout ended a blocking connect.
    if (isBlockingTimeout) this.#connectTimedOut(address);
    let error = result;
    if (result === -EINPROGRESS || result === -EINTR || result === -EALREADY) {
      const limit = this.blocking && this.sendTimeout > 0 ? this.sendTimeout : timeout;
      const events = pollDescriptor(this.fd, POLLOUT, limit);
      if (events === 0) this.#connectTimedOut(address);
      error = events < 0 ? events : -this.takeError();
    }
    if (error < 0) throw socketError(error, 'connect', address.toEndpoint());
  }

  /** Closes, so that the object can connect again, and the late peer finds nobody. */
  #connectTimedOut(address: SocketAddress): never {
    this.close();
    throw timeoutError('connect', address.toEndpoint());
  }

  /** connect(2) without blocking, now and from then on. */
  connectNB(address: SocketAddress): void {
    this.open(address.af());
    if (this.getBlocking()) this.setBlocking(false);
    const n = native.connect(this.fd, address.sockaddr);
    if (n < 0 && n !== -EINPROGRESS && n !== -EINTR) {
      throw socketError(n, 'connect', address.toEndpoint());
    }
    this.connected = n === 0 ? true : 'pending';
  }

  /** Keeps the buffer of a MSG_ZEROCOPY send until {@link release}. */
  holdUntilSent(buffer: Bytes): void {
    this.#held = (this.#held ?? new Map<number, Bytes>()).set(this.#zeroCopySends, buffer);
    this.#zeroCopySends = (this.#zeroCopySends + 1) >>> 0;
  }

  /** The sends from `first` to `last`, which may wrap around, are done. */
  release(first: number, last: number): void {
    for (let id = first; ; id = (id + 1) >>> 0) {
      this.#held?.delete(id);
      if (id === last) return;
    }
  }

  /** How many buffers are held. */
  held(): number {
    return this.#held?.size ?? 0;
  }

  /** What poll(2) saw tells whether a pending connect came to its end. */
  notePollEvents(events: number): void {
    const isConnected = (events & (POLLOUT | POLLERR | POLLHUP)) === POLLOUT;
    if (this.connected === 'pending' && isConnected) this.connected = true;
  }

  /** `SO_ERROR`, which reading clears. */
  takeError(): number {
    return getOption(this.fd, constants.SOL_SOCKET, constants.SO_ERROR, 'int');
  }
}
