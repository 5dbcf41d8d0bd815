// getaddrinfo and getnameinfo, through the system's resolver. They block; the waiting without
// blocking is TypeScript's business.
#include <napi.h>

#include <memory>
#include <string>

#include "arguments.h"
#include "exports.h"
#include "platform/os.h"

namespace {

// A string that the system call sees whole: one with a NUL in it would be cut there.
template <size_t N>
std::unique_ptr<std::string> OptionalText(Napi::Env env, Arguments<N>* arguments, size_t index,
                                          const char* name) {
  if (!arguments->ok() || IsNothing(env, (*arguments)[index])) return nullptr;
  const Napi::Value value(env, (*arguments)[index]);
  if (value.IsString()) {
    auto text = std::make_unique<std::string>(value.As<Napi::String>().Utf8Value());
    if (text->find('\0') == std::string::npos) return text;
  }
  arguments->Fail(index, name, Invalid::kType, "a string without NUL characters, or null");
  return nullptr;
}

const char* CString(const std::unique_ptr<std::string>& text) {
  return text == nullptr ? nullptr : text->c_str();
}

// getaddrinfo(node, service, family, socktype, protocol, flags): an array, or an EAI_ number.
napi_value GetAddressInfo(napi_env raw_env, napi_callback_info info) {
  const Napi::Env env(raw_env);
  Arguments<6> arguments(env, info);
  const auto node = OptionalText(env, &arguments, 0, "node");
  const auto service = OptionalText(env, &arguments, 1, "service");
  addrinfo hints = {};
  hints.ai_family = arguments.Int(2, "family");
  hints.ai_socktype = arguments.Int(3, "socktype");
  hints.ai_protocol = arguments.Int(4, "protocol");
  hints.ai_flags = arguments.Bits(5, "flags");
  if (!arguments.ok()) return nullptr;
  addrinfo* first = nullptr;
  const int result = ::getaddrinfo(CString(node), CString(service), &hints, &first);
  if (result != 0) return Napi::Number::New(env, result);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(first, ::freeaddrinfo);
  Napi::Array answers = Napi::Array::New(env);
  for (const addrinfo* item = list.get(); item != nullptr; item = item->ai_next) {
    Napi::Object answer = Napi::Object::New(env);
    answer["family"] = item->ai_family;
    answer["socktype"] = item->ai_socktype;
    answer["protocol"] = item->ai_protocol;
    answer["address"] = Napi::Buffer<uint8_t>::Copy(
        env, reinterpret_cast<const uint8_t*>(item->ai_addr), item->ai_addrlen);
    if (item->ai_canonname != nullptr) answer["canonname"] = item->ai_canonname;
    answers[answers.Length()] = answer;
  }
  return answers;
}

// getnameinfo(address, flags): { host, service }, or an EAI_ number.
napi_value GetNameInfo(napi_env raw_env, napi_callback_info info) {
  const Napi::Env env(raw_env);
  Arguments<2> arguments(env, info);
  const Bytes address = arguments.View(0, "address");
  const int flags = arguments.Bits(1, "flags");
  if (!arguments.ok()) return nullptr;
  char host[NI_MAXHOST];
  char service[NI_MAXSERV];
  const int result = ::getnameinfo(reinterpret_cast<const sockaddr*>(address.data),
                                   static_cast<socklen_t>(address.size), host, sizeof(host),
                                   service, sizeof(service), flags);
  if (result != 0) return Napi::Number::New(env, result);
  Napi::Object answer = Napi::Object::New(env);
  answer["host"] = host;
  answer["service"] = service;
  return answer;
}

napi_value GaiStrerror(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const int code = arguments.Int(0, "code");
  if (!arguments.ok()) return nullptr;
  return Napi::String::New(env, os::AddressErrorText(code));
}

// if_nametoindex(name): the interface's index, or -errno.
napi_value InterfaceIndex(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const auto name = OptionalText(env, &arguments, 0, "name");
  if (!arguments.ok()) return nullptr;
  const uint32_t index = name ? ::if_nametoindex(name->c_str()) : 0;
  return Result(env, index > 0 ? static_cast<int64_t>(index) : -ENODEV);
}

// if_indextoname(index): the interface's name, or -errno.
napi_value InterfaceName(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const auto index =
      static_cast<uint32_t>(arguments.Integer(0, "index", 0, INT32_MAX, "an interface's index"));
  if (!arguments.ok()) return nullptr;
  char name[IF_NAMESIZE] = "";
  if (::if_indextoname(index, name) == nullptr) return Result(env, -ENXIO);
  return Napi::String::New(env, name);
}

}  // namespace

void ExportResolver(napi_env env, napi_value exports) {
  Export(env, exports, "getaddrinfo", GetAddressInfo);
  Export(env, exports, "getnameinfo", GetNameInfo);
  Export(env, exports, "gai_strerror", GaiStrerror);
  Export(env, exports, "if_nametoindex", InterfaceIndex);
  Export(env, exports, "if_indextoname", InterfaceName);
}
