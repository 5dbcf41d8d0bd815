/** The public names. */
export { SocketAddress } from './address';
export type { AddressObject, Family, ResolveOptions, SocketAddressLike } from './address';
export type { SocketBufVec } from './buffers';
export { constants } from './constants';
export { ReceivedDescriptors } from './control';
export type {
  IncomingControl,
  IntegerControl,
  OutgoingControl,
  PacketInfoControl,
  QueuedError,
  ReceivedInteger,
} from './control';
export { DatagramBatch } from './datagram-batch';
export type { Datagram, DatagramOptions, GroupOptions } from './datagram-socket';
export type { DialogEncoding, StatusMessage } from './dialog-socket';
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
export { setInterruptible } from './interrupted';
export type { Bytes, Credentials, Linger, RawControlMessage } from './native';
export type { OptionKind, OptionName, OptionResults, OptionValues } from './options';
export { createConnection, probe } from './node-net';
export type { ConnectionOptions, LookupFunction } from './node-net';
export { PollSet } from './poll-set';
export type { WaitOptions, Watch } from './readiness';
export type { FilterInstruction } from './socket';
export {
  ConnectionListener,
  DatagramSocket,
  DialogSocket,
  ServerSocket,
  Socket,
  SocketImpl,
  StreamSocket,
  WOULD_BLOCK,
} from './sockets';
export { SocketStream } from './socket-stream';
export type { SocketStreamOptions } from './socket-stream';
export type { MarkResult, ReceiveOptions, ZeroCopyNotice } from './stream-socket';
export type { IncomingMessage, MessageRequest, OutgoingMessage } from './transfer';
export { SELECT_ERROR, SELECT_READ, SELECT_URGENT, SELECT_WRITE } from './waiting';
