// System calls of POSIX systems. Each gives the call's own value or the negated errno. What
// differs between these systems is declared here and stands in linux.cc (and its siblings).
#pragma once

// macOS: IPv6's options as RFC 3542 has them, and as all others do.
#define __APPLE_USE_RFC_3542  // NOLINT(bugprone-reserved-identifier): the name is Apple’s

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <string>

namespace os {

using Descriptor = int;
using IoVector = iovec;
using Message = msghdr;
using PollEntry = pollfd;
constexpr Descriptor kNoDescriptor = -1;
constexpr double kLastDescriptor = INT_MAX;
// What fits into the seconds of struct timeval (more than anybody waits) and struct linger.
constexpr double kMostSeconds = 9e12;
constexpr int kMostLinger = INT_MAX;
constexpr int kDontWait = MSG_DONTWAIT;
// How many buffers one call takes.
constexpr size_t kMostBuffers = IOV_MAX;

inline int64_t Result(int64_t result) { return result < 0 ? -errno : result; }

inline IoVector MakeIoVector(void* data, size_t size) { return {data, size}; }

// What a lookup gives that was interrupted.
#ifdef EAI_INTR
constexpr int kInterruptedLookup = EAI_INTR;
#else
constexpr int kInterruptedLookup = EAI_SYSTEM;
#endif

// BSD's addresses begin with their length, which getnameinfo(3) looks at. Their Unix sockets have
// no abstract names; one without a name has zeros for a path.
#if defined(__APPLE__)
constexpr bool kHasAbstractNames = false;
inline void SetLength(sockaddr* address, size_t size) {
  address->sa_len = static_cast<uint8_t>(size);
}
#else
constexpr bool kHasAbstractNames = true;
inline void SetLength(sockaddr* /*address*/, size_t /*size*/) {}
#endif

// Where a datagram is told to leave from.
inline in_addr* SourceOf(in_pktinfo* info) { return &info->ipi_spec_dst; }

// The system's words for an EAI_ number.
inline std::string AddressErrorText(int code) { return ::gai_strerror(code); }

// These open descriptors, always close-on-exec, and keep a broken pipe from killing the process.
int64_t Socket(int domain, int type, int protocol);
int64_t SocketPair(int domain, int type, int protocol, int32_t* fds);
int64_t Accept(Descriptor fd, sockaddr* address, socklen_t* length);
int64_t ReceiveMessage(Descriptor fd, Message* message, int flags);
inline int64_t Duplicate(Descriptor fd) { return Result(::fcntl(fd, F_DUPFD_CLOEXEC, 0)); }
int64_t Pipe(int ends[2]);

// The mode, for those who must put it back.
inline bool IsBlocking(Descriptor fd) { return (::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0; }

inline void SetBlocking(Descriptor fd) {
  int off = 0;
  ::ioctl(fd, FIONBIO, &off);
}

// Added to the flags of every send, for the same promise.
extern const int kSendFlags;

// How many bytes the argument of `request` has, so that nothing is written past them; 0 for a
// request that is not known, or whose argument has a pointer in it.
size_t IoctlSize(uint32_t request);
// How much getsockopt(2) may write: for some options `length` is not in bytes, or not looked at.
size_t OptionRoom(int level, int option, const void* value, size_t length);
// Whether `command` takes an int.
bool IsIntFcntl(int command);

inline int64_t Ioctl(Descriptor fd, uint32_t request, void* argument) {
  return Result(::ioctl(fd, request, argument));
}

// F_GETOWN gives a negative number for a group of processes.
inline int64_t Fcntl(Descriptor fd, int command, int argument) {
  errno = 0;
  const int result = ::fcntl(fd, command, argument);
  return result < 0 && errno != 0 ? -errno : result;
}

inline int64_t Close(Descriptor fd) { return Result(::close(fd)); }

inline int64_t Bind(Descriptor fd, const void* address, size_t size) {
  return Result(::bind(fd, static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)));
}

inline int64_t Connect(Descriptor fd, const void* address, size_t size) {
  return Result(::connect(fd, static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)));
}

inline int64_t Listen(Descriptor fd, int backlog) { return Result(::listen(fd, backlog)); }

inline int64_t Shutdown(Descriptor fd, int how) { return Result(::shutdown(fd, how)); }

inline int64_t Receive(Descriptor fd, void* data, size_t size, int flags) {
  return Result(::recv(fd, data, size, flags));
}

inline int64_t ReceiveFrom(Descriptor fd, void* data, size_t size, int flags, sockaddr* address,
                           socklen_t* length) {
  return Result(::recvfrom(fd, data, size, flags, address, length));
}

inline int64_t Send(Descriptor fd, const void* data, size_t size, int flags) {
  return Result(::send(fd, data, size, flags | kSendFlags));
}

inline int64_t SendTo(Descriptor fd, const void* data, size_t size, int flags, const void* address,
                      size_t address_size) {
  return Result(::sendto(fd, data, size, flags | kSendFlags, static_cast<const sockaddr*>(address),
                         static_cast<socklen_t>(address_size)));
}

inline int64_t SendMessage(Descriptor fd, const Message* message, int flags) {
  return Result(::sendmsg(fd, message, flags | kSendFlags));
}

inline int64_t GetSocketName(Descriptor fd, sockaddr* address, socklen_t* length) {
  return Result(::getsockname(fd, address, length));
}

inline int64_t GetPeerName(Descriptor fd, sockaddr* address, socklen_t* length) {
  return Result(::getpeername(fd, address, length));
}

inline int64_t GetOption(Descriptor fd, int level, int option, void* value, socklen_t* length) {
  return Result(::getsockopt(fd, level, option, value, length));
}

inline int64_t SetOption(Descriptor fd, int level, int option, const void* value, size_t size) {
  return Result(::setsockopt(fd, level, option, value, static_cast<socklen_t>(size)));
}

inline int64_t Poll(PollEntry* entries, size_t count, int timeout) {
  return Result(::poll(entries, static_cast<nfds_t>(count), timeout));
}

}  // namespace os
