// What Linux does in its own way.
#include <linux/filter.h>
#include <linux/sockios.h>

#include <cstddef>
#include <cstring>

#include "posix.h"
#include "posix_shared.h"

namespace os {

const int kSendFlags = MSG_NOSIGNAL;

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

int64_t ReceiveMessage(Descriptor fd, Message* message, int flags) {
  const int added = message->msg_control == nullptr ? 0 : MSG_CMSG_CLOEXEC;
  return Result(::recvmsg(fd, message, flags | added));
}

size_t OptionRoom(int level, int option, const void* value, size_t length) {
  // Instructions of a filter, by their count.
  if (level == SOL_SOCKET && option == SO_GET_FILTER) return length * sizeof(sock_filter);
  const auto* bytes = static_cast<const char*>(value);
  uint32_t count = 0;
  // As many sources as the struct says that it has room for.
  if (level == IPPROTO_IP && option == IP_MSFILTER && length >= IP_MSFILTER_SIZE(0)) {
    std::memcpy(&count, bytes + offsetof(ip_msfilter, imsf_numsrc), sizeof(count));
    return IP_MSFILTER_SIZE(0) + count * sizeof(in_addr);
  }
  const bool is_ip = level == IPPROTO_IP || level == IPPROTO_IPV6;
  if (is_ip && option == MCAST_MSFILTER && length >= GROUP_FILTER_SIZE(0)) {
    std::memcpy(&count, bytes + offsetof(group_filter, gf_numsrc), sizeof(count));
    return GROUP_FILTER_SIZE(0) + count * sizeof(sockaddr_storage);
  }
  return length;
}

size_t IoctlSize(uint32_t request) {
  switch (request) {
    case SIOCOUTQ:
    case SIOCOUTQNSD:
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
      return PosixIoctlSize(request);
  }
}

bool IsIntFcntl(int command) {
  return IsPosixIntFcntl(command) || command == F_GETSIG || command == F_SETSIG;
}

}  // namespace os
