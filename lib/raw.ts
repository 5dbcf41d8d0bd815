/**
 * `bsd-sockets/raw`: one function per system call, named and ordered as in the manual, on integer
 * descriptors. The result is the call's own value or the negated errno; only an argument that does
 * not fit is an exception, before the call. No retries, no hidden flags but close-on-exec and
 * `MSG_NOSIGNAL`. A call that the system lacks is undefined.
 */
import './errors';
import { endable } from './interrupted';

export { constants } from './constants';
export type {
  Address,
  AddressInfo,
  Bytes,
  Credentials,
  DecodedAddress,
  Linger,
  RawControlMessage,
  RawExtendedError,
} from './native';

export const {
  accept,
  accept4,
  attachFilter,
  bind,
  close,
  connect,
  controlSpace,
  decodeAddress,
  decodeControl,
  decodeCredentials,
  decodeExtendedError,
  decodeLinger,
  decodePacketInfo,
  decodePeerCredentials,
  decodeTcpInfo,
  decodeTimes,
  decodeTimeval,
  decodeVsock,
  dup,
  encodeAddress,
  encodeControl,
  encodeCredentials,
  encodeGroup,
  encodeLinger,
  encodePacketInfo,
  encodeTimeval,
  encodeVsock,
  epoll_create1,
  epoll_ctl,
  epoll_wait,
  fcntl,
  gai_strerror,
  getaddrinfo,
  getnameinfo,
  getpeername,
  getsockname,
  getsockopt,
  if_indextoname,
  if_nameindex,
  if_nametoindex,
  ioctl,
  listen,
  poll,
  recv,
  recvfrom,
  recvmmsg,
  recvmsg,
  send,
  sendfile,
  sendmmsg,
  sendmsg,
  sendto,
  setsockopt,
  shutdown,
  socket,
  socketpair,
} = endable;
