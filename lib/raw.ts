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

/** socket(2). The new descriptor, close-on-exec. */
export const socket = endable.socket;

/** socketpair(2). Both descriptors, close-on-exec, are put into `fds`. */
export const socketpair = endable.socketpair;

/** close(2). Not to be repeated after an error: the descriptor is gone all the same. */
export const close = endable.close;

/** fcntl(2) with `F_DUPFD_CLOEXEC`: dup(2), but close-on-exec. */
export const dup = endable.dup;

/** bind(2). */
export const bind = endable.bind;

/** listen(2). */
export const listen = endable.listen;

/**
 * accept(2). The new descriptor, close-on-exec. `addressLength[0]` is the room in `address`, and
 * after the call the length of the peer's address.
 */
export const accept = endable.accept;

/** accept4(2): accept(2) with `SOCK_NONBLOCK` in `flags`. */
export const accept4 = endable.accept4;

/** connect(2). */
export const connect = endable.connect;

/** shutdown(2). */
export const shutdown = endable.shutdown;

/** send(2). `MSG_NOSIGNAL` is added, so that a broken pipe is `-EPIPE` and nothing more. */
export const send = endable.send;

/** sendto(2), with `MSG_NOSIGNAL`. */
export const sendto = endable.sendto;

/** sendmsg(2), with `MSG_NOSIGNAL`; the arguments are the members of `struct msghdr`. */
export const sendmsg = endable.sendmsg;

/** recv(2). */
export const recv = endable.recv;

/** recvfrom(2). `addressLength` as in {@link accept}. */
export const recvfrom = endable.recvfrom;

/**
 * recvmsg(2), with `MSG_CMSG_CLOEXEC`; the arguments are the members of `struct msghdr`.
 * `results` gets `msg_namelen`, `msg_controllen` and `msg_flags`.
 */
export const recvmsg = endable.recvmsg;

/**
 * recvmmsg(2), without its timeout. `buffer` has room for `count` messages of `size` bytes, and
 * `names` (null: none) 128 bytes for each. `results` gets three numbers for each: msg_len,
 * msg_namelen and msg_flags.
 */
export const recvmmsg = endable.recvmmsg;

/**
 * sendmmsg(2), with `MSG_NOSIGNAL`. As {@link recvmmsg}; `results` says beforehand how long
 * each message and its name are (0: no name), and afterwards how much went.
 */
export const sendmmsg = endable.sendmmsg;

/** sendfile(2). `offset` null is the file's own position. */
export const sendfile = endable.sendfile;

/** epoll_create1(2), with `EPOLL_CLOEXEC`. */
export const epoll_create1 = endable.epoll_create1;

/** epoll_ctl(2). `data` is an integer that {@link epoll_wait} gives back. */
export const epoll_ctl = endable.epoll_ctl;

/** epoll_wait(2). `events` gets data and events of each; 256 at most at once. */
export const epoll_wait = endable.epoll_wait;

/** getsockname(2). `addressLength` as in {@link accept}. */
export const getsockname = endable.getsockname;

/** getpeername(2). `addressLength` as in {@link accept}. */
export const getpeername = endable.getpeername;

/** getsockopt(2). `length[0]` is the room behind `offset`, then the length of the value. */
export const getsockopt = endable.getsockopt;

/** setsockopt(2). */
export const setsockopt = endable.setsockopt;

/** poll(2). `fds` holds fd, events, revents of each entry; `timeout` is in milliseconds. */
export const poll = endable.poll;

/**
 * ioctl(2), for socket requests whose argument is one int, such as `FIONREAD`, or the bytes of a
 * struct ifreq without a pointer, such as `SIOCGIFMTU` (netdevice(7)).
 */
export const ioctl = endable.ioctl;

/**
 * setsockopt(2) with `SO_ATTACH_FILTER` or `SO_ATTACH_REUSEPORT_CBPF`, whose value is a pointer:
 * `count` instructions of classic BPF, each four integers, code, jt, jf, k.
 */
export const attachFilter = endable.attachFilter;

/** fcntl(2), for commands whose argument is an int, such as `F_SETFL`. */
export const fcntl = endable.fcntl;

/** getaddrinfo(3). It blocks. An array, or the `EAI_` number. */
export const getaddrinfo = endable.getaddrinfo;

/** getnameinfo(3). It blocks. An object, or the `EAI_` number. */
export const getnameinfo = endable.getnameinfo;

/** gai_strerror(3): the words for an `EAI_` number. */
export const gai_strerror = endable.gai_strerror;

/** if_nametoindex(3): the interface's index, or -ENODEV. */
export const if_nametoindex = endable.if_nametoindex;

/** if_indextoname(3): the interface's name, or -ENXIO. */
export const if_indextoname = endable.if_indextoname;

/** if_nameindex(3): all interfaces, or -errno. */
export const if_nameindex = endable.if_nameindex;

/** Control messages as sendmsg(2) takes them, cmsg(3). */
export const encodeControl = endable.encodeControl;

/** The messages in the first `length` bytes; the last may be cut short. */
export const decodeControl = endable.decodeControl;

/** CMSG_SPACE(3): the room for a message with `size` bytes. */
export const controlSpace = endable.controlSpace;

/** A struct in_pktinfo (4 octets) or in6_pktinfo (16 octets). */
export const encodePacketInfo = endable.encodePacketInfo;

/** The parts of a struct in_pktinfo or in6_pktinfo. */
export const decodePacketInfo = endable.decodePacketInfo;

/** A struct ucred. */
export const encodeCredentials = endable.encodeCredentials;

/** The parts of a struct ucred. */
export const decodeCredentials = endable.decodeCredentials;

/** A struct xucred. */
export const decodePeerCredentials = endable.decodePeerCredentials;

/** A struct sock_extended_err and the sockaddr behind it. */
export const decodeExtendedError = endable.decodeExtendedError;

/** struct timespec or timeval, one or several, in nanoseconds since 1970. */
export const decodeTimes = endable.decodeTimes;

/** struct group_req, or group_source_req if there is a source. */
export const encodeGroup = endable.encodeGroup;

/** What the kernel gave of struct tcp_info, by the fields' names without `tcpi_`. */
export const decodeTcpInfo = endable.decodeTcpInfo;

/** A struct sockaddr_vm. */
export const encodeVsock = endable.encodeVsock;

/** The parts of a struct sockaddr_vm. */
export const decodeVsock = endable.decodeVsock;

/**
 * A `sockaddr` from a numeric host, or from a path (a leading NUL: an abstract name). `-EINVAL`
 * for a text that is no address, `-ENODEV` for an unknown interface behind `%`.
 */
export const encodeAddress = endable.encodeAddress;

/** What the first `length` bytes of a `sockaddr` say. */
export const decodeAddress = endable.decodeAddress;

/** A `struct timeval`. */
export const encodeTimeval = endable.encodeTimeval;

/** A struct timeval in milliseconds. */
export const decodeTimeval = endable.decodeTimeval;

/** A `struct linger`. */
export const encodeLinger = endable.encodeLinger;

/** The parts of a struct linger. */
export const decodeLinger = endable.decodeLinger;
