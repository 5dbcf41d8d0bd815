// What macOS does in its own way: it has no flags for close-on-exec, and a mark on the socket, not
// a flag of the call, keeps a broken pipe from killing the process.
#include <algorithm>

#include "posix.h"
#include "posix_shared.h"

namespace os {

namespace {

// An error is of a connection that has ended already, and can be no broken pipe any more.
void KeepFromSignal(Descriptor fd) {
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
}

Descriptor Prepared(Descriptor fd) {
  if (fd < 0) return fd;
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  KeepFromSignal(fd);
  return fd;
}

// The descriptors in these control messages, the last of which may have been cut short.
void CloseOnExec(Message* message) {
  const auto* end = static_cast<const uint8_t*>(message->msg_control) + message->msg_controllen;
  for (cmsghdr* header = CMSG_FIRSTHDR(message); header != nullptr;
       header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const auto room = static_cast<size_t>(end - CMSG_DATA(header));
    const size_t size = std::min<size_t>(header->cmsg_len - CMSG_LEN(0), room);
    const auto* fds = reinterpret_cast<const int*>(CMSG_DATA(header));
    for (size_t i = 0; i < size / sizeof(int); i++) ::fcntl(fds[i], F_SETFD, FD_CLOEXEC);
  }
}

}  // namespace

const int kSendFlags = 0;

int64_t Socket(int domain, int type, int protocol) {
  return Result(Prepared(::socket(domain, type, protocol)));
}

int64_t SocketPair(int domain, int type, int protocol, int32_t* fds) {
  const int result = ::socketpair(domain, type, protocol, fds);
  if (result == 0) {
    Prepared(fds[0]);
    Prepared(fds[1]);
  }
  return Result(result);
}

int64_t Pipe(int ends[2]) {
  const int result = ::pipe(ends);
  if (result == 0) {
    ::fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    ::fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  }
  return Result(result);
}

// It has the listener's mode here; elsewhere it always is blocking.
int64_t Accept(Descriptor fd, sockaddr* address, socklen_t* length) {
  const Descriptor accepted = Prepared(::accept(fd, address, length));
  if (accepted >= 0) SetBlocking(accepted);
  return Result(accepted);
}

int64_t ReceiveMessage(Descriptor fd, Message* message, int flags) {
  const int64_t result = Result(::recvmsg(fd, message, flags));
  if (result >= 0 && message->msg_control != nullptr) CloseOnExec(message);
  return result;
}

size_t OptionRoom(int /*level*/, int /*option*/, const void* /*value*/, size_t length) {
  return length;
}

size_t IoctlSize(uint32_t request) {
  switch (request) {
    case SIOCSHIWAT:
    case SIOCGHIWAT:
    case SIOCSLOWAT:
    case SIOCGLOWAT:
      return sizeof(int);
    case SIOCGIFADDR:
    case SIOCGIFBRDADDR:
    case SIOCGIFDSTADDR:
    case SIOCGIFFLAGS:
    case SIOCGIFMETRIC:
    case SIOCGIFMTU:
    case SIOCGIFNETMASK:
      return sizeof(ifreq);
    default:
      return PosixIoctlSize(request);
  }
}

bool IsIntFcntl(int command) {
  return IsPosixIntFcntl(command) || command == F_GETNOSIGPIPE || command == F_SETNOSIGPIPE;
}

}  // namespace os
