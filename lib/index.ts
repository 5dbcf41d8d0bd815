/** The public names. */
export { SocketAddress } from './address';
export type { AddressObject, Family, ResolveOptions, SocketAddressLike } from './address';
export type { SocketBufVec } from './buffers';
export { constants } from './constants';
export {
  AddressInUseError,
  ConnectionAbortedError,
  ConnectionRefusedError,
  ConnectionResetError,
  HostNotFoundError,
  InvalidSocketError,
  SocketError,
  TimeoutError,
} from './errors';
export { FIFOBuffer } from './fifo-buffer';
export { GrowableBuffer } from './growable-buffer';
export type { Bytes, Linger } from './native';
export type { OptionKind, OptionResults, OptionValues } from './options';
export { ServerSocket } from './server-socket';
export {
  SELECT_ERROR,
  SELECT_READ,
  SELECT_URGENT,
  SELECT_WRITE,
  Socket,
  WOULD_BLOCK,
} from './socket';
export { SocketImpl } from './socket-impl';
export { StreamSocket } from './stream-socket';
export type { IncomingMessage, MarkResult, MessageRequest, OutgoingMessage } from './stream-socket';
