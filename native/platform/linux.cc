// What Linux does in its own way.
#include <linux/sockios.h>

#include "posix.h"

namespace os {

const int kSendFlags = MSG_NOSIGNAL;
const int kReceiveMessageFlags = MSG_CMSG_CLOEXEC;

int64_t Socket(int domain, int type, int protocol) {
  return Result(::socket(domain, type | SOCK_CLOEXEC, protocol));
}

int64_t SocketPair(int domain, int type, int protocol, int32_t* fds) {
  return Result(::socketpair(domain, type | SOCK_CLOEXEC, protocol, fds));
}

int64_t Accept(Descriptor fd, sockaddr* address, socklen_t* length) {
  return Result(::accept4(fd, address, length, SOCK_CLOEXEC));
}

int64_t Pipe(int ends[2]) { return Result(::pipe2(ends, O_CLOEXEC)); }

int64_t Duplicate(Descriptor fd) { return Result(::fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

bool IsBlocking(Descriptor fd) { return (::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0; }

void SetBlocking(Descriptor fd) {
  int off = 0;
  ::ioctl(fd, FIONBIO, &off);
}

size_t IoctlSize(uint32_t request) {
  switch (request) {
    case FIONREAD:  // also SIOCINQ
    case FIONBIO:
    case FIOASYNC:
    case SIOCATMARK:
    case SIOCOUTQ:
    case SIOCOUTQNSD:
    case FIOSETOWN:
    case FIOGETOWN:
    case SIOCSPGRP:
    case SIOCGPGRP:
      return sizeof(int);
    case SIOCGIFNAME:
    case SIOCGIFINDEX:
    case SIOCGIFFLAGS:
    case SIOCSIFFLAGS:
    case SIOCGIFADDR:
    case SIOCSIFADDR:
    case SIOCGIFDSTADDR:
    case SIOCSIFDSTADDR:
    case SIOCGIFBRDADDR:
    case SIOCSIFBRDADDR:
    case SIOCGIFNETMASK:
    case SIOCSIFNETMASK:
    case SIOCGIFMETRIC:
    case SIOCSIFMETRIC:
    case SIOCGIFMTU:
    case SIOCSIFMTU:
    case SIOCGIFHWADDR:
    case SIOCSIFHWADDR:
    case SIOCGIFMAP:
    case SIOCSIFMAP:
    case SIOCGIFTXQLEN:
    case SIOCSIFTXQLEN:
    case SIOCADDMULTI:
    case SIOCDELMULTI:
    case SIOCSIFNAME:
      return sizeof(ifreq);
    default:
      return 0;
  }
}

bool IsIntFcntl(int command) {
  switch (command) {
    case F_GETFD:
    case F_SETFD:
    case F_GETFL:
    case F_SETFL:
    case F_DUPFD_CLOEXEC:
    case F_GETOWN:
    case F_SETOWN:
    case F_GETSIG:
    case F_SETSIG:
      return true;
    default:
      return false;
  }
}

int64_t Ioctl(Descriptor fd, uint32_t request, void* argument) {
  return Result(::ioctl(fd, request, argument));
}

int64_t Fcntl(Descriptor fd, int command, int argument) {
  return Result(::fcntl(fd, command, argument));
}

}  // namespace os
