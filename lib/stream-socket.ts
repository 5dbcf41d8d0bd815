/** `StreamSocket`: connecting, receiving and sending, with POCO's members and meaning. */
import {
  AddressRoom,
  SocketAddress,
  familyNumber,
  type Family,
  type SocketAddressLike,
} from './address';
import { isBytes, rest, totalLength, type SocketBufVec } from './buffers';
import { constants } from './constants';
import { invalidArgType, outOfRange, socketError, timeoutError, withBytesSent } from './errors';
import { FIFOBuffer } from './fifo-buffer';
import { GrowableBuffer } from './growable-buffer';
import { native, type Bytes } from './native';
import { SELECT_READ, SELECT_URGENT, Socket, WOULD_BLOCK } from './socket';
import { SocketImpl } from './socket-impl';
import { milliseconds, pollDescriptor, startedAt } from './waiting';

const { EINTR, EAGAIN, EINVAL, ENOTCONN, MSG_DONTWAIT, MSG_OOB, POLLIN, POLLPRI } = constants;

/** How long {@link StreamSocket.receiveBytes} waits for a {@link GrowableBuffer}, in ms. */
const GROWABLE_TIMEOUT = 100;

const A_BUFFER =
  'an ArrayBufferView, an ArrayBuffer, an array of them, a FIFOBuffer or a GrowableBuffer';

/** The byte of urgent calls; they never overlap on one thread. */
const urgentByte = new Uint8Array(1);

export interface OutgoingMessage {
  /** One buffer, or several that are sent in order. */
  data?: Bytes | readonly Bytes[];
  /** Where to, for sockets without a peer. */
  address?: SocketAddressLike;
  flags?: number;
}

export interface MessageRequest {
  /** The buffers to fill, in order. */
  buffers?: readonly Bytes[];
  flags?: number;
}

export interface IncomingMessage {
  /** How many bytes came, 0 at the end of the stream, `WOULD_BLOCK`. */
  bytes: number;
  /** msg_flags, such as `MSG_OOB` or `MSG_TRUNC`. */
  flags: number;
  /** The sender's address, where the kernel tells it. */
  address: SocketAddress | null;
}

export interface MarkResult {
  /** How many bytes came before the mark, 0 at the mark or the end, `WOULD_BLOCK`. */
  bytes: number;
  /** Whether the next byte is behind the urgent mark. */
  atMark: boolean;
}

export class StreamSocket extends Socket {
  /** No call; the descriptor is made by connect. */
  constructor();
  /** socket(2) at once, so that options can be set before connect. */
  constructor(family: Family);
  /** Connected, by a blocking connect(2). */
  constructor(address: SocketAddressLike);
  /** Another handle on `socket`'s implementation, which must be a stream's. */
  constructor(socket: Socket | SocketImpl);
  constructor(what?: SocketAddressLike | Family | Socket | SocketImpl) {
    if (what instanceof Socket || what instanceof SocketImpl) {
      super(Socket.share(what, 'stream'));
      return;
    }
    super();
    if (what === 'ipv4' || what === 'ipv6' || what === 'unix') {
      this.implementation.open(familyNumber(what));
    } else if (what !== undefined) {
      try {
        this.connect(what);
      } catch (error) {
        this.close();
        throw error;
      }
    }
  }

  /**
   * connect(2), to its end whatever the mode, which stays as it was; a signal does not break it.
   * When `timeout` milliseconds are over: {@link TimeoutError}, and the socket is closed, so that it
   * can connect again. After another error the descriptor stays open.
   */
  connect(address: SocketAddressLike, timeout?: number): void {
    const limit = milliseconds('timeout', timeout);
    this.implementation.connect(SocketAddress.from(address), limit);
  }

  /**
   * connect(2) in nonblocking mode, which stays. `poll(timeout, SELECT_WRITE)` waits for the end,
   * `getError()` tells whether there is a connection.
   */
  connectNB(address: SocketAddressLike): void {
    this.implementation.connectNB(SocketAddress.from(address));
  }

  /** bind(2), before connecting. */
  bind(address: SocketAddressLike, reuseAddress = false): void {
    const local = SocketAddress.from(address);
    this.implementation.open(local.af());
    if (reuseAddress) this.setReuseAddress(true);
    this.implementation.bind(local);
  }

  /**
   * One recv(2) with exactly these flags, into `length` bytes from `offset`. The count; 0 at the end
   * of the stream; `WOULD_BLOCK`. In blocking mode {@link TimeoutError} when nothing came within the
   * receive timeout, which signals do not lengthen.
   */
  receiveBytes(buffer: Bytes, flags?: number, offset?: number, length?: number): number;
  /** recvmsg(2) into several buffers, in order, flags honoured. */
  receiveBytes(buffers: SocketBufVec, flags?: number): number;
  /**
   * Waits at most `timeout` milliseconds (100) for data, grows the buffer to what is there, and
   * receives; the buffer's size is what came. {@link TimeoutError} when nothing did.
   */
  receiveBytes(buffer: GrowableBuffer, flags?: number, timeout?: number): number;
  /** recv(2) into the room of a FIFO, which must have some: nothing received is ever lost. */
  receiveBytes(fifo: FIFOBuffer): number;
  receiveBytes(
    buffer: Bytes | SocketBufVec | GrowableBuffer | FIFOBuffer,
    flags = 0,
    offset?: number,
    length?: number,
  ): number {
    if (!ArrayBuffer.isView(buffer)) return this.#receiveOther(buffer, flags, offset, length);
    return this.#receive(buffer, flags, offset, length);
  }

  /** The hot path: one native call, one comparison. */
  #receive(buffer: Bytes, flags: number, offset = 0, length = buffer.byteLength - offset): number {
    const impl = this.implementation;
    const started = startedAt(impl.receiveTimeout);
    const n = native.recv(impl.fd, buffer, offset, length, flags);
    return n >= 0 ? n : this.#receiveAgain(n, started, buffer, flags, offset, length);
  }

  #receiveAgain(
    n: number,
    started: number,
    buffer: Bytes,
    flags: number,
    offset: number,
    length: number,
  ): number {
    return this.#received(n, 'recv', flags, started, (fd) =>
      native.recv(fd, buffer, offset, length, flags),
    );
  }

  #receiveOther(
    target: unknown,
    flags: number,
    third: number | undefined,
    length: number | undefined,
  ): number {
    if (target instanceof FIFOBuffer) return this.#receiveFifo(target);
    if (target instanceof GrowableBuffer) return this.#receiveGrowable(target, flags, third);
    if (isBytes(target)) return this.#receive(target, flags, third, length);
    if (!Array.isArray(target)) throw invalidArgType('buffer', A_BUFFER, target);
    return this.#receiveVector([...(target as SocketBufVec)], flags, null);
  }

  /** recvmsg(2); `results` gets the lengths of name and control data, and the flags. */
  #receiveVector(
    buffers: readonly Bytes[],
    flags: number,
    name: Buffer | null,
    results: Int32Array | null = null,
  ): number {
    const impl = this.implementation;
    const started = startedAt(impl.receiveTimeout);
    const n = native.recvmsg(impl.fd, name, buffers, null, flags, results);
    if (n >= 0) return n;
    return this.#received(n, 'recvmsg', flags, started, (fd) =>
      native.recvmsg(fd, name, buffers, null, flags, results),
    );
  }

  #receiveFifo(fifo: FIFOBuffer): number {
    // Checked before the call: bytes that were received must have a place to go.
    if (!fifo.isWritable()) {
      throw outOfRange(
        'fifo',
        'writable: with room, without end of file or error',
        fifo.available(),
      );
    }
    const n = this.#receive(fifo.next(), 0);
    if (n > 0) fifo.advance(n);
    return n;
  }

  #receiveGrowable(buffer: GrowableBuffer, flags: number, timeout = GROWABLE_TIMEOUT): number {
    const mode = (flags & MSG_OOB) === 0 ? SELECT_READ : SELECT_READ | SELECT_URGENT;
    const isReady = this.poll(timeout, mode);
    if (!isReady) throw timeoutError('poll');
    // At the end of the stream and at the urgent mark FIONREAD is 0; a receive of 0 bytes would
    // tell neither.
    const before = buffer.size();
    const room = Math.max(before, this.available(), 1);
    let size = before;
    buffer.resize(room);
    try {
      const n = this.#receive(buffer.begin(), flags);
      if (n >= 0) size = Math.min(n, room);
      return n;
    } finally {
      buffer.resize(size);
    }
  }

  /** A receive that did not succeed: it is made again after a signal, or is told. */
  #received(
    result: number,
    syscall: string,
    flags: number,
    started: number,
    call: (fd: number) => number,
  ): number {
    const impl = this.implementation;
    const n = result === -EINTR ? impl.afterSignal('ReceiveTimeout', started, call) : result;
    if (n >= 0) return n;
    if (n !== -EAGAIN) throw socketError(n, syscall);
    if (impl.isNonblocking(flags)) return WOULD_BLOCK;
    throw timeoutError(syscall);
  }

  /**
   * Sends the buffer's `length` bytes from `offset`, or the string's in UTF-8. In blocking mode all
   * of them, by as many send(2) as it takes, or an error that tells `bytesSent`; the send timeout is
   * the time without progress. In nonblocking mode, or with `MSG_DONTWAIT`, by one send(2): its
   * count, or `WOULD_BLOCK`.
   */
  sendBytes(buffer: Bytes | string, flags?: number, offset?: number, length?: number): number;
  /** The same for several buffers, by sendmsg(2), flags honoured. */
  sendBytes(buffers: SocketBufVec, flags?: number): number;
  /** The same for what a FIFO holds; what was sent leaves it, also when the rest failed. */
  sendBytes(fifo: FIFOBuffer, flags?: number): number;
  sendBytes(
    data: Bytes | string | SocketBufVec | FIFOBuffer,
    flags = 0,
    offset?: number,
    length?: number,
  ): number {
    if (!ArrayBuffer.isView(data)) return this.#sendOther(data, flags, offset, length);
    return this.#send(data, flags, offset, length);
  }

  /** The hot path: one native call, one comparison. */
  #send(buffer: Bytes, flags: number, offset = 0, length = buffer.byteLength - offset): number {
    const impl = this.implementation;
    const started = startedAt(impl.sendTimeout);
    const n = native.send(impl.fd, buffer, offset, length, flags);
    return n === length ? n : this.#sendRest(n, started, buffer, flags, offset, length);
  }

  #sendRest(
    n: number,
    started: number,
    buffer: Bytes,
    flags: number,
    offset: number,
    length: number,
  ): number {
    return this.#sent(n, 'send', flags, started, length, (fd, done) =>
      native.send(fd, buffer, offset + done, length - done, flags),
    );
  }

  #sendOther(
    data: unknown,
    flags: number,
    offset: number | undefined,
    length: number | undefined,
  ): number {
    if (typeof data === 'string') return this.#send(Buffer.from(data), flags, offset, length);
    if (data instanceof FIFOBuffer) return this.#sendFifo(data, flags);
    if (isBytes(data)) return this.#send(data, flags, offset, length);
    if (!Array.isArray(data)) throw invalidArgType('data', A_BUFFER, data);
    return this.#sendVector([...(data as SocketBufVec)], flags, null);
  }

  #sendVector(buffers: readonly Bytes[], flags: number, name: Buffer | null): number {
    const impl = this.implementation;
    const started = startedAt(impl.sendTimeout);
    const n = native.sendmsg(impl.fd, name, buffers, null, flags);
    const length = totalLength(buffers);
    if (n === length) return n;
    return this.#sent(n, 'sendmsg', flags, started, length, (fd, done) =>
      native.sendmsg(fd, name, rest(buffers, done), null, flags),
    );
  }

  #sendFifo(fifo: FIFOBuffer, flags: number): number {
    if (fifo.used() === 0) return 0;
    let sent = 0;
    try {
      sent = this.#send(fifo.begin(), flags);
      return sent;
    } catch (error) {
      sent = (error as { bytesSent?: number }).bytesSent ?? 0;
      throw error;
    } finally {
      if (sent > 0) fifo.drain(sent);
    }
  }

  /**
   * A send that did not take all of `length` bytes. In blocking mode it is made again for the rest;
   * whatever the end, the caller learns how much went.
   */
  #sent(
    result: number,
    syscall: string,
    flags: number,
    started: number,
    length: number,
    call: (fd: number, done: number) => number,
  ): number {
    const impl = this.implementation;
    if (impl.isNonblocking(flags & ~MSG_OOB)) {
      if (result === -EAGAIN) return WOULD_BLOCK;
      if (result >= 0) return result;
    }
    let done = Math.max(0, result);
    let n = result;
    let progress = started;
    while (n >= 0 ? done < length : n === -EINTR) {
      if (n > 0) progress = startedAt(impl.sendTimeout);
      const soFar = done;
      const next = (fd: number): number => call(fd, soFar);
      n = n < 0 ? impl.afterSignal('SendTimeout', progress, next) : next(impl.fd);
      done += Math.max(0, n);
    }
    if (n >= 0) return done;
    const error = n === -EAGAIN ? timeoutError(syscall) : socketError(n, syscall);
    throw done > 0 ? withBytesSent(error, done) : error;
  }

  /** One byte by send(2) with `MSG_OOB`. 1, or `WOULD_BLOCK`. A second one takes its place. */
  sendUrgent(byte: number): number {
    if (typeof byte !== 'number') throw invalidArgType('byte', 'a number', byte);
    if (!Number.isInteger(byte) || byte < 0 || byte > 0xff) {
      throw outOfRange('byte', 'an integer from 0 to 255', byte);
    }
    urgentByte[0] = byte;
    return this.#send(urgentByte, MSG_OOB);
  }

  /**
   * The urgent byte, by one recv(2) with `MSG_OOB`, which never waits; null if none is here, or
   * urgent data stays in line (`SO_OOBINLINE`). Taken before normal data is received, it is safe:
   * a normal receive at the mark destroys it.
   */
  receiveUrgent(): number | null {
    const n = native.recv(this.implementation.fd, urgentByte, 0, 1, MSG_OOB);
    if (n > 0) return urgentByte[0] ?? null;
    // EINVAL: there is none. EAGAIN: announced, but not here yet. 0: the stream has ended.
    if (n === 0 || n === -EINVAL || n === -EAGAIN) return null;
    throw socketError(n, 'recv');
  }

  /**
   * Receives up to the urgent mark and never past it, so that {@link receiveUrgent} still finds the
   * byte: Telnet's Synch discards what this reads until `atMark`. At the mark nothing is received;
   * the next {@link receiveBytes} goes past it. Waits as a receive does, but for urgent data too.
   */
  readToMark(buffer: Bytes): MarkResult {
    const impl = this.implementation;
    const fd = this.descriptor('recv');
    const limit = impl.receiveTimeout > 0 ? impl.receiveTimeout : Infinity;
    const isNonblocking = !this.getBlocking();
    // At the mark with nothing behind it a wait would not end.
    if (this.atUrgentMark()) return { bytes: 0, atMark: true };
    const events = pollDescriptor(fd, POLLIN | POLLPRI, isNonblocking ? 0 : limit);
    if (events < 0) throw socketError(events, 'poll');
    if (this.atUrgentMark()) return { bytes: 0, atMark: true };
    if (events === 0 && isNonblocking) return { bytes: WOULD_BLOCK, atMark: false };
    if (events === 0) throw timeoutError('recv');
    const bytes = this.receiveBytes(buffer, MSG_DONTWAIT);
    return { bytes, atMark: this.atUrgentMark() };
  }

  /** shutdown(2) of both directions. */
  shutdown(): void {
    this.#shutdown(constants.SHUT_RDWR);
  }

  /** shutdown(2), `SHUT_WR`: the peer reads the end of the stream. */
  shutdownSend(): void {
    this.#shutdown(constants.SHUT_WR);
  }

  /** shutdown(2), `SHUT_RD`: receives return 0 when nothing is pending; wakes a blocked one. */
  shutdownReceive(): void {
    this.#shutdown(constants.SHUT_RD);
  }

  /** ENOTCONN is for sockets that never had a peer; that it is gone already is no error. */
  #shutdown(how: number): void {
    const impl = this.implementation;
    const n = native.shutdown(impl.fd, how);
    if (n < 0 && !(n === -ENOTCONN && impl.connected === true)) throw socketError(n, 'shutdown');
  }

  /** sendmsg(2), completed as {@link sendBytes} is. */
  sendMessage({ data = [], address, flags = 0 }: OutgoingMessage): number {
    const buffers = isBytes(data) ? [data] : [...data];
    const name = address === undefined ? null : SocketAddress.from(address).sockaddr;
    return this.#sendVector(buffers, flags, name);
  }

  /** recvmsg(2), one, as {@link receiveBytes}. */
  receiveMessage({ buffers = [], flags = 0 }: MessageRequest = {}): IncomingMessage {
    const name = new AddressRoom().bytes;
    const results = new Int32Array(3);
    const bytes = this.#receiveVector([...buffers], flags, name, results);
    const [nameLength = 0, , messageFlags = 0] = results;
    const address = bytes >= 0 && nameLength > 0 ? SocketAddress.fromBytes(name, nameLength) : null;
    return { bytes, flags: messageFlags, address };
  }
}
