/** The kinds of sockets, which belong together: a descriptor becomes a handle of the right one. */
export { DatagramSocket } from './datagram-socket';
export { DialogSocket } from './dialog-socket';
export { ConnectionListener, ServerSocket } from './server-socket';
export { Socket, WOULD_BLOCK } from './socket';
export { SocketImpl } from './socket-impl';
export { StreamSocket } from './stream-socket';
