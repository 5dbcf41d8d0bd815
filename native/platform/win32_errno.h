// The E* numbers on Windows are libuv's (EACCES is 4092), as the errors of Node itself carry them
// there and as uv_poll_t tells them; those of <errno.h>, which os.constants.errno has, are used by
// no call that is made here. What libuv has no number for keeps Winsock's (EINPROGRESS is 10036),
// or else the one of <errno.h>.
#pragma once

#include <uv/errno.h>
#include <winsock2.h>

// Names these numbers itself, so before they change.
#include <system_error>

#undef E2BIG
#undef EACCES
#undef EADDRINUSE
#undef EADDRNOTAVAIL
#undef EAFNOSUPPORT
#undef EAGAIN
#undef EALREADY
#undef EBADF
#undef EBUSY
#undef ECANCELED
#undef ECONNABORTED
#undef ECONNREFUSED
#undef ECONNRESET
#undef EDESTADDRREQ
#undef EDQUOT
#undef EEXIST
#undef EFAULT
#undef EFBIG
#undef EHOSTDOWN
#undef EHOSTUNREACH
#undef EILSEQ
#undef EINPROGRESS
#undef EINTR
#undef EINVAL
#undef EIO
#undef EISCONN
#undef EISDIR
#undef ELOOP
#undef EMFILE
#undef EMLINK
#undef EMSGSIZE
#undef ENAMETOOLONG
#undef ENETDOWN
#undef ENETRESET
#undef ENETUNREACH
#undef ENFILE
#undef ENOBUFS
#undef ENODEV
#undef ENOENT
#undef ENOMEM
#undef ENOPROTOOPT
#undef ENOSPC
#undef ENOSYS
#undef ENOTCONN
#undef ENOTDIR
#undef ENOTEMPTY
#undef ENOTSOCK
#undef ENOTSUP
#undef ENOTTY
#undef ENXIO
#undef EOPNOTSUPP
#undef EOVERFLOW
#undef EPERM
#undef EPFNOSUPPORT
#undef EPIPE
#undef EPROTO
#undef EPROTONOSUPPORT
#undef EPROTOTYPE
#undef ERANGE
#undef EREMOTE
#undef EROFS
#undef ESHUTDOWN
#undef ESOCKTNOSUPPORT
#undef ESPIPE
#undef ESRCH
#undef ESTALE
#undef ETIMEDOUT
#undef ETOOMANYREFS
#undef ETXTBSY
#undef EUSERS
#undef EWOULDBLOCK
#undef EXDEV

#define E2BIG (-UV__E2BIG)
#define EACCES (-UV__EACCES)
#define EADDRINUSE (-UV__EADDRINUSE)
#define EADDRNOTAVAIL (-UV__EADDRNOTAVAIL)
#define EAFNOSUPPORT (-UV__EAFNOSUPPORT)
#define EAGAIN (-UV__EAGAIN)
#define EALREADY (-UV__EALREADY)
#define EBADF (-UV__EBADF)
#define EBUSY (-UV__EBUSY)
#define ECANCELED (-UV__ECANCELED)
#define ECONNABORTED (-UV__ECONNABORTED)
#define ECONNREFUSED (-UV__ECONNREFUSED)
#define ECONNRESET (-UV__ECONNRESET)
#define EDESTADDRREQ (-UV__EDESTADDRREQ)
#define EDQUOT WSAEDQUOT
#define EEXIST (-UV__EEXIST)
#define EFAULT (-UV__EFAULT)
#define EFBIG (-UV__EFBIG)
#define EHOSTDOWN (-UV__EHOSTDOWN)
#define EHOSTUNREACH (-UV__EHOSTUNREACH)
#define EILSEQ (-UV__EILSEQ)
#define EINPROGRESS WSAEINPROGRESS
#define EINTR (-UV__EINTR)
#define EINVAL (-UV__EINVAL)
#define EIO (-UV__EIO)
#define EISCONN (-UV__EISCONN)
#define EISDIR (-UV__EISDIR)
#define ELOOP (-UV__ELOOP)
#define EMFILE (-UV__EMFILE)
#define EMLINK (-UV__EMLINK)
#define EMSGSIZE (-UV__EMSGSIZE)
#define ENAMETOOLONG (-UV__ENAMETOOLONG)
#define ENETDOWN (-UV__ENETDOWN)
#define ENETRESET WSAENETRESET
#define ENETUNREACH (-UV__ENETUNREACH)
#define ENFILE (-UV__ENFILE)
#define ENOBUFS (-UV__ENOBUFS)
#define ENODEV (-UV__ENODEV)
#define ENOENT (-UV__ENOENT)
#define ENOMEM (-UV__ENOMEM)
#define ENOPROTOOPT (-UV__ENOPROTOOPT)
#define ENOSPC (-UV__ENOSPC)
#define ENOSYS (-UV__ENOSYS)
#define ENOTCONN (-UV__ENOTCONN)
#define ENOTDIR (-UV__ENOTDIR)
#define ENOTEMPTY (-UV__ENOTEMPTY)
#define ENOTSOCK (-UV__ENOTSOCK)
#define ENOTSUP (-UV__ENOTSUP)
#define ENOTTY (-UV__ENOTTY)
#define ENXIO (-UV__ENXIO)
#define EOPNOTSUPP ENOTSUP
#define EOVERFLOW (-UV__EOVERFLOW)
#define EPERM (-UV__EPERM)
#define EPFNOSUPPORT WSAEPFNOSUPPORT
#define EPIPE (-UV__EPIPE)
#define EPROTO (-UV__EPROTO)
#define EPROTONOSUPPORT (-UV__EPROTONOSUPPORT)
#define EPROTOTYPE (-UV__EPROTOTYPE)
#define ERANGE (-UV__ERANGE)
#define EREMOTE WSAEREMOTE
#define EROFS (-UV__EROFS)
#define ESHUTDOWN (-UV__ESHUTDOWN)
#define ESOCKTNOSUPPORT (-UV__ESOCKTNOSUPPORT)
#define ESPIPE (-UV__ESPIPE)
#define ESRCH (-UV__ESRCH)
#define ESTALE WSAESTALE
#define ETIMEDOUT (-UV__ETIMEDOUT)
#define ETOOMANYREFS WSAETOOMANYREFS
#define ETXTBSY (-UV__ETXTBSY)
#define EUSERS WSAEUSERS
#define EWOULDBLOCK EAGAIN
#define EXDEV (-UV__EXDEV)
