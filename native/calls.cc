// One function per system call on numbers and the caller's own memory. Plain node_api.h: these are
// the hot calls.
#include <new>

#include "arguments.h"
#include "exports.h"
#include "nudge.h"
#include "platform/os.h"

namespace {

napi_value Socket(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  const int domain = arguments.Int(0, "domain");
  const int type = arguments.Int(1, "type");
  const int protocol = arguments.Int(2, "protocol");
  if (!arguments.ok()) return nullptr;
  return Result(env, os::Socket(domain, type, protocol));
}

napi_value SocketPair(napi_env env, napi_callback_info info) {
  Arguments<4> arguments(env, info);
  const int domain = arguments.Int(0, "domain");
  const int type = arguments.Int(1, "type");
  const int protocol = arguments.Int(2, "protocol");
  int32_t* fds = arguments.Ints(3, "fds", 2);
  if (!arguments.ok()) return nullptr;
  return Result(env, os::SocketPair(domain, type, protocol, fds));
}

napi_value Close(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  if (!arguments.ok()) return nullptr;
  // With SO_LINGER it waits.
  Waiting waiting(env, info, arguments.environment());
  return waiting.Result(os::Close(fd));
}

napi_value Dup(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  if (!arguments.ok()) return nullptr;
  return Result(env, os::Duplicate(fd));
}

napi_value Bind(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  const Bytes address = arguments.View(1, "address");
  if (!arguments.ok()) return nullptr;
  return Result(env, os::Bind(fd, address.data, address.size));
}

napi_value Connect(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  const Bytes address = arguments.View(1, "address");
  if (!arguments.ok()) return nullptr;
  Waiting waiting(env, info, arguments.environment());
  return waiting.Result(os::Connect(fd, address.data, address.size));
}

napi_value Listen(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  const int backlog = arguments.Int(1, "backlog");
  if (!arguments.ok()) return nullptr;
  return Result(env, os::Listen(fd, backlog));
}

napi_value Accept(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  AddressResult peer(&arguments, 1, true);
  if (!arguments.ok()) return nullptr;
  Waiting waiting(env, info, arguments.environment());
  return waiting.Accepted(peer.Store(os::Accept(fd, peer.address, peer.length_pointer())));
}

napi_value Shutdown(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  const int how = arguments.Int(1, "how");
  if (!arguments.ok()) return nullptr;
  return Result(env, os::Shutdown(fd, how));
}

napi_value Send(napi_env env, napi_callback_info info) {
  Arguments<5> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  const Bytes buffer = arguments.Buffer(1);
  const int flags = arguments.Bits(4, "flags");
  if (!arguments.ok()) return nullptr;
  Waiting waiting(env, info, arguments.environment(), flags);
  return waiting.Result(os::Send(fd, buffer.data, buffer.size, flags));
}

napi_value SendTo(napi_env env, napi_callback_info info) {
  Arguments<6> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  const Bytes buffer = arguments.Buffer(1);
  const int flags = arguments.Bits(4, "flags");
  const Bytes address = arguments.OptionalView(5, "address");
  if (!arguments.ok()) return nullptr;
  Waiting waiting(env, info, arguments.environment(), flags);
  return waiting.Result(
      os::SendTo(fd, buffer.data, buffer.size, flags, address.data, address.size));
}

napi_value Receive(napi_env env, napi_callback_info info) {
  Arguments<5> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  const Bytes buffer = arguments.Buffer(1);
  const int flags = arguments.Bits(4, "flags");
  if (!arguments.ok()) return nullptr;
  Waiting waiting(env, info, arguments.environment(), flags);
  return waiting.Result(os::Receive(fd, buffer.data, buffer.size, flags));
}

napi_value ReceiveFrom(napi_env env, napi_callback_info info) {
  Arguments<7> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  const Bytes buffer = arguments.Buffer(1);
  const int flags = arguments.Bits(4, "flags");
  AddressResult peer(&arguments, 5, true);
  if (!arguments.ok()) return nullptr;
  Waiting waiting(env, info, arguments.environment(), flags);
  return waiting.Result(peer.Store(
      os::ReceiveFrom(fd, buffer.data, buffer.size, flags, peer.address, peer.length_pointer())));
}

napi_value GetSocketName(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  AddressResult name(&arguments, 1, false);
  if (!arguments.ok()) return nullptr;
  return Result(env, name.Store(os::GetSocketName(fd, name.address, name.length_pointer())));
}

napi_value GetPeerName(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  AddressResult name(&arguments, 1, false);
  if (!arguments.ok()) return nullptr;
  return Result(env, name.Store(os::GetPeerName(fd, name.address, name.length_pointer())));
}

// getsockopt(fd, level, option, buffer, offset, length[0]): length is value and result.
napi_value GetOption(napi_env env, napi_callback_info info) {
  Arguments<6> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  const int level = arguments.Int(1, "level");
  const int option = arguments.Int(2, "option");
  const Bytes buffer = arguments.View(3, "buffer");
  const auto offset = static_cast<size_t>(
      arguments.Integer(4, "offset", 0, static_cast<double>(buffer.size), "within the buffer"));
  int32_t* length_result = arguments.Ints(5, "length", 1);
  if (!arguments.ok()) return nullptr;
  // Read once: another thread may share it.
  const int32_t asked = *static_cast<volatile int32_t*>(length_result);
  uint8_t* value = buffer.data + offset;
  const size_t room = buffer.size - offset;
  if (asked < 0 || static_cast<size_t>(asked) > room ||
      os::OptionRoom(level, option, value, static_cast<size_t>(asked)) > room) {
    arguments.Fail(5, "length", Invalid::kRange,
                   "one element, at most what the buffer has behind offset");
    return nullptr;
  }
  auto length = static_cast<socklen_t>(asked);
  const int64_t result = os::GetOption(fd, level, option, value, &length);
  if (result >= 0) *length_result = static_cast<int32_t>(length);
  return Result(env, result);
}

napi_value SetOption(napi_env env, napi_callback_info info) {
  Arguments<6> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  const int level = arguments.Int(1, "level");
  const int option = arguments.Int(2, "option");
  const Bytes buffer = arguments.Buffer(3);
  if (!arguments.ok()) return nullptr;
  return Result(env, os::SetOption(fd, level, option, buffer.data, buffer.size));
}

// poll(fds, nfds, timeout): fds holds three integers an entry, fd, events, revents.
napi_value Poll(napi_env env, napi_callback_info info) {
  constexpr size_t kOnStack = 64;
  constexpr size_t kFields = 3;
  Arguments<3> arguments(env, info);
  const auto count = static_cast<size_t>(
      arguments.Integer(1, "nfds", 0, INT32_MAX / kFields, "a number of entries"));
  int32_t* fields = arguments.Ints(0, "fds", count * kFields);
  const int timeout = arguments.Int(2, "timeout");
  if (!arguments.ok()) return nullptr;
  os::PollEntry on_stack[kOnStack];
  os::PollEntry* entries = count <= kOnStack ? on_stack : new (std::nothrow) os::PollEntry[count];
  if (entries == nullptr) return Result(env, -ENOMEM);
  for (size_t i = 0; i < count; i++) {
    entries[i].fd = fields[i * kFields];
    entries[i].events = static_cast<int16_t>(fields[i * kFields + 1]);
    entries[i].revents = 0;
  }
  Waiting waiting(env, info, arguments.environment());
  const int64_t result = os::Poll(entries, count, timeout);
  for (size_t i = 0; i < count && result >= 0; i++) {
    fields[i * kFields + 2] = static_cast<uint16_t>(entries[i].revents);
  }
  if (entries != on_stack) delete[] entries;
  return waiting.Result(result);
}

// ioctl(fd, request, argument): an Int32Array of one element, or the bytes of a struct.
napi_value Ioctl(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  const auto request = static_cast<uint32_t>(arguments.Bits(1, "request"));
  const size_t size = os::IoctlSize(request);
  if (arguments.ok() && size == 0) {
    arguments.Fail(1, "request", Invalid::kRange,
                   "a socket request on one int or one struct, such as FIONREAD or SIOCGIFMTU");
  }
  if (size == sizeof(int)) {
    int32_t* argument = arguments.Ints(2, "argument", 1);
    if (!arguments.ok()) return nullptr;
    return Result(env, os::Ioctl(fd, request, argument));
  }
  const Bytes argument = arguments.View(2, "argument");
  if (arguments.ok() && argument.size < size) {
    arguments.Fail(2, "argument", Invalid::kRange, "as long as the request's struct");
  }
  if (!arguments.ok()) return nullptr;
  return Result(env, os::Ioctl(fd, request, argument.data));
}

}  // namespace

void ExportCalls(napi_env env, napi_value exports) {
  Export(env, exports, "socket", Socket);
  Export(env, exports, "socketpair", SocketPair);
  Export(env, exports, "close", Close);
  Export(env, exports, "dup", Dup);
  Export(env, exports, "bind", Bind);
  Export(env, exports, "connect", Connect);
  Export(env, exports, "listen", Listen);
  Export(env, exports, "accept", Accept);
  Export(env, exports, "shutdown", Shutdown);
  Export(env, exports, "send", Send);
  Export(env, exports, "sendto", SendTo);
  Export(env, exports, "recv", Receive);
  Export(env, exports, "recvfrom", ReceiveFrom);
  Export(env, exports, "getsockname", GetSocketName);
  Export(env, exports, "getpeername", GetPeerName);
  Export(env, exports, "getsockopt", GetOption);
  Export(env, exports, "setsockopt", SetOption);
  Export(env, exports, "poll", Poll);
  Export(env, exports, "ioctl", Ioctl);
}
