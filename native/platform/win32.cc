// What Windows does in its own way.
#include "win32.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "../exports.h"

namespace os {

namespace {

static_assert(sizeof(IoVector) == sizeof(WSABUF) && offsetof(IoVector, iov_len) == 0 &&
                  offsetof(IoVector, iov_base) == offsetof(WSABUF, buf),
              "an IoVector is a WSABUF");

constexpr DWORD kSocketFlags = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;

int ErrorNumber(int code) {
  switch (code) {
    case WSAEINTR:
      return EINTR;
    case WSAEBADF:
    case WSA_INVALID_HANDLE:
      return EBADF;
    case WSAEACCES:
    case ERROR_ACCESS_DENIED:
      return EACCES;
    case WSAEFAULT:
      return EFAULT;
    case WSAEINVAL:
    case WSA_INVALID_PARAMETER:
      return EINVAL;
    case WSAEMFILE:
      return EMFILE;
    case WSAEWOULDBLOCK:
      return EAGAIN;
    case WSAEINPROGRESS:
      return EINPROGRESS;
    case WSAEALREADY:
      return EALREADY;
    case WSAENOTSOCK:
      return ENOTSOCK;
    case WSAEDESTADDRREQ:
      return EDESTADDRREQ;
    case WSAEMSGSIZE:
      return EMSGSIZE;
    case WSAEPROTOTYPE:
      return EPROTOTYPE;
    case WSAENOPROTOOPT:
      return ENOPROTOOPT;
    case WSAEPROTONOSUPPORT:
      return EPROTONOSUPPORT;
    case WSAESOCKTNOSUPPORT:
      return ESOCKTNOSUPPORT;
    case WSAEOPNOTSUPP:
      return EOPNOTSUPP;
    case WSAEPFNOSUPPORT:
      return EPFNOSUPPORT;
    case WSAEAFNOSUPPORT:
      return EAFNOSUPPORT;
    case WSAEADDRINUSE:
      return EADDRINUSE;
    case WSAEADDRNOTAVAIL:
      return EADDRNOTAVAIL;
    case WSAENETDOWN:
    case WSASYSNOTREADY:
    case WSANOTINITIALISED:
      return ENETDOWN;
    case WSAENETUNREACH:
      return ENETUNREACH;
    case WSAENETRESET:
      return ENETRESET;
    case WSAECONNABORTED:
    case ERROR_CONNECTION_ABORTED:
      return ECONNABORTED;
    case WSAECONNRESET:
    case ERROR_NETNAME_DELETED:
      return ECONNRESET;
    case WSAENOBUFS:
      return ENOBUFS;
    case WSAEISCONN:
      return EISCONN;
    case WSAENOTCONN:
      return ENOTCONN;
    case WSAESHUTDOWN:
      return ESHUTDOWN;
    case WSAETOOMANYREFS:
      return ETOOMANYREFS;
    case WSAETIMEDOUT:
    case ERROR_SEM_TIMEOUT:
      return ETIMEDOUT;
    case WSAECONNREFUSED:
    case ERROR_CONNECTION_REFUSED:
    case ERROR_PORT_UNREACHABLE:
      return ECONNREFUSED;
    case WSAELOOP:
      return ELOOP;
    case WSAENAMETOOLONG:
      return ENAMETOOLONG;
    case WSAEHOSTDOWN:
      return EHOSTDOWN;
    case WSAEHOSTUNREACH:
    case ERROR_HOST_UNREACHABLE:
      return EHOSTUNREACH;
    case WSAENOTEMPTY:
      return ENOTEMPTY;
    case WSAEUSERS:
      return EUSERS;
    case WSAEDQUOT:
      return EDQUOT;
    case WSAESTALE:
      return ESTALE;
    case WSAEREMOTE:
      return EREMOTE;
    case WSA_OPERATION_ABORTED:
    case WSAECANCELLED:
    case WSA_E_CANCELLED:
      return ECANCELED;
    case WSA_NOT_ENOUGH_MEMORY:
      return ENOMEM;
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
      return ENOENT;
    default:
      // Winsock's own number is more than no name at all.
      return code >= WSABASEERR ? code : EIO;
  }
}

// A new socket's number, if it can be one here.
int64_t Made(SOCKET fd) {
  if (fd == INVALID_SOCKET) return Error();
  if (fd <= INT_MAX) return static_cast<int64_t>(fd);
  ::closesocket(fd);
  return -EMFILE;
}

void SetBlocking(Descriptor fd) {
  u_long off = 0;
  ::ioctlsocket(fd, static_cast<long>(FIONBIO), &off);
}

int TypeOf(Descriptor fd) {
  int type = 0;
  int length = sizeof(type);
  ::getsockopt(fd, SOL_SOCKET, SO_TYPE, reinterpret_cast<char*>(&type), &length);
  return type;
}

int Room(size_t size) { return static_cast<int>(std::min<size_t>(size, INT_MAX)); }

// Without an urgent byte a blocking receive of one would wait for it. Other sockets than streams
// say themselves that they have none.
bool LacksUrgentByte(Descriptor fd, int flags) {
  return (flags & MSG_OOB) != 0 && TypeOf(fd) == SOCK_STREAM && !HasUrgentByte(fd);
}

int64_t Received(int result) {
  const int64_t value = Result(result);
  return value == -ESHUTDOWN ? 0 : value;
}

int64_t Sent(int result) {
  const int64_t value = Result(result);
  return value == -ESHUTDOWN ? -EPIPE : value;
}

WSABUF* Buffers(const Message& message) { return reinterpret_cast<WSABUF*>(message.msg_iov); }

size_t TotalSize(const Message& message) {
  size_t size = 0;
  for (size_t i = 0; i < message.msg_iovlen; i++) size += message.msg_iov[i].iov_len;
  return size;
}

// At least one buffer, as Winsock wants it.
void AddEmptyBuffer(Message* message, IoVector* empty) {
  if (message->msg_iovlen > 0) return;
  *empty = {0, nullptr};
  message->msg_iov = empty;
  message->msg_iovlen = 1;
}

// WSARecvMsg has to be asked for.
LPFN_WSARECVMSG ReceiveMessageFunction(Descriptor fd) {
  static std::atomic<LPFN_WSARECVMSG> known{nullptr};
  LPFN_WSARECVMSG function = known;
  if (function != nullptr) return function;
  GUID id = WSAID_WSARECVMSG;
  DWORD size = 0;
  if (::WSAIoctl(fd, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), &function,
                 sizeof(function), &size, nullptr, nullptr) != 0) {
    return nullptr;
  }
  known = function;
  return function;
}

// Data, address and control messages: for datagrams only.
int64_t ReceiveWithControl(Descriptor fd, LPFN_WSARECVMSG function, Message* message, int flags) {
  WSAMSG received = {};
  received.name = static_cast<sockaddr*>(message->msg_name);
  received.namelen = message->msg_namelen;
  received.lpBuffers = Buffers(*message);
  received.dwBufferCount = static_cast<DWORD>(message->msg_iovlen);
  received.Control.buf = static_cast<char*>(message->msg_control);
  received.Control.len = static_cast<ULONG>(message->msg_controllen);
  received.dwFlags = static_cast<DWORD>(flags);
  DWORD count = 0;
  const int result = function(fd, &received, &count, nullptr, nullptr);
  const int64_t error = Result(result);
  if (error < 0 && error != -EMSGSIZE) return error;
  message->msg_namelen = received.name == nullptr ? 0 : received.namelen;
  message->msg_controllen = received.Control.len;
  message->msg_flags = static_cast<int>(received.dwFlags);
  if (error == 0) return count;
  // What was cut short: the control messages, or else the data, which fills its room.
  if ((received.dwFlags & MSG_CTRUNC) != 0 && (received.dwFlags & MSG_TRUNC) == 0) return count;
  message->msg_flags |= MSG_TRUNC;
  return static_cast<int64_t>(TotalSize(*message));
}

int64_t ReceiveData(Descriptor fd, Message* message, int flags) {
  DWORD count = 0;
  auto used = static_cast<DWORD>(flags);
  // A stream does not tell who sent.
  auto* name = static_cast<sockaddr*>(message->msg_name);
  if (name != nullptr && message->msg_namelen >= static_cast<int>(sizeof(name->sa_family))) {
    name->sa_family = AF_UNSPEC;
  }
  int length = message->msg_namelen;
  const int result =
      ::WSARecvFrom(fd, Buffers(*message), static_cast<DWORD>(message->msg_iovlen), &count, &used,
                    name, name == nullptr ? nullptr : &length, nullptr, nullptr);
  const int64_t error = Received(result);
  if (error < 0 && error != -EMSGSIZE) return error;
  message->msg_namelen = name == nullptr || name->sa_family == AF_UNSPEC ? 0 : length;
  message->msg_controllen = 0;
  message->msg_flags = error < 0 ? MSG_TRUNC : 0;
  return error < 0 ? static_cast<int64_t>(TotalSize(*message)) : count;
}

// Either end of a connection over the loopback address; the listener takes no other.
int64_t StreamPair(SOCKET listener, SOCKET first, SOCKET* second) {
  sockaddr_in address = {};
  sockaddr_in peer = {};
  int length = sizeof(address);
  const BOOL on = TRUE;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  ::setsockopt(listener, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, reinterpret_cast<const char*>(&on),
               sizeof(on));
  if (::bind(listener, name, length) != 0 || ::listen(listener, 1) != 0 ||
      ::getsockname(listener, name, &length) != 0 || ::connect(first, name, length) != 0 ||
      ::getsockname(first, name, &length) != 0) {
    return Error();
  }
  // Somebody else may have been quicker.
  for (;;) {
    int peer_length = sizeof(peer);
    const int64_t accepted = Accept(listener, reinterpret_cast<sockaddr*>(&peer), &peer_length);
    if (accepted < 0) return accepted;
    *second = static_cast<SOCKET>(accepted);
    if (peer.sin_port == address.sin_port && peer.sin_addr.s_addr == address.sin_addr.s_addr) break;
    ::closesocket(*second);
    *second = INVALID_SOCKET;
  }
  for (const SOCKET fd : {first, *second}) {
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&on), sizeof(on));
  }
  return 0;
}

int64_t DatagramPair(SOCKET first, SOCKET second) {
  sockaddr_in addresses[2] = {};
  const SOCKET sockets[2] = {first, second};
  for (int i = 0; i < 2; i++) {
    int length = sizeof(addresses[i]);
    addresses[i].sin_family = AF_INET;
    addresses[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* name = reinterpret_cast<sockaddr*>(&addresses[i]);
    if (::bind(sockets[i], name, length) != 0 || ::getsockname(sockets[i], name, &length) != 0) {
      return Error();
    }
  }
  for (int i = 0; i < 2; i++) {
    auto* peer = reinterpret_cast<sockaddr*>(&addresses[1 - i]);
    if (::connect(sockets[i], peer, sizeof(addresses[0])) != 0) return Error();
  }
  return 0;
}

// The wildcard address of the family that a socket was made with; its length.
int Wildcard(Descriptor fd, sockaddr_storage* address) {
  WSAPROTOCOL_INFOW info = {};
  int length = sizeof(info);
  ::getsockopt(fd, SOL_SOCKET, SO_PROTOCOL_INFOW, reinterpret_cast<char*>(&info), &length);
  *address = {};
  address->ss_family = static_cast<decltype(address->ss_family)>(info.iAddressFamily);
  switch (info.iAddressFamily) {
    case AF_INET:
      return sizeof(sockaddr_in);
    case AF_INET6:
      return sizeof(sockaddr_in6);
    default:
      return sizeof(address->ss_family);
  }
}

bool IsTimeout(int level, int option) {
  return level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO);
}

// Part milliseconds round up, so that a short time is not none; more than a DWORD holds is for
// ever.
DWORD Milliseconds(const timeval& time) {
  constexpr int64_t kMost = MAXDWORD - 1;
  const int64_t value = static_cast<int64_t>(time.tv_sec) * 1000 + (time.tv_usec + 999) / 1000;
  return value > kMost ? 0 : static_cast<DWORD>(value);
}

timeval Timeval(DWORD milliseconds) {
  timeval time = {};
  time.tv_sec = static_cast<long>(milliseconds / 1000);
  time.tv_usec = static_cast<long>(milliseconds % 1000 * 1000);
  return time;
}

}  // namespace

int64_t Error(int code) { return -static_cast<int64_t>(ErrorNumber(code)); }

int64_t Error() { return Error(::WSAGetLastError()); }

void Start() {
  static const int result = [] {
    WSADATA data;
    return ::WSAStartup(MAKEWORD(2, 2), &data);
  }();
  static_cast<void>(result);
}

std::string AddressErrorText(int code) {
  constexpr DWORD kFlags =
      FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
  char text[1024] = "";
  ::FormatMessageA(kFlags, nullptr, static_cast<DWORD>(code), 0, text, sizeof(text), nullptr);
  return text;
}

int64_t Socket(int domain, int type, int protocol) {
  return Made(::WSASocketW(domain, type, protocol, nullptr, 0, kSocketFlags));
}

int64_t SocketPair(int domain, int type, int protocol, int32_t* fds) {
  if (domain != AF_UNIX && domain != AF_INET) return -EAFNOSUPPORT;
  if (type != SOCK_STREAM && type != SOCK_DGRAM) return -EOPNOTSUPP;
  const bool is_stream = type == SOCK_STREAM;
  const int64_t one = Socket(AF_INET, type, protocol);
  const int64_t other = Socket(AF_INET, type, protocol);
  auto first = static_cast<SOCKET>(one);
  auto second = static_cast<SOCKET>(other);
  int64_t result = std::min<int64_t>({one, other, 0});
  if (result == 0 && is_stream) {
    const SOCKET listener = second;
    second = INVALID_SOCKET;
    result = StreamPair(listener, first, &second);
    ::closesocket(listener);
  } else if (result == 0) {
    result = DatagramPair(first, second);
  }
  if (result < 0) {
    if (one >= 0) ::closesocket(first);
    if (other >= 0 && second != INVALID_SOCKET) ::closesocket(second);
    return result;
  }
  fds[0] = static_cast<int32_t>(first);
  fds[1] = static_cast<int32_t>(second);
  return 0;
}

int64_t Accept(Descriptor fd, sockaddr* address, socklen_t* length) {
  const SOCKET accepted = ::accept(fd, address, length);
  if (accepted != INVALID_SOCKET) {
    ::SetHandleInformation(reinterpret_cast<HANDLE>(accepted), HANDLE_FLAG_INHERIT, 0);
    SetBlocking(accepted);
  }
  return Made(accepted);
}

int64_t Duplicate(Descriptor fd) {
  WSAPROTOCOL_INFOW info;
  if (::WSADuplicateSocketW(fd, ::GetCurrentProcessId(), &info) != 0) return Error();
  return Made(::WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0,
                           kSocketFlags));
}

size_t IoctlSize(uint32_t request) {
  const bool is_known = request == static_cast<uint32_t>(FIONREAD) ||
                        request == static_cast<uint32_t>(FIONBIO) ||
                        request == static_cast<uint32_t>(SIOCATMARK);
  return is_known ? sizeof(int) : 0;
}

int64_t Ioctl(Descriptor fd, uint32_t request, void* argument) {
  auto* number = static_cast<int*>(argument);
  auto value = static_cast<u_long>(*number);
  const int64_t result = Result(::ioctlsocket(fd, static_cast<long>(request), &value));
  if (result < 0) return result;
  const auto answer = static_cast<int>(std::min<u_long>(value, INT_MAX));
  *number = request == static_cast<uint32_t>(SIOCATMARK) ? (answer == 0 ? 1 : 0) : answer;
  return result;
}

int64_t Connect(Descriptor fd, const void* address, size_t size) {
  sockaddr_storage nobody;
  const auto* name = static_cast<const sockaddr*>(address);
  if (size >= sizeof(name->sa_family) && name->sa_family == AF_UNSPEC) {
    size = static_cast<size_t>(Wildcard(fd, &nobody));
    name = reinterpret_cast<const sockaddr*>(&nobody);
  }
  const int64_t result = Result(::connect(fd, name, static_cast<int>(size)));
  return result == -EAGAIN ? -EINPROGRESS : result;
}

int64_t Receive(Descriptor fd, void* data, size_t size, int flags) {
  if (LacksUrgentByte(fd, flags)) return -EINVAL;
  const int64_t result = Received(::recv(fd, static_cast<char*>(data), Room(size), flags));
  return result == -EMSGSIZE ? Room(size) : result;
}

int64_t ReceiveFrom(Descriptor fd, void* data, size_t size, int flags, sockaddr* address,
                    socklen_t* length) {
  if (LacksUrgentByte(fd, flags)) return -EINVAL;
  const int64_t result =
      Received(::recvfrom(fd, static_cast<char*>(data), Room(size), flags, address, length));
  return result == -EMSGSIZE ? Room(size) : result;
}

int64_t ReceiveMessage(Descriptor fd, Message* message, int flags) {
  if (LacksUrgentByte(fd, flags)) return -EINVAL;
  IoVector empty;
  AddEmptyBuffer(message, &empty);
  if (message->msg_control != nullptr) {
    const LPFN_WSARECVMSG function = ReceiveMessageFunction(fd);
    const int64_t result =
        function == nullptr ? -EOPNOTSUPP : ReceiveWithControl(fd, function, message, flags);
    // A stream has no control messages.
    if (result != -EOPNOTSUPP && result != -EINVAL) return result;
  }
  return ReceiveData(fd, message, flags);
}

int64_t Send(Descriptor fd, const void* data, size_t size, int flags) {
  return Sent(::send(fd, static_cast<const char*>(data), Room(size), flags));
}

int64_t SendTo(Descriptor fd, const void* data, size_t size, int flags, const void* address,
               size_t address_size) {
  return Sent(::sendto(fd, static_cast<const char*>(data), Room(size), flags,
                       static_cast<const sockaddr*>(address), static_cast<int>(address_size)));
}

int64_t SendMessage(Descriptor fd, const Message* message, int flags) {
  IoVector empty;
  Message whole = *message;
  AddEmptyBuffer(&whole, &empty);
  const auto count = static_cast<DWORD>(whole.msg_iovlen);
  const auto used = static_cast<DWORD>(flags);
  auto* name = static_cast<sockaddr*>(whole.msg_name);
  DWORD sent = 0;
  int result = 0;
  if (whole.msg_control != nullptr) {
    WSAMSG message_and_control = {};
    message_and_control.name = name;
    message_and_control.namelen = whole.msg_namelen;
    message_and_control.lpBuffers = Buffers(whole);
    message_and_control.dwBufferCount = count;
    message_and_control.Control.buf = static_cast<char*>(whole.msg_control);
    message_and_control.Control.len = static_cast<ULONG>(whole.msg_controllen);
    result = ::WSASendMsg(fd, &message_and_control, used, &sent, nullptr, nullptr);
  } else if (name != nullptr) {
    result = ::WSASendTo(fd, Buffers(whole), count, &sent, used, name, whole.msg_namelen, nullptr,
                         nullptr);
  } else {
    result = ::WSASend(fd, Buffers(whole), count, &sent, used, nullptr, nullptr);
  }
  return result == SOCKET_ERROR ? Sent(result) : sent;
}

int64_t GetSocketName(Descriptor fd, sockaddr* address, socklen_t* length) {
  const int64_t result = Result(::getsockname(fd, address, length));
  if (result != -EINVAL) return result;
  sockaddr_storage unbound;
  const int size = Wildcard(fd, &unbound);
  std::memcpy(address, &unbound, static_cast<size_t>(std::min(size, *length)));
  *length = size;
  return 0;
}

int64_t GetOption(Descriptor fd, int level, int option, void* value, socklen_t* length) {
  auto* bytes = static_cast<char*>(value);
  if (IsTimeout(level, option) && *length >= static_cast<int>(sizeof(timeval))) {
    DWORD milliseconds = 0;
    int size = sizeof(milliseconds);
    const int64_t result =
        Result(::getsockopt(fd, level, option, reinterpret_cast<char*>(&milliseconds), &size));
    if (result < 0) return result;
    const timeval time = Timeval(milliseconds);
    std::memcpy(value, &time, sizeof(time));
    *length = sizeof(time);
    return result;
  }
  const int64_t result = Result(::getsockopt(fd, level, option, bytes, length));
  if (result < 0 || level != SOL_SOCKET || option != SO_ERROR) return result;
  int code = 0;
  if (*length < static_cast<int>(sizeof(code))) return result;
  std::memcpy(&code, value, sizeof(code));
  if (code != 0) code = ErrorNumber(code);
  std::memcpy(value, &code, sizeof(code));
  return result;
}

int64_t SetOption(Descriptor fd, int level, int option, const void* value, size_t size) {
  timeval time = {};
  if (IsTimeout(level, option) && size == sizeof(time)) {
    std::memcpy(&time, value, size);
    const DWORD milliseconds = Milliseconds(time);
    return Result(::setsockopt(fd, level, option, reinterpret_cast<const char*>(&milliseconds),
                               sizeof(milliseconds)));
  }
  return Result(
      ::setsockopt(fd, level, option, static_cast<const char*>(value), static_cast<int>(size)));
}

// No call and no struct but those that every platform has; Winsock is started with them.
void ExportCalls(napi_env /*env*/, napi_value /*exports*/) { Start(); }

void ExportStructs(napi_env /*env*/, napi_value /*exports*/) {}

}  // namespace os
