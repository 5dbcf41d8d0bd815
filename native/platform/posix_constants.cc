// The names that every POSIX system has, and Windows has not.
#include "posix.h"
#include "posix_shared.h"

// musl has no name for it. (In glibc's headers it is an enumerator, which cannot be asked for.)
#if defined(__linux__) && !defined(__GLIBC__)
#define IPPORT_USERRESERVED 5000
#endif

namespace os {

namespace {

constexpr Constant kConstants[] = {
    CONSTANT(AF_LOCAL),
    CONSTANT(F_GETFD),
    CONSTANT(F_SETFD),
    CONSTANT(F_GETFL),
    CONSTANT(F_SETFL),
    CONSTANT(F_GETOWN),
    CONSTANT(F_SETOWN),
    CONSTANT(F_DUPFD_CLOEXEC),
    CONSTANT(FD_CLOEXEC),
    CONSTANT(O_NONBLOCK),
    CONSTANT(FIOASYNC),
    CONSTANT(FIOGETOWN),
    CONSTANT(FIOSETOWN),
    CONSTANT(SIOCGPGRP),
    CONSTANT(SIOCSPGRP),
    CONSTANT(SCM_RIGHTS),
    CONSTANT(SCM_TIMESTAMP),
    CONSTANT(SO_TIMESTAMP),
    CONSTANT(SO_REUSEPORT),
    CONSTANT(MSG_EOR),
    CONSTANT(MSG_DONTWAIT),
    CONSTANT(IOV_MAX),
    CONSTANT(EAI_SYSTEM),
    CONSTANT(EAI_OVERFLOW),
    CONSTANT(EAI_ADDRFAMILY),
    CONSTANT(EAI_NODATA),
    CONSTANT(IP_RECVOPTS),
    CONSTANT(IP_RECVRETOPTS),
    CONSTANT(IP_RETOPTS),
    CONSTANT(IPV6_DSTOPTS),
    CONSTANT(IPV6_NEXTHOP),
    CONSTANT(IPV6_PATHMTU),
    CONSTANT(IPV6_RECVPATHMTU),
    CONSTANT(EMULTIHOP),
    CONSTANT(ENOTBLK),
    CONSTANT(INADDR_UNSPEC_GROUP),
    CONSTANT(INADDR_ALLHOSTS_GROUP),
    CONSTANT(INADDR_MAX_LOCAL_GROUP),
    CONSTANT(IPPORT_RESERVED),
    CONSTANT(IPPORT_USERRESERVED),
};

}  // namespace

ConstantList PosixConstants() { return {kConstants, sizeof(kConstants) / sizeof(kConstants[0])}; }

}  // namespace os
