/**
 * `bsd-sockets/raw`: one function per system call, named and ordered as in the manual, on integer
 * descriptors. The result is the call's own value or the negated errno; only an argument that does
 * not fit is an exception, before the call. No retries, no hidden flags but close-on-exec and
 * `MSG_NOSIGNAL`.
 */
import './errors';
import { native } from './native';

export { constants } from './constants';
export type { Address, AddressInfo, Bytes, DecodedAddress, Linger } from './native';

export const {
  accept,
  accept4,
  bind,
  close,
  connect,
  decodeAddress,
  decodeLinger,
  decodeTimeval,
  dup,
  encodeAddress,
  encodeLinger,
  encodeTimeval,
  fcntl,
  gai_strerror,
  getaddrinfo,
  getnameinfo,
  getpeername,
  getsockname,
  getsockopt,
  ioctl,
  listen,
  poll,
  recv,
  recvfrom,
  recvmsg,
  send,
  sendmsg,
  sendto,
  setsockopt,
  shutdown,
  socket,
  socketpair,
} = native;
