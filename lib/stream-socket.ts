/** `StreamSocket`: connecting, receiving and sending, with POCO's members and meaning. */
import { Socket as NetSocket, type SocketConstructorOpts } from 'node:net';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { SocketAddress, familyNumber, type Family, type SocketAddressLike } from './address';
import {
  connectAsync,
  receiveInto,
  receiveIntoVector,
  receiveMessageAsync,
  sendAsync,
  sendFrom,
  sendFromVector,
  sendMessageAsync,
  whenReady,
} from './async-transfer';
import { copyOfVector, isBytes, type SocketBufVec } from './buffers';
import { constants, isWinsock, withoutWaiting } from './constants';
import {
  InvalidSocketError,
  invalidArgType,
  outOfRange,
  socketError,
  timeoutError,
} from './errors';
import { FIFOBuffer } from './fifo-buffer';
import { GrowableBuffer } from './growable-buffer';
import { Ready, native, unavailable, type Bytes } from './native';
import { CallWait, NOT_YET, Readiness, settled, type WaitOptions } from './readiness';
import { Socket, WOULD_BLOCK } from './socket';
import { SocketImpl } from './socket-impl';
import { SocketStream, type SocketStreamOptions } from './socket-stream';
import {
  receive,
  receiveMessage,
  receiveUrgent,
  receiveVector,
  send,
  sendMessage,
  sendVector,
  sent,
  type IncomingMessage,
  type MessageRequest,
  type OutgoingMessage,
} from './transfer';
import { SELECT_READ, SELECT_URGENT, milliseconds, pollDescriptor, startedAt } from './waiting';

const { EAGAIN, EINTR, ENOTCONN, MSG_OOB, POLLIN, POLLPRI } = constants;

/** How long {@link StreamSocket.receiveBytes} waits for a {@link GrowableBuffer}, in ms. */
const GROWABLE_TIMEOUT = 100;

const A_BUFFER =
  'an ArrayBufferView, an ArrayBuffer, an array of them, a FIFOBuffer or a GrowableBuffer';

/** Room for a struct sock_extended_err and an address, twice. */
const NOTICE_ROOM = 256;

/** Sends with `MSG_ZEROCOPY` that are done: from the first to the last, counted from 0. */
export interface ZeroCopyNotice {
  first: number;
  last: number;
  /** Whether the kernel copied after all, as it does over loopback. */
  copied: boolean;
}

/** How a receive or send on the event loop is done. */
export interface ReceiveOptions extends WaitOptions {
  flags?: number;
  /** The part of the buffer that is meant. */
  offset?: number;
  length?: number;
}

/** What {@link StreamSocket.readToMark} tells. */
export interface MarkResult {
  /** How many bytes came before the mark, 0 at the mark or the end, `WOULD_BLOCK`. */
  bytes: number;
  /** Whether the next byte is behind the urgent mark. */
  atMark: boolean;
}

/** A byte, as it is sent. */
function urgentByte(byte: number): Uint8Array {
  if (typeof byte !== 'number') throw invalidArgType('byte', 'a number', byte);
  if (Number.isInteger(byte) && byte >= 0 && byte <= 0xff) return Uint8Array.of(byte);
  throw outOfRange('byte', 'an integer from 0 to 255', byte);
}

/** The number that a `net.Socket` has now, -1 if it has none. */
function descriptorOf(netSocket: NetSocket): number {
  if (!(netSocket instanceof NetSocket)) {
    throw invalidArgType('netSocket', 'a net.Socket', netSocket);
  }
  const { _handle: handle } = netSocket as unknown as { _handle?: { fd?: number } | null };
  if (handle && handle.fd === undefined) throw unavailable('borrow');
  return handle?.fd ?? -1;
}

/** A connection, with the members of POCO's `StreamSocket`: TCP, Unix streams and `SOCK_SEQPACKET`. */
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
    if (what === 'ipv4' || what === 'ipv6' || what === 'unix' || what === 'vsock') {
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
    return receive(this.implementation, buffer, flags, offset, length);
  }

  #receiveOther(
    target: unknown,
    flags: number,
    third: number | undefined,
    length: number | undefined,
  ): number {
    const impl = this.implementation;
    if (target instanceof FIFOBuffer) return this.#receiveFifo(target);
    if (target instanceof GrowableBuffer) return this.#receiveGrowable(target, flags, third);
    if (isBytes(target)) return receive(impl, target, flags, third, length);
    if (!Array.isArray(target)) throw invalidArgType('buffer', A_BUFFER, target);
    return receiveVector(impl, target as SocketBufVec, flags);
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
    const n = receive(this.implementation, fifo.next(), 0);
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
      const n = receive(this.implementation, buffer.begin(), flags);
      if (n >= 0) size = Math.min(n, room);
      return n;
    } finally {
      buffer.resize(size);
    }
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
    return send(this.implementation, data, flags, offset, length);
  }

  #sendOther(
    data: unknown,
    flags: number,
    offset: number | undefined,
    length: number | undefined,
  ): number {
    const impl = this.implementation;
    if (typeof data === 'string') return send(impl, Buffer.from(data), flags, offset, length);
    if (data instanceof FIFOBuffer) return this.#sendFifo(data, flags);
    if (isBytes(data)) return send(impl, data, flags, offset, length);
    if (!Array.isArray(data)) throw invalidArgType('data', A_BUFFER, data);
    return sendVector(impl, data as SocketBufVec, flags);
  }

  #sendFifo(fifo: FIFOBuffer, flags: number): number {
    if (fifo.used() === 0) return 0;
    let sent = 0;
    try {
      sent = send(this.implementation, fifo.begin(), flags);
      return sent;
    } catch (error) {
      sent = (error as { bytesSent?: number }).bytesSent ?? 0;
      throw error;
    } finally {
      if (sent > 0) fifo.drain(sent);
    }
  }

  /** One byte by send(2) with `MSG_OOB`. 1, or `WOULD_BLOCK`. A second one takes its place. */
  sendUrgent(byte: number): number {
    return send(this.implementation, urgentByte(byte), MSG_OOB);
  }

  /**
   * The urgent byte, by one recv(2) with `MSG_OOB`, which never waits; null if none is here, or
   * urgent data stays in line (`SO_OOBINLINE`). Taken before normal data is received, it is safe:
   * a normal receive at the mark destroys it.
   */
  receiveUrgent(): number | null {
    return receiveUrgent(this.implementation);
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
    return this.#withMark(this.receiveBytes(buffer, withoutWaiting(0)));
  }

  /** What a receive gave, and whether it ended at the mark; the error of that has the count. */
  #withMark(bytes: number): MarkResult {
    try {
      return { bytes, atMark: this.atUrgentMark() };
    } catch (error) {
      throw Object.assign(error as Error, { bytesReceived: bytes });
    }
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

  /** sendmsg(2), completed as {@link sendBytes} is. Control messages go with the first byte. */
  sendMessage(message: OutgoingMessage): number {
    return sendMessage(this.implementation, message);
  }

  /** recvmsg(2), one, as {@link receiveBytes}. */
  receiveMessage(request: MessageRequest = {}): IncomingMessage {
    return receiveMessage(this.implementation, request);
  }

  /**
   * sendfile(2): `length` bytes from `offset` of a file, by its descriptor or path; all of it in
   * blocking mode, one call's count or `WOULD_BLOCK` otherwise. Less than `length` at the end of
   * the file. The descriptor's own position stays.
   */
  sendFile(file: number | string, offset = 0, length?: number): number {
    if (typeof file === 'number') return this.#sendFile(file, offset, length);
    const fd = openSync(file, 'r');
    try {
      return this.#sendFile(fd, offset, length);
    } finally {
      closeSync(fd);
    }
  }

  #sendFile(
    file: number,
    offset: number,
    length = Math.max(0, fstatSync(file).size - offset),
  ): number {
    const impl = this.implementation;
    const started = startedAt(impl.sendTimeout);
    const n = native.sendfile(impl.fd, file, offset, length);
    if (n === length) return n;
    return sent(impl, n, 'sendfile', 0, started, length, (fd, done) =>
      native.sendfile(fd, file, offset + done, length - done),
    );
  }

  /**
   * One send(2) with `MSG_ZEROCOPY` ({@link setZeroCopy} first): its count, or `WOULD_BLOCK`. The
   * kernel reads the buffer later; it is held until {@link receiveZeroCopyNotices} has told that
   * the send is done, and must not be changed before. `ENOBUFS`: too many are under way.
   */
  sendZeroCopy(buffer: Bytes, flags = 0, offset = 0, length?: number): number {
    if (!isBytes(buffer))
      throw invalidArgType('buffer', 'an ArrayBufferView or ArrayBuffer', buffer);
    const size = length ?? buffer.byteLength - offset;
    const impl = this.implementation;
    const { MSG_ZEROCOPY = 0 } = constants;
    const started = startedAt(impl.sendTimeout);
    const call = (fd: number): number =>
      native.send(fd, buffer, offset, size, flags | MSG_ZEROCOPY);
    const first = call(impl.fd);
    const n = first === -EINTR ? impl.afterSignal('SendTimeout', started, call) : first;
    if (n > 0) impl.holdUntilSent(buffer);
    if (n === -EAGAIN) return WOULD_BLOCK;
    if (n < 0) throw socketError(n, 'send');
    return n;
  }

  /** The notices in the error queue, by recvmsg(2) with `MSG_ERRQUEUE`: which sends are done. */
  receiveZeroCopyNotices(): ZeroCopyNotice[] {
    const notices: ZeroCopyNotice[] = [];
    const request = { flags: constants.MSG_ERRQUEUE ?? 0, controlLength: NOTICE_ROOM };
    for (;;) {
      const { bytes, control, flags } = receiveMessage(this.implementation, request);
      // A Unix socket has no such queue: what it gives is data, or its end again and again.
      const isFromQueue = (flags & (constants.MSG_ERRQUEUE ?? 0)) !== 0;
      if (bytes === WOULD_BLOCK || !isFromQueue) return notices;
      for (const message of control) {
        if (!('origin' in message) || message.origin !== constants.SO_EE_ORIGIN_ZEROCOPY) continue;
        const { info: first, data: last, icmpCode } = message;
        this.implementation.release(first, last);
        notices.push({ first, last, copied: icmpCode === constants.SO_EE_CODE_ZEROCOPY_COPIED });
      }
    }
  }

  /** How many sends with `MSG_ZEROCOPY` hold their buffers. */
  zeroCopyPending(): number {
    return this.implementation.held();
  }

  /**
   * {@link connect} on the event loop, whatever the mode, which stays as it was. {@link TimeoutError}
   * and an abort close the socket, so that it can connect again.
   */
  async connectAsync(address: SocketAddressLike, options: WaitOptions = {}): Promise<void> {
    await connectAsync(this.implementation, SocketAddress.from(address), options);
  }

  /**
   * {@link receiveBytes} on the event loop, whatever the mode; several at once keep their order.
   * `MSG_WAITALL` is completed across waits; with `MSG_PEEK` it gives what is there. The receive
   * timeout does not count here, `options.timeout` does. An abort error tells `bytesReceived` where
   * a `MSG_WAITALL` had some: they are in the buffer.
   */
  receiveBytesAsync(buffer: Bytes | SocketBufVec, options: ReceiveOptions = {}): Promise<number> {
    return settled(() => {
      const { flags = 0, offset, length } = options;
      const impl = this.implementation;
      this.descriptor('recv');
      if (isBytes(buffer)) return receiveInto(impl, buffer, flags, offset, length, options);
      if (!Array.isArray(buffer)) throw invalidArgType('buffer', A_BUFFER, buffer);
      return receiveIntoVector(impl, copyOfVector(buffer), flags, options);
    });
  }

  /** {@link sendBytes} on the event loop, all of it whatever the mode; several keep their order. */
  sendBytesAsync(
    data: Bytes | string | SocketBufVec,
    options: ReceiveOptions = {},
  ): Promise<number> {
    return settled(() => {
      const { flags = 0, offset, length } = options;
      const impl = this.implementation;
      this.descriptor('send');
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      if (isBytes(bytes)) return sendFrom(impl, bytes, flags, offset, length, options);
      if (!Array.isArray(bytes)) throw invalidArgType('data', A_BUFFER, bytes);
      return sendFromVector(impl, copyOfVector(bytes), flags, options);
    });
  }

  /** Waits for urgent data: its byte, or null when the stream ends or keeps it in line. */
  receiveUrgentAsync(options: WaitOptions = {}): Promise<number | null> {
    return settled(() => {
      this.descriptor('recv');
      const call = (ready: number): number | null | typeof NOT_YET => {
        const byte = this.receiveUrgent();
        const isOver = (ready & (Ready.Prioritized | Ready.Disconnect)) !== 0;
        return byte !== null || isOver ? byte : NOT_YET;
      };
      return whenReady(this.implementation, 'recv', 'urgent', call, options);
    });
  }

  /** {@link sendUrgent} on the event loop. */
  async sendUrgentAsync(byte: number, options: WaitOptions = {}): Promise<number> {
    return this.sendBytesAsync(urgentByte(byte), { ...options, flags: MSG_OOB });
  }

  /** {@link readToMark} on the event loop. */
  readToMarkAsync(buffer: Bytes, options: WaitOptions = {}): Promise<MarkResult> {
    return settled(() => {
      if (!isBytes(buffer)) throw invalidArgType('buffer', A_BUFFER, buffer);
      this.descriptor('recv');
      const call = (): MarkResult | typeof NOT_YET => {
        if (this.atUrgentMark()) return { bytes: 0, atMark: true };
        // Asked first: a receive that finds nothing could meet urgent data that came meanwhile.
        if (pollDescriptor(this.implementation.fd, POLLIN | POLLPRI, 0) === 0) return NOT_YET;
        if (this.atUrgentMark()) return { bytes: 0, atMark: true };
        const bytes = receive(this.implementation, buffer, withoutWaiting(0));
        return bytes === WOULD_BLOCK ? NOT_YET : this.#withMark(bytes);
      };
      const events = Ready.Readable | Ready.Prioritized;
      const wait = new CallWait('recv', 'receive', events, call);
      return Readiness.of(this.implementation).wait(wait, options);
    });
  }

  /** {@link sendFile} on the event loop. */
  async sendFileAsync(
    file: number | string,
    { offset = 0, length, ...wait }: Omit<ReceiveOptions, 'flags'> = {},
  ): Promise<number> {
    const fd = typeof file === 'number' ? file : openSync(file, 'r');
    try {
      const impl = this.implementation;
      this.descriptor('sendfile');
      const all = length ?? Math.max(0, fstatSync(fd).size - offset);
      const call = (done: number): number =>
        impl.withoutBlocking(() => native.sendfile(impl.fd, fd, offset + done, all - done));
      return await sendAsync(impl, 'sendfile', all, call, wait);
    } finally {
      if (typeof file !== 'number') closeSync(fd);
    }
  }

  /** {@link sendMessage} on the event loop. */
  sendMessageAsync(message: OutgoingMessage, options: WaitOptions = {}): Promise<number> {
    return sendMessageAsync(this.implementation, message, options);
  }

  /** {@link receiveMessage} on the event loop. */
  receiveMessageAsync(
    request: MessageRequest = {},
    options: WaitOptions = {},
  ): Promise<IncomingMessage> {
    return receiveMessageAsync(this.implementation, request, options);
  }

  /**
   * The socket as a `Duplex`, nonblocking from then on, also while {@link connectNB} is under way.
   * The stream owns the socket: destroying it closes.
   */
  toStream(options?: SocketStreamOptions): SocketStream {
    this.descriptor('recv');
    return new SocketStream(this, options);
  }

  /** @internal A stream that will be connected by somebody else. */
  toConnectingStream(options: SocketStreamOptions): SocketStream {
    return new SocketStream(this, options);
  }

  /**
   * The connection as Node's own `net.Socket`, which gets the descriptor; this object has none
   * afterwards. What was peeked at is still there.
   */
  toNetSocket(options: SocketConstructorOpts = {}): NetSocket {
    this.descriptor('recv');
    // Bun's net.Socket takes no descriptor.
    if (isWinsock || 'bun' in process.versions) throw unavailable('toNetSocket');
    const { connected } = this.implementation;
    const fd = this.implementation.detach();
    try {
      return new NetSocket({ ...options, fd, readable: true, writable: true });
    } catch (error) {
      // Options that it does not take: the connection stays here.
      this.implementation.attach(fd);
      this.implementation.connected = connected;
      throw error;
    }
  }

  /**
   * A handle on the descriptor of a `net.Socket`: flags, options, peeks, urgent data on a live
   * connection. It never closes; it is closed when the `net.Socket` is. Node goes on receiving, so
   * pause the `net.Socket` before receiving here. Waiting on the event loop is Node's alone
   * (`EEXIST`).
   */
  static borrow(netSocket: NetSocket): StreamSocket {
    const fd = descriptorOf(netSocket);
    if (isWinsock) throw unavailable('borrow');
    if (fd === -1) throw new InvalidSocketError('borrow');
    const impl = SocketImpl.adopt(fd, 'stream', true);
    // Node closes the number when it likes: it is asked for each time.
    Object.defineProperty(impl, 'fd', { get: () => descriptorOf(netSocket), set: () => undefined });
    return new StreamSocket(impl);
  }

  static override fromFileDescriptor(fd: number): StreamSocket {
    return new StreamSocket(SocketImpl.adopt(fd, 'stream'));
  }

  static override pair(type: number = constants.SOCK_STREAM): [StreamSocket, StreamSocket] {
    const [first, second] = SocketImpl.pair(type, 'stream');
    return [new StreamSocket(first), new StreamSocket(second)];
  }

  static {
    Socket.register('stream', (impl) => new StreamSocket(impl));
  }
}
