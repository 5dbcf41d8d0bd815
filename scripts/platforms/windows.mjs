/**
 * What of the tests does not apply to Windows, or to wine, and why. A whole file that needs another
 * system is not started (`file`); the rest is skipped by a test's name, or by the error that tells
 * that the platform lacks something: of those only such as docs/platforms.md names.
 */
const wholeFiles = [
  { file: /^(faults|generated|sanitizers|soak)/, why: 'what has a run of its own' },
  { file: /^blocked/, why: 'the watchdog of blocked calls' },
  { file: /^(interop|networks|packages\/(?!web))/, why: 'programs and networks of Linux' },
  { file: /^(architecture|prebuilds)/, why: 'a source tree with the paths of Linux' },
];

const unixSockets = [
  { error: /(socket|error) EAFNOSUPPORT/, why: 'Unix sockets' },
  {
    test: /^members.(socket|stream-socket)\..*\.pair|^members.*#remoteAddress|^security.*(a path and the abstract|the longest names|unnamed peers|an unnamed sender)|^facts.(f09.*Unix|u25)|^families.*SOCK_SEQPACKET/,
    why: 'Unix sockets',
  },
];

const lacking = [
  {
    error:
      /The feature (attachFilter|borrow|encodeVsock|recvmmsg|sendfile|sendmmsg|toNetSocket|SCM_RIGHTS|UDP_SEGMENT) is unavailable/,
    why: '$1',
  },
  {
    error:
      /raw\.(attachFilter|decodeCredentials|decodeExtendedError|decodeVsock|epoll_ctl|epoll_wait|fcntl|if_nameindex|recvmmsg|sendfile|sendmmsg) is not a function/,
    why: '$1',
  },
  { error: /[gs]etsockopt ENOPROTOOPT/, why: 'an option that Windows or wine lacks' },
  {
    test: /^options.*Udp(Cork|Segment|ReceiveOffload|NoChecksum6)|^features.*(`ioctl`|FASTOPEN|spinning)|^families.*netdevice/,
    why: 'a constant of Linux',
  },
  {
    test: /^security.lengths.*decode(Control|ExtendedError|TcpInfo|Credentials|Vsock)/,
    why: 'the structs of Linux',
  },
  {
    test: /^limits.*(descriptors|more than is taken|a length that lies)|^control.*(bad control|by level and type|garbage collector)/,
    why: 'SCM_RIGHTS',
  },
  { test: /^limits.*vectors ›/, why: 'IOV_MAX' },
  { test: /^async.*does not join messages/, why: 'SOCK_SEQPACKET' },
  { test: /^(async|facts).*MSG_DONTWAIT/, why: 'MSG_DONTWAIT' },
  { test: /^(semantics.*signals|facts.(f02|f03|f30|u21))/, why: 'signals' },
  {
    test: /^facts.(f05|f15|f16|f17|u10-|u15)|^semantics.*(another file took|close-on-exec|leaves no descriptor)|^async.*nobody waits on is collected/,
    why: 'a /proc that tells of threads and descriptors',
  },
  {
    test: /^members.*(#getBlocking|\.fromFileDescriptor)/,
    why: 'a way to ask for the mode',
  },
];

/** The other answers of Winsock. */
const different = [
  {
    test: /^facts.(f06|f08|f09.*TCP|f12|f13|f14|f20|f23|f26|f28|f29|u04|u05|u13|u14)|^security.memory.*(MSG_TRUNC|as many bytes)/,
    why: 'the kernel of Linux, whose fact it is',
  },
  {
    test: /^options.*(BufferSize › (differs|is inherited)|DontRoute › differs|IPv6Only › differs|another kind)|^limits.*options › (too few|no bytes|half a timeval|an option of another|less room)|^members.*#getOption/,
    why: 'the kernel of Linux: how it takes and rounds options',
  },
  {
    test: /an unopened number|^members.*Socket › #detach$/,
    why: 'EBADF, for which Windows says ENOTSOCK',
  },
  {
    test: /^members.socket-address.*#toString$|^bad-input.*an address of another family/,
    why: 'names and errors of glibc',
  },
  {
    test: /^limits.*longest|^members.datagram-socket.*#sendBytes #receiveBytes/,
    why: 'the length of a datagram that is cut short',
  },
  { test: /a send timeout tells|^facts.f18/, why: 'how much of a send had gone at its timeout' },
  {
    test: /^members.datagram-socket.*#(joinGroup|blockSource)/,
    why: 'an interface that is called lo',
  },
  { test: /^constants.*Python has/, why: 'a Python of the same system' },
];

export const windows = [...wholeFiles, ...lacking, ...different];

/** What wine 8 lacks, or answers in its own way. */
export const wine = [
  ...windows,
  // Node under wine writes to no pipe.
  { file: /^examples\/examples/, why: 'the output of a child program' },
  ...unixSockets,
  {
    test: /^(facts.(f01|f04)|async.*close tells how much|members.*#bytesWritten)/,
    why: 'a wine with MSG_WAITALL',
  },
  {
    test: /^facts.(f10|f11|f21)|an error behind bytes|a reset (behind bytes|that a short)|was reset before it was taken over|a reset is told, and|#resetAndDestroy|the peer resets|ENOTCONN for a socket that never/,
    why: 'a wine that tells the reset of a connection to a receive',
  },
  {
    test: /datagrams come also after an error/,
    why: 'a wine that tells a datagram’s error',
  },
  {
    test: /an urgent byte stays between what was written/,
    why: 'urgent bytes in line beside much data (not understood)',
  },
  { test: /nonblocking by poll and getError/, why: 'a wine that clears SO_ERROR' },
  {
    test: /^members.datagram-socket.*#connect #disconnect/,
    why: 'a wine that takes the peer of a datagram socket away',
  },
  { test: /families that do not fit/, why: 'a wine that says EAFNOSUPPORT' },
  { test: /^control.*(type of service|packet info)/, why: 'a wine that sends control data' },
  {
    test: /thousands of writes that were corked/,
    why: 'a wine that takes more than 1,024 buffers',
  },
  { test: /^packages.web.*accepted streams, and/, why: 'a wine in which fetch() connects' },
  { test: /ten thousand sockets/, why: 'a wine that is quick enough' },
];
