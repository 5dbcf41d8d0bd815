/**
 * `bsd-sockets/raw`: one function per system call, named and ordered as in the manual, on integer
 * descriptors. The result is the call's own value or the negated errno; only an argument that does
 * not fit is an exception, before the call. No retries, no hidden flags but close-on-exec and
 * `MSG_NOSIGNAL`. A call that the system lacks is undefined.
 */
import './errors';
import { endable } from './interrupted';
import { addon } from './native';

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
  attachFilter,
  bind,
  close,
  controlSpace,
  decodeAddress,
  decodeControl,
  decodeCredentials,
  decodeExtendedError,
  decodeLinger,
  decodePacketInfo,
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
  fcntl,
  gai_strerror,
  getpeername,
  getsockname,
  getsockopt,
  if_indextoname,
  if_nameindex,
  if_nametoindex,
  ioctl,
  listen,
  setsockopt,
  shutdown,
  socket,
  socketpair,
} = addon;

/** The calls that may wait. */
export const {
  accept,
  accept4,
  connect,
  epoll_wait,
  getaddrinfo,
  getnameinfo,
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
} = endable;
