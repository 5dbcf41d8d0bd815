// System calls of Windows, by the names and in the terms of posix.h: each gives the call's own
// value or the negated errno (win32_errno.h says which numbers those are). A descriptor is a
// SOCKET.
#pragma once

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif

// Each needs the types of those before it.
// clang-format off
#include <winsock2.h>
#include <ws2tcpip.h>
#include <afunix.h>
#include <mswsock.h>
#include <iphlpapi.h>
#include <netioapi.h>
// clang-format on

#include <climits>
#include <cstddef>
#include <cstdint>
#include <string>

#include "win32_errno.h"

// POSIX's names for what has another one here.
using cmsghdr = WSACMSGHDR;
#define CMSG_LEN(size) WSA_CMSG_LEN(size)
#define CMSG_SPACE(size) WSA_CMSG_SPACE(size)
#define SHUT_RD SD_RECEIVE
#define SHUT_WR SD_SEND
#define SHUT_RDWR SD_BOTH
#define IPV6_RECVPKTINFO IPV6_PKTINFO
#define IPV6_RECVHOPLIMIT IPV6_HOPLIMIT

// Here it is POLLRDNORM | POLLRDBAND, so that urgent data could not be told from other data.
#undef POLLIN
#define POLLIN POLLRDNORM

// Younger than some headers.
#ifndef TCP_MAXSEG
#define TCP_MAXSEG 4
#endif
#ifndef TCP_FASTOPEN
#define TCP_FASTOPEN 15
#endif
#ifndef TCP_KEEPCNT
#define TCP_KEEPCNT 16
#endif
#ifndef TCP_KEEPINTVL
#define TCP_KEEPINTVL 17
#endif

namespace os {

// The members that are used of struct iovec, as WSABUF has them, and of struct msghdr.
struct IoVector {
  ULONG iov_len;
  void* iov_base;
};
struct Message {
  void* msg_name;
  int msg_namelen;
  IoVector* msg_iov;
  size_t msg_iovlen;
  void* msg_control;
  size_t msg_controllen;
  int msg_flags;
};

using Descriptor = SOCKET;
using PollEntry = WSAPOLLFD;
constexpr Descriptor kNoDescriptor = INVALID_SOCKET;
// A SOCKET is a kernel handle: a multiple of 4 below 2^26, in a process with 16 million of them.
// Those that would not fit are refused where they are made.
constexpr double kLastDescriptor = INT_MAX;
constexpr double kMostSeconds = LONG_MAX - 1;
constexpr int kMostLinger = USHRT_MAX;
// There is no such flag.
constexpr int kDontWait = 0;
// One call takes as many buffers as there is memory for.
constexpr size_t kMostBuffers = UINT32_MAX - 1;
// No lookup is interrupted.
constexpr int kInterruptedLookup = EAI_AGAIN;

// A name that begins with NUL is as others are to Windows: refused there, not here.
constexpr bool kHasAbstractNames = true;
inline void SetLength(sockaddr* /*address*/, size_t /*size*/) {}

inline IoVector MakeIoVector(void* data, size_t size) {
  return {static_cast<ULONG>(size < INT_MAX ? size : INT_MAX), data};
}

inline in_addr* SourceOf(in_pktinfo* info) { return &info->ipi_addr; }

// The negated errno for one of Winsock's errors; left out, the last one of this thread.
int64_t Error(int code);
int64_t Error();

inline int64_t Result(int result) { return result == SOCKET_ERROR ? Error() : result; }

// WSAStartup, once.
void Start();

// The system's words for an EAI_ number. (gai_strerror is not thread-safe here.)
std::string AddressErrorText(int code);

// Not inherited by child processes. A socketpair is one of loopback sockets (AF_INET, also where
// AF_UNIX is asked for), a stream or datagrams. An accepted socket is blocking, whatever the
// listener is, as on Linux.
int64_t Socket(int domain, int type, int protocol);
int64_t SocketPair(int domain, int type, int protocol, int32_t* fds);
int64_t Accept(Descriptor fd, sockaddr* address, socklen_t* length);
int64_t Duplicate(Descriptor fd);

// How many bytes the argument of `request` has; 0 for a request that is not known.
size_t IoctlSize(uint32_t request);
// SIOCATMARK is told as elsewhere: 1 at the mark. Windows has it the other way round.
int64_t Ioctl(Descriptor fd, uint32_t request, void* argument);

// EINPROGRESS where a nonblocking connect has begun; AF_UNSPEC takes a datagram socket's peer away.
int64_t Connect(Descriptor fd, const void* address, size_t size);

// MSG_OOB never waits: EINVAL where there is no urgent byte. After SHUT_RD the stream has ended: 0.
// A datagram that was longer than the room gives the room's size, with MSG_TRUNC in msg_flags, and
// no EMSGSIZE.
int64_t Receive(Descriptor fd, void* data, size_t size, int flags);
int64_t ReceiveFrom(Descriptor fd, void* data, size_t size, int flags, sockaddr* address,
                    socklen_t* length);
int64_t ReceiveMessage(Descriptor fd, Message* message, int flags);

// EPIPE after SHUT_WR.
int64_t Send(Descriptor fd, const void* data, size_t size, int flags);
int64_t SendTo(Descriptor fd, const void* data, size_t size, int flags, const void* address,
               size_t address_size);
int64_t SendMessage(Descriptor fd, const Message* message, int flags);

// SO_RCVTIMEO and SO_SNDTIMEO are struct timeval as elsewhere, not a DWORD of milliseconds (which a
// value of four bytes is taken for); SO_ERROR is an errno.
int64_t GetOption(Descriptor fd, int level, int option, void* value, socklen_t* length);
inline size_t OptionRoom(int /*level*/, int /*option*/, const void* /*value*/, size_t length) {
  return length;
}
int64_t SetOption(Descriptor fd, int level, int option, const void* value, size_t size);

// WSAPoll, with POLLPRI for urgent data, negative descriptors passed over, and failed connects told
// on every Windows.
int64_t Poll(PollEntry* entries, size_t count, int timeout);
bool HasUrgentByte(Descriptor fd);

inline int64_t Close(Descriptor fd) { return Result(::closesocket(fd)); }

inline int64_t Bind(Descriptor fd, const void* address, size_t size) {
  return Result(::bind(fd, static_cast<const sockaddr*>(address), static_cast<int>(size)));
}

inline int64_t Listen(Descriptor fd, int backlog) { return Result(::listen(fd, backlog)); }

inline int64_t Shutdown(Descriptor fd, int how) { return Result(::shutdown(fd, how)); }

// The wildcard address of a socket that is not bound.
int64_t GetSocketName(Descriptor fd, sockaddr* address, socklen_t* length);

inline int64_t GetPeerName(Descriptor fd, sockaddr* address, socklen_t* length) {
  return Result(::getpeername(fd, address, length));
}

}  // namespace os
