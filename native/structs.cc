// The layouts of sockaddr, timeval and linger: the only place that knows them. What comes from the
// kernel is read with the length it came with.
#include <napi.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "arguments.h"
#include "exports.h"
#include "platform/os.h"

namespace {

constexpr size_t kUnixHeader = offsetof(sockaddr_un, sun_path);

template <typename T>
napi_value Copy(napi_env env, const T& value, size_t size = sizeof(T)) {
  return Napi::Buffer<uint8_t>::Copy(env, reinterpret_cast<const uint8_t*>(&value), size);
}

template <typename T>
napi_value CopyAddress(napi_env env, T* address, size_t size = sizeof(T)) {
  os::SetLength(reinterpret_cast<sockaddr*>(address), size);
  return Copy(env, *address, size);
}

// A number, or the name of an interface; 0 if there is none of that name.
uint32_t ScopeId(const std::string& scope) {
  const bool is_number =
      !scope.empty() && scope.size() < 10 &&
      std::all_of(scope.begin(), scope.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_number ? static_cast<uint32_t>(std::stoul(scope)) : ::if_nametoindex(scope.c_str());
}

napi_value EncodeUnix(napi_env env, Bytes path) {
  sockaddr_un address = {};
  const bool is_abstract = path.size > 0 && path.data[0] == 0;
  // Where there are such names they may fill the field.
  const bool may_fill = is_abstract && os::kHasAbstractNames;
  if (path.size + (may_fill ? 0 : 1) > sizeof(address.sun_path)) return Result(env, -ENAMETOOLONG);
  if (!is_abstract && path.size > 0 && std::memchr(path.data, 0, path.size) != nullptr) {
    return Result(env, -EINVAL);
  }
  address.sun_family = AF_UNIX;
  if (path.size > 0) std::memcpy(address.sun_path, path.data, path.size);
  // A path name is passed with its NUL, an abstract name with its exact length.
  const bool is_path = path.size > 0 && !is_abstract;
  return CopyAddress(env, &address, kUnixHeader + path.size + (is_path ? 1 : 0));
}

// encodeAddress(AF_UNIX, path) or encodeAddress(family, host, port, flowInfo): the sockaddr, or
// -EINVAL for a text that is no numeric address, -ENODEV for an unknown interface,
// -ENAMETOOLONG, -EAFNOSUPPORT.
napi_value EncodeAddress(napi_env raw_env, napi_callback_info info) {
  const Napi::Env env(raw_env);
  Arguments<4> arguments(env, info);
  const int family = arguments.Int(0, "family");
  if (!arguments.ok()) return nullptr;
  const Napi::Value text_value(env, arguments[1]);
  std::string text;
  Bytes bytes;
  if (text_value.IsString()) {
    text = text_value.As<Napi::String>().Utf8Value();
    bytes = {reinterpret_cast<uint8_t*>(text.data()), text.size()};
  } else if (family != AF_UNIX || !GetBytes(env, text_value, &bytes)) {
    arguments.Fail(1, family == AF_UNIX ? "path" : "host", Invalid::kType,
                   family == AF_UNIX ? "a string or a buffer" : "a string");
    return nullptr;
  }
  if (family == AF_UNIX) return EncodeUnix(env, bytes);
  const auto port =
      static_cast<uint16_t>(arguments.Integer(2, "port", 0, UINT16_MAX, "from 0 to 65535"));
  const bool has_flow = arguments.ok() && !IsNothing(env, arguments[3]);
  const auto flow_info = static_cast<uint32_t>(
      has_flow ? arguments.Integer(3, "flowInfo", 0, UINT32_MAX, "an integer of 32 bits") : 0);
  if (!arguments.ok()) return nullptr;
  if (text.find('\0') != std::string::npos) return Result(env, -EINVAL);
  if (family == AF_INET) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (::inet_pton(AF_INET, text.c_str(), &address.sin_addr) != 1) return Result(env, -EINVAL);
    return CopyAddress(env, &address);
  }
  if (family != AF_INET6) return Result(env, -EAFNOSUPPORT);
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_flowinfo = htonl(flow_info);
  const size_t percent = text.find('%');
  if (::inet_pton(AF_INET6, text.substr(0, percent).c_str(), &address.sin6_addr) != 1) {
    return Result(env, -EINVAL);
  }
  if (percent != std::string::npos) {
    address.sin6_scope_id = ScopeId(text.substr(percent + 1));
    if (address.sin6_scope_id == 0) return Result(env, -ENODEV);
  }
  return CopyAddress(env, &address);
}

template <typename T>
void SetOctets(const T& octets, Napi::Object* result) {
  (*result)["octets"] = Napi::Value(result->Env(), Copy(result->Env(), octets));
}

void DecodeInet(const sockaddr_in& address, Napi::Object* result) {
  SetOctets(address.sin_addr, result);
  char text[INET_ADDRSTRLEN] = "";
  ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof(text));
  (*result)["host"] = text;
  (*result)["port"] = ntohs(address.sin_port);
}

void DecodeInet6(const sockaddr_in6& address, Napi::Object* result) {
  SetOctets(address.sin6_addr, result);
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof(text));
  std::string host = text;
  if (address.sin6_scope_id != 0) {
    char name[IF_NAMESIZE] = "";
    const bool is_known = ::if_indextoname(address.sin6_scope_id, name) != nullptr;
    host += '%';
    host += is_known ? std::string(name) : std::to_string(address.sin6_scope_id);
  }
  (*result)["host"] = host;
  (*result)["port"] = ntohs(address.sin6_port);
  (*result)["flowInfo"] = ntohl(address.sin6_flowinfo);
  (*result)["scopeId"] = address.sin6_scope_id;
}

// The path of a name in the file system ends at its first NUL, an abstract name has its length,
// an unnamed socket has nothing.
void DecodeUnix(Napi::Env env, const sockaddr_un& address, size_t size, Napi::Object* result) {
  size_t length = size > kUnixHeader ? size - kUnixHeader : 0;
  const bool is_abstract = os::kHasAbstractNames && length > 0 && address.sun_path[0] == 0;
  if (!is_abstract) length = ::strnlen(address.sun_path, length);
  (*result)["octets"] = Napi::Buffer<char>::Copy(env, address.sun_path, length);
}

// decodeAddress(address, length): { family, … }
napi_value DecodeAddress(napi_env raw_env, napi_callback_info info) {
  const Napi::Env env(raw_env);
  Arguments<2> arguments(env, info);
  const Bytes bytes = arguments.View(0, "address");
  const bool is_whole = arguments.ok() && IsNothing(env, arguments[1]);
  const auto size =
      is_whole
          ? bytes.size
          : static_cast<size_t>(arguments.Integer(1, "length", 0, static_cast<double>(bytes.size),
                                                  "at most the length of address"));
  if (!arguments.ok()) return nullptr;
  sockaddr_storage storage = {};
  if (size > 0) std::memcpy(&storage, bytes.data, std::min(size, sizeof(storage)));
  Napi::Object result = Napi::Object::New(env);
  result["family"] = static_cast<int>(storage.ss_family);
  if (storage.ss_family == AF_INET && size >= sizeof(sockaddr_in)) {
    DecodeInet(reinterpret_cast<const sockaddr_in&>(storage), &result);
  } else if (storage.ss_family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
    DecodeInet6(reinterpret_cast<const sockaddr_in6&>(storage), &result);
  } else if (storage.ss_family == AF_UNIX) {
    DecodeUnix(env, reinterpret_cast<const sockaddr_un&>(storage),
               std::min(size, sizeof(sockaddr_un)), &result);
  }
  return result;
}

// encodeTimeval(milliseconds), rounded up to the microsecond
napi_value EncodeTimeval(napi_env env, napi_callback_info info) {
  constexpr double kLongest = 9e15;
  Arguments<1> arguments(env, info);
  double milliseconds = 0;
  const bool is_number = napi_get_value_double(env, arguments[0], &milliseconds) == napi_ok;
  if (!is_number || !(milliseconds >= 0 && milliseconds <= kLongest)) {
    arguments.Fail(0, "milliseconds", is_number ? Invalid::kRange : Invalid::kType,
                   "a number >= 0");
  }
  if (!arguments.ok()) return nullptr;
  timeval value = {};
  const double seconds = std::min(std::floor(milliseconds / 1e3), os::kMostSeconds);
  const double microseconds = std::ceil((milliseconds - seconds * 1e3) * 1e3 - 1e-6);
  value.tv_sec = static_cast<decltype(value.tv_sec)>(seconds) + (microseconds >= 1e6 ? 1 : 0);
  value.tv_usec = static_cast<decltype(value.tv_usec)>(microseconds >= 1e6 ? 0 : microseconds);
  return Copy(env, value);
}

napi_value DecodeTimeval(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const Bytes bytes = arguments.View(0, "timeval");
  timeval value = {};
  if (arguments.ok() && bytes.size != sizeof(value)) {
    arguments.Fail(0, "timeval", Invalid::kRange, "of the size of a struct timeval");
  }
  if (!arguments.ok()) return nullptr;
  std::memcpy(&value, bytes.data, sizeof(value));
  return Napi::Number::New(
      env, static_cast<double>(value.tv_sec) * 1e3 + static_cast<double>(value.tv_usec) / 1e3);
}

// encodeLinger(on, seconds)
napi_value EncodeLinger(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  linger value = {};
  value.l_onoff = static_cast<decltype(value.l_onoff)>(arguments.Int(0, "on"));
  value.l_linger =
      static_cast<decltype(value.l_linger)>(std::min(arguments.Int(1, "seconds"), os::kMostLinger));
  if (!arguments.ok()) return nullptr;
  return Copy(env, value);
}

napi_value DecodeLinger(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const Bytes bytes = arguments.View(0, "linger");
  linger value = {};
  if (arguments.ok() && bytes.size != sizeof(value)) {
    arguments.Fail(0, "linger", Invalid::kRange, "of the size of a struct linger");
  }
  if (!arguments.ok()) return nullptr;
  std::memcpy(&value, bytes.data, sizeof(value));
  Napi::Object result = Napi::Object::New(env);
  result["on"] = Napi::Boolean::New(env, value.l_onoff != 0);
  result["seconds"] = value.l_linger;
  return result;
}

// Unsigned: bytes that are no time at all wrap around.
template <typename T>
Napi::Value Nanoseconds(Napi::Env env, const T& time, int64_t fraction, uint64_t unit) {
  const uint64_t seconds = static_cast<uint64_t>(time.tv_sec) * 1000000000;
  return Napi::BigInt::New(env,
                           static_cast<int64_t>(seconds + static_cast<uint64_t>(fraction) * unit));
}

// decodeTimes(bytes, isTimespec): the times of an array of struct timespec or struct timeval, in
// nanoseconds since 1970.
napi_value DecodeTimes(napi_env raw_env, napi_callback_info info) {
  const Napi::Env env(raw_env);
  Arguments<2> arguments(env, info);
  const std::string bytes = arguments.Copy(0, "bytes");
  if (!arguments.ok()) return nullptr;
  bool is_timespec = false;
  napi_get_value_bool(env, arguments[1], &is_timespec);
  Napi::Array times = Napi::Array::New(env);
  const size_t size = is_timespec ? sizeof(timespec) : sizeof(timeval);
  for (size_t at = 0; at + size <= bytes.size(); at += size) {
    timespec spec = {};
    timeval val = {};
    if (is_timespec) {
      std::memcpy(&spec, &bytes[at], size);
    } else {
      std::memcpy(&val, &bytes[at], size);
    }
    times[times.Length()] = is_timespec ? Nanoseconds(env, spec, spec.tv_nsec, 1)
                                        : Nanoseconds(env, val, val.tv_usec, 1000);
  }
  return times;
}

// encodeGroup(interface, group, source): a struct group_req, or group_source_req with a source;
// both are sockaddrs.
napi_value EncodeGroup(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  const auto interface_index = static_cast<uint32_t>(
      arguments.Integer(0, "interface", 0, INT32_MAX, "an interface's index"));
  const Bytes group = arguments.View(1, "group");
  const Bytes source = arguments.OptionalView(2, "source");
  if (arguments.ok() && std::max(group.size, source.size) > sizeof(sockaddr_storage)) {
    arguments.Fail(1, "group", Invalid::kRange, "a sockaddr");
  }
  if (!arguments.ok()) return nullptr;
  group_source_req value = {};
  value.gsr_interface = interface_index;
  if (group.size > 0) std::memcpy(&value.gsr_group, group.data, group.size);
  if (source.data != nullptr) {
    std::memcpy(&value.gsr_source, source.data, source.size);
    return Copy(env, value);
  }
  group_req request = {};
  request.gr_interface = value.gsr_interface;
  request.gr_group = value.gsr_group;
  return Copy(env, request);
}

}  // namespace

void ExportStructs(napi_env env, napi_value exports) {
  Export(env, exports, "encodeAddress", EncodeAddress);
  Export(env, exports, "decodeAddress", DecodeAddress);
  Export(env, exports, "encodeTimeval", EncodeTimeval);
  Export(env, exports, "decodeTimeval", DecodeTimeval);
  Export(env, exports, "encodeLinger", EncodeLinger);
  Export(env, exports, "decodeLinger", DecodeLinger);
  Export(env, exports, "decodeTimes", DecodeTimes);
  Export(env, exports, "encodeGroup", EncodeGroup);
}
