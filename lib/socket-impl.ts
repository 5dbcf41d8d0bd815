/**
 * The implementation that socket handles share: one descriptor, when it is open, and what the
 * kernel does not keep for us about it.
 */
import type { SocketAddress } from './address';
import { constants } from './constants';
import { socketError, timeoutError } from './errors';
import { native } from './native';
import { getOption, options, setOption } from './options';
import { pollDescriptor, timeLeft } from './waiting';

/** What a handle on an implementation may be. */
export type SocketKind = 'stream' | 'server';

const NO_DESCRIPTOR = -1;
const { EINTR, EAGAIN, EINPROGRESS, EALREADY, POLLOUT, POLLERR, POLLHUP } = constants;
/** Flags with which a call never waits. */
const NEVER_WAITS = constants.MSG_DONTWAIT | constants.MSG_OOB | (constants.MSG_ERRQUEUE ?? 0);

let created = 0;

export class SocketImpl {
  /** Its place in the order of creation. */
  readonly id = created++;
  /** The descriptor, -1 if there is none. */
  fd = NO_DESCRIPTOR;
  /** The mode that the descriptor has, or will have when it is made. */
  blocking = true;
  /** SO_RCVTIMEO and SO_SNDTIMEO in milliseconds, for deadlines across signals; 0 is none. */
  receiveTimeout = 0;
  sendTimeout = 0;
  /** Whether there is or was a peer; while connectNB() is under way nobody knows yet. */
  connected: boolean | 'pending' = false;
  #owner: object | undefined;

  constructor(readonly kind: SocketKind) {}

  /** Makes the descriptor, unless there is one: socket(2). */
  open(family: number): void {
    if (this.fd !== NO_DESCRIPTOR) return;
    const fd = native.socket(family, constants.SOCK_STREAM, 0);
    if (fd < 0) throw socketError(fd, 'socket');
    this.attach(fd);
    if (!this.blocking) this.#applyMode();
  }

  /** Takes over an open descriptor. */
  attach(fd: number): void {
    this.fd = fd;
    this.#owner = native.own(fd);
  }

  /** close(2). Its errors tell nothing that could be acted upon: the descriptor is gone. */
  close(): void {
    if (this.#owner === undefined) return;
    const { fd } = this;
    native.disown(this.#owner);
    this.#owner = undefined;
    this.fd = NO_DESCRIPTOR;
    this.connected = false;
    this.receiveTimeout = 0;
    this.sendTimeout = 0;
    native.close(fd);
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

  /** fcntl(2) with `F_GETFL`: the mode that the descriptor really has. */
  getBlocking(): boolean {
    if (this.fd !== NO_DESCRIPTOR) {
      const flags = native.fcntl(this.fd, constants.F_GETFL);
      if (flags < 0) throw socketError(flags, 'fcntl');
      this.blocking = (flags & constants.O_NONBLOCK) === 0;
    }
    return this.blocking;
  }

  /**
   * Makes a call again that a signal has interrupted. The kernel would begin its timeout anew each
   * time, so it is set to what is left, and put back afterwards.
   */
  afterSignal(
    name: 'ReceiveTimeout' | 'SendTimeout',
    started: number,
    call: (fd: number) => number,
  ): number {
    const timeout = name === 'ReceiveTimeout' ? this.receiveTimeout : this.sendTimeout;
    if (timeout > 0) return this.#withinTimeLeft(name, timeout, started, call);
    let n: number;
    do n = call(this.fd);
    while (n === -EINTR);
    return n;
  }

  #withinTimeLeft(
    name: 'ReceiveTimeout' | 'SendTimeout',
    timeout: number,
    started: number,
    call: (fd: number) => number,
  ): number {
    const { level, option, kind } = options[name];
    let n = -EINTR;
    try {
      while (n === -EINTR) {
        const left = timeLeft(timeout, started);
        if (left === 0) return -EAGAIN;
        setOption(this.fd, level, option, left, kind);
        n = call(this.fd);
      }
      return n;
    } finally {
      setOption(this.fd, level, option, timeout, kind);
    }
  }

  /** Whether a call with these flags returns at once, whatever the descriptor's mode. */
  isNonblocking(flags: number): boolean {
    // Only where all seems to block is the kernel asked: somebody may have set O_NONBLOCK.
    return !this.blocking || (flags & NEVER_WAITS) !== 0 || !this.getBlocking();
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
    if (timeout === Infinity && this.blocking) {
      this.#finishConnect(native.connect(this.fd, address.sockaddr), address, Infinity);
    } else if (address.family() === 'unix') {
      this.#connectUnix(address, timeout);
    } else {
      this.#connectWithin(address, timeout);
    }
    this.connected = true;
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
      } while (n === -EINTR);
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
