/** `SocketStream`: a connected stream socket as Node's `Duplex`, as near to `net.Socket` as can be. */
import { Duplex, addAbortSignal } from 'node:stream';
import { markAsUntransferable } from 'node:worker_threads';
import type { SocketAddress } from './address';
import { finishConnect, sendFrom, sendFromVector } from './async-transfer';
import { isBytes, rest, totalLength } from './buffers';
import { constants, waitsAsAsked, withoutWaiting } from './constants';
import { invalidArgType, outOfRange, socketError, withBytesSent } from './errors';
import { native } from './native';
import { LONGEST_TIMER, Readiness, abortSignal, type Watch } from './readiness';
import type { Socket } from './socket';
import type { SocketImpl } from './socket-impl';
import { receiveUrgent, send, sendVector } from './transfer';
import { SELECT_READ, SELECT_URGENT, milliseconds, pollDescriptor } from './waiting';

const { EAGAIN, EINTR, IOV_MAX, MSG_ERRQUEUE = 0, MSG_OOB, MSG_PEEK, MSG_TRUNC } = constants;

/** How much one receive takes at least and at most: it grows with what comes and is read. */
const LEAST_ROOM = 65_536;
const MOST_ROOM = 1_048_576;

/** How much memory is had at once, for all streams of the thread. */
const SLAB = MOST_ROOM;

/** What fills less is copied, so that it does not keep a slab alive. */
const LEAST_SHARE = 16_384;

/** How many receives one readiness is good for, before the loop goes on. */
const MOST_RECEIVES = 8;

/** The kernel's limit of TCP_KEEPIDLE, in seconds. */
const LONGEST_IDLE = 32_767;

/** Flags that would leave bytes, or not write them: no stream can be made of that. */
const NO_STREAM = MSG_OOB | MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE;

/** How a stream reads, and how it ends. */
export interface SocketStreamOptions {
  /** Whether the stream stays writable when the peer has ended; false ends it too. */
  allowHalfOpen?: boolean;
  highWaterMark?: number;
  readableHighWaterMark?: number;
  writableHighWaterMark?: number;
  /** More flags of each recv(2). */
  receiveFlags?: number;
  /**
   * Bytes go into this memory, or what the function gives, and not to `'data'`. When `callback`
   * returns false no more are received before resume().
   */
  onread?: {
    /** Where to, or who says each time. */
    buffer: Uint8Array | (() => Uint8Array);
    /** What came; false pauses the stream. */
    callback: (length: number, buffer: Uint8Array) => unknown;
  };
  /** Ends the stream with an AbortError. */
  signal?: AbortSignal;
}

type Callback = (error?: Error | null) => void;

/**
 * Where all streams of the thread receive. What is taken belongs to who gets it, and is not written
 * to again.
 */
const slab = {
  memory: Buffer.alloc(0) as Buffer,
  used: 0,

  /** How much can be received at once, up to what is asked for. */
  room(asked: number): number {
    if (this.memory.length - this.used < LEAST_ROOM) {
      this.memory = Buffer.allocUnsafeSlow(SLAB);
      this.used = 0;
      markAsUntransferable(this.memory.buffer);
    }
    return Math.min(asked, this.memory.length - this.used);
  },

  receive(fd: number, room: number, flags: number): number {
    return native.recv(fd, this.memory, this.used, room, flags);
  },

  /** The first bytes of what was received, or a copy of what would keep too much alive. */
  take(length: number): Buffer {
    if (length < LEAST_SHARE) {
      const copy = Buffer.allocUnsafe(length);
      this.memory.copy(copy, 0, this.used, this.used + length);
      return copy;
    }
    const part = this.memory.subarray(this.used, this.used + length);
    // Aligned, as whoever sees numbers in it may want it.
    this.used = (this.used + length + 7) & ~7;
    return part;
  },
};

/**
 * Bytes come by readiness only, and urgent data is taken before normal data is received, so that no
 * urgent byte is destroyed: `'urgent'` gives the byte when it comes, `'mark'` tells when all that
 * was sent before it has been received. The other events are `net.Socket`'s, but for `'lookup'` and
 * those of single attempts to connect. A chunk has up to 1 MiB, and its memory is shared with others,
 * as that of `Buffer.allocUnsafe()` is: it cannot be transferred to another thread.
 */
export class SocketStream extends Duplex {
  /** The socket itself, for its options and addresses. */
  readonly socket: Socket;
  /** Whether connect(2) is under way. */
  connecting: boolean;
  bytesRead = 0;
  /** How many bytes of writes that are over the kernel has taken. */
  #sent = 0;
  /** What setTimeout() has set, in milliseconds. */
  timeout: number | undefined;
  readonly #impl: SocketImpl;
  readonly #receiveFlags: number;
  readonly #onread: SocketStreamOptions['onread'];
  #timer: NodeJS.Timeout | undefined;
  #room = LEAST_ROOM;
  #watch: Watch | undefined;
  #isMarkAhead = false;
  /** The chunks that are urgent bytes. */
  #urgent: WeakSet<Buffer> | undefined;
  /** Whether somebody else closes the socket, or gives its descriptor away. */
  #isGone = false;
  readonly #leave = (): void => {
    this.#isGone = true;
    this.destroy();
  };
  /** Who waits for the end of connecting. */
  #whenConnected: Callback[] = [];
  #peer: SocketAddress | undefined;
  #local: SocketAddress | undefined;

  /** @internal See `StreamSocket.toStream()`. */
  constructor(socket: Socket, options: SocketStreamOptions = {}) {
    const { receiveFlags = 0, allowHalfOpen = false, onread, signal, ...others } = options;
    if ((receiveFlags & NO_STREAM) !== 0) {
      throw outOfRange('receiveFlags', 'without MSG_OOB, MSG_PEEK, MSG_TRUNC', receiveFlags);
    }
    requireOnread(onread);
    abortSignal(signal);
    super({ ...others, allowHalfOpen, emitClose: false, autoDestroy: true, decodeStrings: true });
    this.socket = socket;
    this.#impl = socket.impl();
    this.#receiveFlags = receiveFlags;
    this.#onread = onread;
    // Where no flag does, it is the mode that keeps the calls from waiting.
    if (!waitsAsAsked) socket.setBlocking(false);
    const state = this.#impl.connected;
    this.connecting = state !== true;
    if (this.connecting) {
      if (this.#impl.fd !== -1) this.finishConnecting();
    } else {
      this.#impl.beforeClose(this.#leave);
      this.read(0);
    }
    // Behind all else, as it may have been aborted already.
    if (signal !== undefined) addAbortSignal(signal, this);
  }

  /** @internal Waits for the end of a connect that is under way. */
  finishConnecting(address?: SocketAddress): void {
    finishConnect(this.#impl, address, {}).then(
      () => {
        this.connected();
      },
      (error: unknown) => {
        this.destroy(error as Error);
      },
    );
  }

  /** @internal The socket is connected. */
  connected(): void {
    if (this.destroyed) return;
    this.connecting = false;
    this.#impl.beforeClose(this.#leave);
    this.#refresh();
    this.emit('connect');
    for (const callback of this.#whenConnected.splice(0)) callback();
    this.emit('ready');
    if (!this.isPaused()) this.read(0);
  }

  #afterConnect(callback: () => void, failed: Callback): void {
    if (!this.connecting) {
      callback();
      return;
    }
    this.#whenConnected.push((error) => {
      if (error) failed(error);
      else callback();
    });
  }

  /** @internal */
  override _read(): void {
    if (this.connecting) {
      this.once('connect', () => {
        this._read();
      });
      return;
    }
    if (this.#watch !== undefined || this.#impl.fd === -1) return;
    try {
      this.#watch = Readiness.of(this.#impl).watch(SELECT_READ | SELECT_URGENT, (mode) => {
        this.#serve(mode);
      });
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #pause(): void {
    this.#watch?.stop();
    this.#watch = undefined;
  }

  #serve(mode: number): void {
    this.#refresh();
    if ((mode & SELECT_URGENT) !== 0) this.#takeUrgent();
    if ((mode & SELECT_READ) === 0 || this.#watch === undefined) return;
    if (this.#onread === undefined) this.#receive();
    else this.#receiveInto(this.#onread);
  }

  /** What `call` gives; where it throws, the stream ends with the error. */
  #orDestroy<T>(call: () => T): T | null {
    try {
      return call();
    } catch (error) {
      this.destroy(error as Error);
      return null;
    }
  }

  #takeUrgent(): void {
    const byte = this.#orDestroy(() => receiveUrgent(this.#impl));
    if (byte === null) return;
    this.#isMarkAhead = true;
    this.emit('urgent', byte);
    this.#lookForMark();
  }

  #lookForMark(): void {
    if (!this.#isMarkAhead || this.destroyed) return;
    if (this.#orDestroy(() => this.socket.atUrgentMark()) !== true) return;
    this.#isMarkAhead = false;
    this.emit('mark');
  }

  /** Nothing while it is paused by the callback; the Readable itself never sees these bytes. */
  override resume(): this {
    if (this.#onread !== undefined && !this.destroyed) this._read();
    return super.resume();
  }

  override pause(): this {
    if (this.#onread !== undefined) this.#pause();
    return super.pause();
  }

  #receiveInto({ buffer, callback }: NonNullable<SocketStreamOptions['onread']>): void {
    const memory = typeof buffer === 'function' ? buffer() : buffer;
    if (memory.byteLength === 0) {
      // Receiving nothing looks like the end.
      this.destroy(socketError(-constants.ENOBUFS, 'recv'));
      return;
    }
    const flags = withoutWaiting(this.#receiveFlags);
    const n = native.recv(this.#impl.fd, memory, 0, memory.byteLength, flags);
    if (n <= 0) {
      this.#receivedNothing(n);
      return;
    }
    this.bytesRead += n;
    if (callback(n, memory) === false) this.#pause();
    this.#lookForMark();
  }

  #receive(): void {
    for (let i = 0; i < MOST_RECEIVES; i++) {
      const room = slab.room(this.#room);
      const n = slab.receive(this.#impl.fd, room, withoutWaiting(this.#receiveFlags));
      if (n <= 0) {
        this.#receivedNothing(n);
        return;
      }
      this.bytesRead += n;
      const wantsMore = this.push(slab.take(n));
      this.#expect(n, wantsMore);
      this.#lookForMark();
      if (!wantsMore) this.#pause();
      // Emptied, most likely. Another receive could be at the mark of urgent data that came now.
      if (!wantsMore || n < room || this.#watch === undefined) return;
      if (pollDescriptor(this.#impl.fd, constants.POLLPRI, 0) !== 0) return;
    }
  }

  /** More at once, as long as it comes and whoever reads it keeps up. */
  #expect(n: number, wantsMore: boolean): void {
    if (!wantsMore || n < this.#room / 4) this.#room = LEAST_ROOM;
    else if (n >= this.#room) this.#room = Math.min(2 * this.#room, MOST_ROOM);
  }

  #receivedNothing(n: number): void {
    if (n === -EAGAIN || n === -EINTR) return;
    this.#pause();
    const error = n === 0 ? Readiness.of(this.#impl).takeDeferred() : n;
    if (error < 0) {
      this.destroy(socketError(error, 'recv'));
      return;
    }
    this.push(null);
    // Nobody reads: the end must come all the same, as net.Socket's does.
    if (this.readableLength === 0) this.read(0);
  }

  /** @internal */
  override _write(chunk: Buffer, _encoding: string, callback: Callback): void {
    const flags = this.#flagsOf(chunk);
    this.#send(chunk.length, callback, {
      now: () => send(this.#impl, chunk, withoutWaiting(flags)),
      later: (done) => sendFrom(this.#impl, chunk, flags, done, chunk.length - done, {}),
    });
  }

  #flagsOf(chunk: Buffer | undefined): number {
    return chunk !== undefined && this.#urgent?.has(chunk) === true ? MSG_OOB : 0;
  }

  /** @internal Everything that was corked, in one sendmsg(2), up to `IOV_MAX` chunks and urgent bytes. */
  override _writev(chunks: { chunk: Buffer }[], callback: Callback): void {
    const buffers = chunks.map(({ chunk }) => chunk);
    const length = totalLength(buffers);
    this.#send(length, callback, {
      now: () => {
        const part = this.#partOf(buffers);
        return sendVector(this.#impl, part, withoutWaiting(this.#flagsOf(part[0])));
      },
      later: (done) => this.#sendRest(buffers, done, length),
    });
  }

  /** What one call can send: the kernel takes `IOV_MAX` buffers at once, and an urgent byte alone. */
  #partOf(buffers: Buffer[]): Buffer[] {
    if (this.#urgent === undefined) return buffers.slice(0, IOV_MAX);
    const at = buffers.findIndex((buffer) => this.#flagsOf(buffer) !== 0);
    return buffers.slice(0, at === -1 ? IOV_MAX : Math.min(Math.max(at, 1), IOV_MAX));
  }

  /** In as few calls as the kernel allows. */
  async #sendRest(buffers: Buffer[], done: number, length: number): Promise<number> {
    let sent = 0;
    while (done + sent < length) {
      const part = this.#partOf(rest(buffers, done + sent) as Buffer[]);
      try {
        sent += await sendFromVector(this.#impl, part, this.#flagsOf(part[0]), {});
      } catch (error) {
        const { bytesSent = 0 } = error as { bytesSent?: number };
        throw withBytesSent(error as Error, sent + bytesSent);
      }
    }
    return sent;
  }

  #send(
    length: number,
    callback: Callback,
    { now, later }: { now: () => number; later: (done: number) => Promise<number> },
  ): void {
    const start = (): void => {
      this.#refresh();
      let done: number;
      try {
        done = Math.max(0, now());
      } catch (error) {
        callback(error as Error);
        return;
      }
      if (done === length) {
        this.#sent += length;
        callback();
        return;
      }
      later(done).then(
        () => {
          this.#sent += length;
          this.#refresh();
          callback();
        },
        (error: unknown) => {
          this.#sent += done + ((error as { bytesSent?: number }).bytesSent ?? 0);
          callback(error as Error);
        },
      );
    };
    this.#afterConnect(start, callback);
  }

  /** @internal shutdown(2), when all is written. */
  override _final(callback: Callback): void {
    const finish = (): void => {
      const n = native.shutdown(this.#impl.fd, constants.SHUT_WR);
      const isGone = n === -constants.ENOTCONN;
      callback(n < 0 && !isGone ? socketError(n, 'shutdown') : null);
    };
    this.#afterConnect(finish, callback);
  }

  /** @internal */
  override _destroy(error: Error | null, callback: Callback): void {
    clearTimeout(this.#timer);
    this.#pause();
    this.connecting = false;
    this.#rememberAddresses();
    this.#impl.forget(this.#leave);
    if (!this.#isGone) this.socket.close();
    callback(error);
    // Behind what this turn of the loop still brings, as a libuv handle tells that it is closed.
    setImmediate(() => {
      this.emit('close', error !== null);
      for (const failed of this.#whenConnected.splice(0)) failed(closedBeforeConnection(error));
    });
  }

  /** One byte of urgent data, by send(2) with `MSG_OOB`, behind what was written before. */
  writeUrgent(byte: number, callback?: Callback): void {
    const chunk = Buffer.of(urgentByte(byte));
    if (callback !== undefined && typeof callback !== 'function') {
      throw invalidArgType('callback', 'a function', callback);
    }
    (this.#urgent ??= new WeakSet()).add(chunk);
    this.write(chunk, callback);
  }

  /** What was written, while connecting too; when it is closed, what the kernel has taken of that. */
  get bytesWritten(): number {
    return this.#sent + this.writableLength;
  }

  /** Whether it is not connected yet, or no more. */
  get pending(): boolean {
    return this.connecting || this.#impl.fd === -1;
  }

  /** As `net.Socket` tells it. */
  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.readable && this.writable) return 'open';
    if (this.readable) return 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  #rememberAddresses(): void {
    if (this.#impl.fd === -1) return;
    try {
      this.#local ??= this.socket.address();
      this.#peer ??= this.socket.peerAddress();
    } catch {
      // A peer that is gone has no address; then there is none to remember.
    }
  }

  #ip(
    address: SocketAddress | undefined,
  ): { address: string; port: number; family: string } | undefined {
    const family = address?.family();
    if (address === undefined || (family !== 'ipv4' && family !== 'ipv6')) return undefined;
    return {
      address: address.host(),
      port: address.port(),
      family: family === 'ipv4' ? 'IPv4' : 'IPv6',
    };
  }

  #peerIp(): { address: string; port: number; family: string } | undefined {
    if (!this.connecting) this.#rememberAddresses();
    return this.#ip(this.#peer);
  }

  #localIp(): { address: string; port: number; family: string } | undefined {
    if (!this.connecting) this.#rememberAddresses();
    return this.#ip(this.#local);
  }

  /** getpeername(2): the peer's address; undefined when there is none. */
  get remoteAddress(): string | undefined {
    return this.#peerIp()?.address;
  }

  /** getpeername(2): the peer's port. */
  get remotePort(): number | undefined {
    return this.#peerIp()?.port;
  }

  /** `'IPv4'` or `'IPv6'`. */
  get remoteFamily(): string | undefined {
    return this.#peerIp()?.family;
  }

  /** getsockname(2): the own address. */
  get localAddress(): string | undefined {
    return this.#localIp()?.address;
  }

  /** getsockname(2): the own port. */
  get localPort(): number | undefined {
    return this.#localIp()?.port;
  }

  /** `'IPv4'` or `'IPv6'`. */
  get localFamily(): string | undefined {
    return this.#localIp()?.family;
  }

  /** The own address, as `net.Socket` gives it; empty where it is not IP's. */
  address(): { address: string; port: number; family: string } | Record<string, never> {
    return this.#localIp() ?? {};
  }

  /** `TCP_NODELAY`; nothing on other sockets. */
  setNoDelay(on = true): this {
    return this.#whenOpen(() => {
      if (this.socket.isSupported('NoDelay')) this.socket.setNoDelay(on);
    });
  }

  /** `SO_KEEPALIVE`, and `TCP_KEEPIDLE` of `initialDelay` milliseconds, on TCP, unless it is 0. */
  setKeepAlive(on = false, initialDelay = 0): this {
    if (typeof initialDelay !== 'number') {
      throw invalidArgType('initialDelay', 'a number of milliseconds', initialDelay);
    }
    return this.#whenOpen(() => {
      this.socket.setKeepAlive(on);
      const seconds = Math.min(Math.floor(initialDelay / 1000), LONGEST_IDLE);
      const hasIdle = this.socket.isSupported('KeepAliveIdle');
      if (on && seconds > 0 && hasIdle) this.socket.setKeepAliveIdle(seconds);
    });
  }

  #whenOpen(set: () => void): this {
    if (this.#impl.fd !== -1) set();
    else if (this.connecting) this.once('connect', set);
    return this;
  }

  /** `'timeout'` after so many milliseconds without traffic; 0 for never. It ends nothing. */
  setTimeout(timeout: number, callback?: () => void): this {
    this.timeout = milliseconds('timeout', timeout);
    if (callback) {
      if (timeout === 0) this.removeListener('timeout', callback);
      else this.once('timeout', callback);
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (timeout === 0 || timeout > LONGEST_TIMER || this.destroyed) return this;
    this.#timer = setTimeout(() => {
      this.emit('timeout');
    }, timeout).unref();
    return this;
  }

  #refresh(): void {
    this.#timer?.refresh();
  }

  /** Lets the stream keep the process alive: the default. */
  ref(): this {
    return this.#whenOpen(() => {
      this.socket.ref();
    });
  }

  /** Lets the process end though the stream is open. */
  unref(): this {
    return this.#whenOpen(() => {
      this.socket.unref();
    });
  }

  /** Ends, and destroys when all is written. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Closes by a reset (RST): `SO_LINGER` of 0 seconds. */
  resetAndDestroy(): this {
    if (this.connecting) return this.once('connect', () => this.resetAndDestroy());
    if (this.#impl.fd === -1) return this.destroy(socketError(-constants.EBADF, 'close'));
    this.socket.setLinger(true, 0);
    return this.destroy();
  }
}

/** What Node's own socket says of a write that its connection never took. */
function closedBeforeConnection(cause: Error | null): Error {
  const error = new Error('Socket closed before the connection was established', { cause });
  return Object.assign(error, { code: 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION' });
}

function requireOnread(onread: SocketStreamOptions['onread']): void {
  if (onread === undefined) return;
  const { buffer, callback } = Object(onread) as Partial<NonNullable<typeof onread>>;
  if (typeof callback !== 'function') {
    throw invalidArgType('onread.callback', 'a function', callback);
  }
  if (typeof buffer !== 'function' && !isBytes(buffer)) {
    throw invalidArgType('onread.buffer', 'a Uint8Array, or a function that gives one', buffer);
  }
}

function urgentByte(byte: number): number {
  if (Number.isInteger(byte) && byte >= 0 && byte <= 0xff) return byte;
  throw outOfRange('byte', 'an integer from 0 to 255', byte);
}
