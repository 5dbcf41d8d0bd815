/**
 * Receiving and sending on an implementation: one system call, one comparison, and what is done
 * when the call did not do it all.
 */
import { AddressRoom, SocketAddress, type SocketAddressLike } from './address';
import { copyOfVector, isBytes, rest, totalLength } from './buffers';
import { constants, withoutWaiting } from './constants';
import {
  ReceivedControl,
  encodeControlMessages,
  type IncomingControl,
  type OutgoingControl,
} from './control';
import { invalidArgType, socketError, timeoutError, withBytesSent } from './errors';
import { native, type Bytes } from './native';
import { Readiness } from './readiness';
import { WOULD_BLOCK } from './socket';
import type { SocketImpl } from './socket-impl';
import { interruption, pollDescriptor, startedAt, timeLeft } from './waiting';

const { EINTR, EINVAL, EAGAIN, MSG_CMSG_CLOEXEC = 0, MSG_OOB, MSG_WAITALL } = constants;
const { POLLIN, POLLPRI } = constants;

/** What one sendmsg(2) sends. */
export interface OutgoingMessage {
  /** One buffer, or several that are sent in order. */
  data?: Bytes | readonly Bytes[];
  /** Control messages; they go with the first byte. */
  control?: readonly OutgoingControl[];
  /** Where to, for sockets without a peer. */
  address?: SocketAddressLike;
  flags?: number;
}

/** What one recvmsg(2) has room for. */
export interface MessageRequest {
  /** The buffers to fill, in order. */
  buffers?: readonly Bytes[];
  /** The room for control messages, in bytes; 0 drops them. `raw.controlSpace()` tells sizes. */
  controlLength?: number;
  flags?: number;
}

/** What one recvmsg(2) told. */
export interface IncomingMessage {
  /** How many bytes came, 0 at the end of the stream, `WOULD_BLOCK`. */
  bytes: number;
  /** msg_flags: `MSG_TRUNC`—the message was longer; `MSG_CTRUNC`—the control messages were. */
  flags: number;
  /** The control messages. Received descriptors are closed unless they are taken. */
  control: IncomingControl[];
  /** The sender's address, where the kernel tells it. */
  address: SocketAddress | null;
}

/** One recv(2). */
export function receive(
  impl: SocketImpl,
  buffer: Bytes,
  flags: number,
  offset = 0,
  length = buffer.byteLength - offset,
): number {
  const started = startedAt(impl.receiveTimeout);
  const n =
    impl.spin === 0
      ? native.recv(impl.fd, buffer, offset, length, flags)
      : spin(impl, buffer, flags, offset, length);
  if (n > 0) return (flags & MSG_OOB) === 0 ? n : urgentReceived(impl, n);
  return receiveAgain(impl, n, started, buffer, flags, offset, length);
}

/** Tries without blocking, as long as setSpin() says, and blocks then. */
function spin(
  impl: SocketImpl,
  buffer: Bytes,
  flags: number,
  offset: number,
  length: number,
): number {
  const started = performance.now();
  const isInTime = (): boolean =>
    timeLeft(Math.min(impl.spin, impl.receiveTimeout || Infinity), started) > 0;
  const spins = impl.blocking && !impl.neverWaits(flags);
  if (!spins || (flags & MSG_WAITALL) !== 0) {
    // A part must not be taken for all.
    while (spins && isInTime() && pollDescriptor(impl.fd, POLLIN | POLLPRI, 0) === 0);
    return native.recv(impl.fd, buffer, offset, length, flags);
  }
  const attempt = impl.neverWaiting(native.recv);
  let n: number;
  do n = attempt(impl.fd, buffer, offset, length, withoutWaiting(flags));
  while (n === -EAGAIN && isInTime());
  return n === -EAGAIN ? native.recv(impl.fd, buffer, offset, length, flags) : n;
}

function receiveAgain(
  impl: SocketImpl,
  n: number,
  started: number,
  buffer: Bytes,
  flags: number,
  offset: number,
  length: number,
): number {
  return received(impl, n, 'recv', flags, started, (fd) =>
    native.recv(fd, buffer, offset, length, flags),
  );
}

/** One recvmsg(2) into several buffers. */
export function receiveVector(impl: SocketImpl, buffers: readonly Bytes[], flags: number): number {
  return receiveAll(impl, buffers, flags, null, null, null);
}

/** One recvmsg(2); `results` gets the lengths of name and control messages, and the flags. */
function receiveAll(
  impl: SocketImpl,
  buffers: readonly Bytes[],
  flags: number,
  name: Buffer | null,
  control: Buffer | null,
  results: Int32Array | null,
): number {
  const started = startedAt(impl.receiveTimeout);
  const n = native.recvmsg(impl.fd, name, buffers, control, flags, results);
  if (n > 0) return (flags & MSG_OOB) === 0 ? n : urgentReceived(impl, n);
  return received(impl, n, 'recvmsg', flags, started, (fd) =>
    native.recvmsg(fd, name, buffers, control, flags, results),
  );
}

/** One recvmsg(2), with all that it tells. */
export function receiveMessage(
  impl: SocketImpl,
  { buffers = [], controlLength = 0, flags = 0 }: MessageRequest,
): IncomingMessage {
  if (!Array.isArray(buffers)) throw invalidArgType('buffers', 'an array of buffers', buffers);
  const name = new AddressRoom().bytes;
  const control = ReceivedControl.room(controlLength);
  const results = new Int32Array(3);
  const bytes = receiveAll(impl, copyOfVector(buffers), flags, name, control, results);
  const [nameLength = 0, usedControl = 0, messageFlags = 0] = results;
  return {
    bytes,
    // The flag that keeps received descriptors from children was not the caller's.
    flags: messageFlags & ~MSG_CMSG_CLOEXEC,
    control: control === null || bytes < 0 ? [] : ReceivedControl.decode(control, usedControl),
    address: bytes >= 0 && nameLength > 0 ? SocketAddress.fromBytes(name, nameLength) : null,
  };
}

/** Whoever waits for urgent data on the event loop is told of the next byte again. */
function urgentReceived(impl: SocketImpl, n: number): number {
  Readiness.existing(impl)?.received();
  return n;
}

/** The byte of urgent receives; they never overlap on one thread. */
const urgentByte = new Uint8Array(1);

/** One recv(2) with `MSG_OOB`: the urgent byte, or null. */
export function receiveUrgent(impl: SocketImpl): number | null {
  const n = native.recv(impl.fd, urgentByte, 0, 1, MSG_OOB);
  if (n > 0) {
    urgentReceived(impl, n);
    return urgentByte[0] ?? null;
  }
  // EINVAL: there is none. EAGAIN: announced, but not here yet. 0: the stream has ended.
  if (n === 0 || n === -EINVAL || n === -EAGAIN) return null;
  throw socketError(n, 'recv');
}

/** A receive that brought nothing: it is made again after a signal, or is told. */
export function received(
  impl: SocketImpl,
  result: number,
  syscall: string,
  flags: number,
  started: number,
  call: (fd: number) => number,
): number {
  const n = result === -EINTR ? impl.afterSignal('ReceiveTimeout', started, call) : result;
  if (n > 0) return n;
  // The end may be that of an error which a receive on the event loop met.
  const error = n === 0 ? (Readiness.existing(impl)?.takeDeferred() ?? 0) : n;
  if (error === 0) return 0;
  if (error !== -EAGAIN) throw socketError(error, syscall);
  if (impl.isNonblocking(flags)) return WOULD_BLOCK;
  throw timeoutError(syscall);
}

/** send(2), as often as it takes where it blocks. */
export function send(
  impl: SocketImpl,
  buffer: Bytes,
  flags: number,
  offset = 0,
  length = buffer.byteLength - offset,
): number {
  const started = startedAt(impl.sendTimeout);
  const n = native.send(impl.fd, buffer, offset, length, flags);
  return n === length ? n : sendRest(impl, n, started, buffer, flags, offset, length);
}

function sendRest(
  impl: SocketImpl,
  n: number,
  started: number,
  buffer: Bytes,
  flags: number,
  offset: number,
  length: number,
): number {
  return sent(impl, n, 'send', flags, started, length, (fd, done) =>
    native.send(fd, buffer, offset + done, length - done, flags),
  );
}

/** sendmsg(2) of several buffers, as often as it takes where it blocks. */
export function sendVector(impl: SocketImpl, buffers: readonly Bytes[], flags: number): number {
  return sendAll(impl, buffers, flags, null, null);
}

/** The control messages go with the first byte, so they are not sent again with the rest. */
function sendAll(
  impl: SocketImpl,
  buffers: readonly Bytes[],
  flags: number,
  name: Buffer | null,
  control: Buffer | null,
): number {
  const started = startedAt(impl.sendTimeout);
  const n = native.sendmsg(impl.fd, name, buffers, control, flags);
  // A vector that was refused may be too long to look at.
  const length = n < 0 && n !== -EINTR ? 0 : totalLength(buffers);
  if (n === length) return n;
  return sent(impl, n, 'sendmsg', flags, started, length, (fd, done) =>
    native.sendmsg(fd, name, rest(buffers, done), done > 0 ? null : control, flags),
  );
}

/** A message as sendmsg(2) takes it. */
export function encodeMessage(message: OutgoingMessage): {
  buffers: Bytes[];
  name: Buffer | null;
  control: Buffer | null;
  flags: number;
} {
  // A buffer has none of these members: all of it would silently not be sent.
  const isObject = typeof message === 'object' && (message as unknown) !== null;
  if (!isObject || isBytes(message) || Array.isArray(message)) {
    throw invalidArgType('message', 'an object with data, control, address, flags', message);
  }
  const { data = [], control = [], address, flags = 0 } = message;
  return {
    buffers: Array.isArray(data) ? copyOfVector(data as Bytes[]) : [data as Bytes],
    name: address === undefined ? null : SocketAddress.from(address).sockaddr,
    control: encodeControlMessages(control),
    flags,
  };
}

/** sendmsg(2), with all that it can be told. */
export function sendMessage(impl: SocketImpl, message: OutgoingMessage): number {
  const { buffers, flags, name, control } = encodeMessage(message);
  return sendAll(impl, buffers, flags, name, control);
}

/**
 * A send that did not take all of `length` bytes. In blocking mode it is made again for the rest;
 * whatever the end, the caller learns how much went.
 */
export function sent(
  impl: SocketImpl,
  result: number,
  syscall: string,
  flags: number,
  started: number,
  length: number,
  call: (fd: number, done: number) => number,
): number {
  if (impl.isNonblocking(flags & ~MSG_OOB)) {
    if (result === -EAGAIN) return WOULD_BLOCK;
    if (result >= 0) return result;
  }
  let done = Math.max(0, result);
  let n = result;
  let progress = started;
  while (n > 0 ? done < length : n === -EINTR && !interruption.isLetIn) {
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
