/**
 * Receiving, sending, connecting and accepting on the event loop: the call itself, never blocking,
 * made at once and again whenever the socket is ready. No pool thread, and no other call.
 */
import { SocketAddress } from './address';
import { copyOfVector, rest, totalLength } from './buffers';
import { constants, withoutWaiting } from './constants';
import { encodeControlMessages } from './control';
import {
  InvalidSocketError,
  TimeoutError,
  invalidArgType,
  socketError,
  timeoutError,
  withBytesSent,
} from './errors';
import { Ready, native, type Bytes } from './native';
import { CallWait, NOT_YET, Readiness, Wait, settled, type WaitOptions } from './readiness';
import { WOULD_BLOCK } from './socket';
import type { SocketImpl } from './socket-impl';
import {
  encodeMessage,
  receiveMessage,
  type IncomingMessage,
  type MessageRequest,
  type OutgoingMessage,
} from './transfer';
import { isAtMark, milliseconds, pollDescriptor } from './waiting';

const { EAGAIN, EALREADY, EINPROGRESS, EINTR, MSG_PEEK, MSG_WAITALL, SOCK_STREAM } = constants;

/** A Unix connect that finds the backlog full cannot be waited for; it is tried again after this. */
const BACKLOG_RETRY = 5;

/**
 * One recv(2), or with `MSG_WAITALL` as many as it takes: it ends short at the urgent mark, the end
 * of the stream, an error and the timeout, as the kernel does.
 */
abstract class ReceiveWait extends Wait<number> {
  #done = 0;

  constructor(
    readonly impl: SocketImpl,
    syscall: 'recv' | 'recvmsg',
    readonly length: number,
    readonly flags: number,
  ) {
    super(syscall, impl.neverWaits(flags) ? 'poll' : 'receive', Ready.Readable);
  }

  /** The call for what is left, with flags that keep it from waiting. */
  abstract receive(done: number, flags: number): number;

  override attempt(): number | typeof NOT_YET {
    const earlier = Readiness.of(this.impl).takeDeferred();
    if (earlier < 0) throw socketError(earlier, this.syscall);
    for (;;) {
      // A receive at the mark would go past it, and destroy the urgent byte.
      if (this.#done > 0 && isAtMark(this.impl.fd)) return this.#done;
      const n = this.#receive();
      if (n > 0) {
        this.isDrained = n < this.length - this.#done && (this.flags & MSG_PEEK) === 0;
        this.#done += n;
        if (!this.#takesAll() || this.#done >= this.length) return this.#done;
      } else if (n === -EAGAIN) {
        return this.#wouldBlock();
      } else if (n !== -EINTR) {
        return this.#ended(n);
      }
    }
  }

  /** Memory that went while the call waited is refused; what came before is told. */
  #receive(): number {
    try {
      return this.receive(this.#done, withoutWaiting(this.flags));
    } catch (error) {
      throw this.#withBytesReceived(error as Error);
    }
  }

  #withBytesReceived(error: Error): Error {
    return this.#done > 0 ? Object.assign(error, { bytesReceived: this.#done }) : error;
  }

  /** A message is all there is: what follows is another one. */
  #takesAll(): boolean {
    const isAsked = (this.flags & MSG_WAITALL) !== 0 && (this.flags & MSG_PEEK) === 0;
    return isAsked && this.impl.type === SOCK_STREAM;
  }

  #wouldBlock(): number | typeof NOT_YET {
    if (this.impl.neverWaits(this.flags)) return this.#done > 0 ? this.#done : WOULD_BLOCK;
    // What waits with bytes in hand returns when urgent data comes.
    if (this.#done > 0) this.events = Ready.Readable | Ready.Prioritized;
    return NOT_YET;
  }

  #ended(n: number): number {
    if (n === 0) return this.#done;
    if (this.#done === 0) throw socketError(n, this.syscall);
    Readiness.of(this.impl).deferred = n;
    return this.#done;
  }

  override onEarlyEnd(error: Error): number | typeof NOT_YET {
    if (this.#done > 0 && error instanceof TimeoutError) return this.#done;
    this.#withBytesReceived(error);
    return NOT_YET;
  }
}

/** recv(2) into one buffer. */
class BufferReceive extends ReceiveWait {
  constructor(
    impl: SocketImpl,
    readonly buffer: Bytes,
    flags: number,
    readonly offset: number,
    length: number,
  ) {
    super(impl, 'recv', length, flags);
  }

  override receive(done: number, flags: number): number {
    const { impl, buffer, offset, length } = this;
    return impl.neverWaiting(native.recv)(impl.fd, buffer, offset + done, length - done, flags);
  }
}

/** recvmsg(2) into several buffers. */
class VectorReceive extends ReceiveWait {
  constructor(
    impl: SocketImpl,
    readonly buffers: readonly Bytes[],
    flags: number,
  ) {
    super(impl, 'recvmsg', totalLength(buffers), flags);
  }

  override receive(done: number, flags: number): number {
    const { impl } = this;
    const buffers = done > 0 ? rest(this.buffers, done) : this.buffers;
    return impl.neverWaiting(native.recvmsg)(impl.fd, null, buffers, null, flags);
  }
}

/** recv(2) into one buffer. */
export function receiveInto(
  impl: SocketImpl,
  buffer: Bytes,
  flags: number,
  offset = 0,
  length = buffer.byteLength - offset,
  options: WaitOptions,
): Promise<number> {
  const wait = new BufferReceive(impl, buffer, flags, offset, length);
  return Readiness.of(impl).wait(wait, options);
}

/** recvmsg(2) into several buffers. */
export function receiveIntoVector(
  impl: SocketImpl,
  buffers: readonly Bytes[],
  flags: number,
  options: WaitOptions,
): Promise<number> {
  return Readiness.of(impl).wait(new VectorReceive(impl, buffers, flags), options);
}

/** send(2) or sendmsg(2), as often as it takes; an error tells `bytesSent`. */
export function sendAsync(
  impl: SocketImpl,
  syscall: string,
  length: number,
  call: (done: number) => number,
  options: WaitOptions,
): Promise<number> {
  const send = impl.neverWaiting(call);
  let done = 0;
  const onEarlyEnd = (error: Error): typeof NOT_YET => {
    if (done > 0) withBytesSent(error, done);
    return NOT_YET;
  };
  const attempt = (): number | typeof NOT_YET => {
    try {
      for (;;) {
        const n = send(done);
        if (n === -EINTR) continue;
        if (n === -EAGAIN) return NOT_YET;
        if (n < 0) throw socketError(n, syscall);
        done += n;
        if (n === 0 || done >= length) return done;
      }
    } catch (error) {
      // Memory that went while the call waited is refused as well.
      onEarlyEnd(error as Error);
      throw error;
    }
  };
  const wait = new CallWait(syscall, 'send', Ready.Writable, attempt, onEarlyEnd);
  return Readiness.of(impl).wait(wait, options);
}

/** send(2) of one buffer. */
export function sendFrom(
  impl: SocketImpl,
  buffer: Bytes,
  flags: number,
  offset = 0,
  length = buffer.byteLength - offset,
  options: WaitOptions,
): Promise<number> {
  const call = (done: number): number =>
    native.send(impl.fd, buffer, offset + done, length - done, withoutWaiting(flags));
  return sendAsync(impl, 'send', length, call, options);
}

/** sendmsg(2) of several buffers. */
export function sendFromVector(
  impl: SocketImpl,
  buffers: readonly Bytes[],
  flags: number,
  options: WaitOptions,
): Promise<number> {
  const call = (done: number): number =>
    native.sendmsg(impl.fd, null, rest(buffers, done), null, withoutWaiting(flags));
  return sendAsync(impl, 'sendmsg', totalLength(buffers), call, options);
}

/** sendmsg(2), with all that it can be told; control messages go with the first byte. */
export function sendMessageAsync(
  impl: SocketImpl,
  message: OutgoingMessage,
  options: WaitOptions,
): Promise<number> {
  return settled(() => {
    const { buffers, name, control, flags } = encodeMessage(message);
    const messages = [...(message.control ?? [])];
    let encoded: Buffer | null | undefined = control;
    const call = (done: number): number => {
      const left = rest(buffers, done);
      // Anew each time: a socket that is passed may have been closed, and its number be another's.
      const first = done > 0 ? null : (encoded ?? encodeControlMessages(messages));
      encoded = undefined;
      return native.sendmsg(impl.fd, name, left, first, withoutWaiting(flags));
    };
    if (impl.fd === -1) throw new InvalidSocketError('sendmsg');
    return sendAsync(impl, 'sendmsg', totalLength(buffers), call, options);
  });
}

/** A call that is made once it does not block: `call` gives {@link NOT_YET} when it would. */
export function whenReady<T>(
  impl: SocketImpl,
  syscall: string,
  direction: 'receive' | 'send' | 'urgent',
  call: (ready: number) => T | typeof NOT_YET,
  options: WaitOptions,
): Promise<T> {
  const events = {
    receive: Ready.Readable,
    send: Ready.Writable,
    urgent: Ready.Prioritized | Ready.Disconnect,
  }[direction];
  return Readiness.of(impl).wait(new CallWait(syscall, direction, events, call), options);
}

/** connect(2), to its end. When it does not come in time the socket is closed, to be used again. */
export async function connectAsync(
  impl: SocketImpl,
  address: SocketAddress,
  options: WaitOptions,
): Promise<void> {
  const limit = milliseconds('timeout', options.timeout);
  options.signal?.throwIfAborted();
  const started = performance.now();
  impl.open(address.af());
  try {
    for (;;) {
      const n = impl.withoutBlocking(() => native.connect(impl.fd, address.sockaddr));
      if (n === 0) break;
      const isUnderWay = n === -EINPROGRESS || n === -EINTR || n === -EALREADY;
      if (!isUnderWay && n !== -EAGAIN) {
        throw socketError(n, 'connect', address.toEndpoint());
      }
      const left = limit - (performance.now() - started);
      if (isUnderWay) {
        impl.connected = 'pending';
        await finishConnect(impl, address, { ...options, timeout: Math.max(0, left) });
        break;
      }
      if (left <= 0) throw timeoutError('connect', address.toEndpoint());
      // Nothing becomes ready; the timer ends early when the socket is closed or the signal comes.
      await pause(impl, Math.min(BACKLOG_RETRY, left), options.signal);
    }
    impl.connected = true;
  } catch (error) {
    if (error instanceof TimeoutError || options.signal?.aborted === true) impl.close();
    throw error;
  }
}

/** Waits for nothing but the time; closing the socket and the signal end it too. */
function pause(impl: SocketImpl, timeout: number, signal: AbortSignal | undefined): Promise<null> {
  const never = (): typeof NOT_YET => NOT_YET;
  const onEarlyEnd = (error: unknown): null | typeof NOT_YET =>
    error instanceof TimeoutError ? null : NOT_YET;
  const options = { timeout, signal };
  const wait = new CallWait<null>('connect', 'poll', 0, never, onEarlyEnd);
  return Readiness.of(impl).wait(wait, options);
}

/** Waits for the end of a connect that is under way. */
export async function finishConnect(
  impl: SocketImpl,
  address: SocketAddress | undefined,
  options: WaitOptions,
): Promise<void> {
  const attempt = (): number | typeof NOT_YET => {
    const events = pollDescriptor(impl.fd, constants.POLLOUT, 0);
    if (events < 0) throw socketError(events, 'poll');
    return events === 0 ? NOT_YET : impl.takeError();
  };
  const error = await Readiness.of(impl)
    .wait(new CallWait('connect', 'send', Ready.Writable, attempt), options)
    .catch((reason: unknown) => {
      const endpoint = address?.toEndpoint();
      throw reason instanceof TimeoutError ? timeoutError('connect', endpoint) : reason;
    });
  if (error !== 0) throw socketError(-error, 'connect', address?.toEndpoint());
  impl.connected = true;
}

/** recvmsg(2), with all that it tells. */
export function receiveMessageAsync(
  impl: SocketImpl,
  request: MessageRequest,
  options: WaitOptions,
): Promise<IncomingMessage> {
  return settled(() => {
    if (impl.fd === -1) throw new InvalidSocketError('recvmsg');
    // As it is now: it may be used for another call meanwhile.
    const { buffers = [], flags = 0, ...others } = request;
    if (!Array.isArray(buffers)) throw invalidArgType('buffers', 'an array of buffers', buffers);
    const asked = { ...others, buffers: copyOfVector(buffers), flags: withoutWaiting(flags) };
    const neverWaits = impl.neverWaits(flags);
    const receive = impl.neverWaiting(receiveMessage);
    const call = (): IncomingMessage | typeof NOT_YET => {
      const message = receive(impl, asked);
      return message.bytes === WOULD_BLOCK && !neverWaits ? NOT_YET : message;
    };
    const direction = neverWaits ? 'poll' : 'receive';
    const wait = new CallWait('recvmsg', direction, Ready.Readable, call);
    return Readiness.of(impl).wait(wait, options);
  });
}
