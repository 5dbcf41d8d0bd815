// getaddrinfo and getnameinfo, through the system's resolver. They block; the waiting without
// blocking is TypeScript's business. No signal ends them, so where blocked calls are to be endable
// getaddrinfo is made on a thread of its own.
#include <napi.h>

#include <memory>
#include <string>
#include <utility>

#include "arguments.h"
#include "exports.h"
#include "nudge.h"
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

// What getaddrinfo is asked, and its answer: all that a thread of its own needs.
struct Question {
  std::unique_ptr<std::string> node;
  std::unique_ptr<std::string> service;
  addrinfo hints;
  int result = 0;
  addrinfo* first = nullptr;

  void Ask() { result = ::getaddrinfo(CString(node), CString(service), &hints, &first); }

  Question(std::unique_ptr<std::string> node_text, std::unique_ptr<std::string> service_text,
           const addrinfo& what)
      : node(std::move(node_text)), service(std::move(service_text)), hints(what) {}
  ~Question() {
    if (first != nullptr) ::freeaddrinfo(first);
  }
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
};

// The same of getnameinfo.
struct ReverseQuestion {
  std::string address;
  int flags;
  int result = 0;
  char host[NI_MAXHOST] = "";
  char service[NI_MAXSERV] = "";

  void Ask() {
    result = ::getnameinfo(reinterpret_cast<const sockaddr*>(address.data()),
                           static_cast<socklen_t>(address.size()), host, sizeof(host), service,
                           sizeof(service), flags);
  }

  ReverseQuestion(Bytes from, int how)
      : address(reinterpret_cast<const char*>(from.data), from.size), flags(how) {}
};

// getaddrinfo(node, service, family, socktype, protocol, flags): an array, or an EAI_ number.
napi_value GetAddressInfo(napi_env raw_env, napi_callback_info info) {
  const Napi::Env env(raw_env);
  Arguments<6> arguments(env, info);
  auto node = OptionalText(env, &arguments, 0, "node");
  auto service = OptionalText(env, &arguments, 1, "service");
  addrinfo hints = {};
  hints.ai_family = arguments.Int(2, "family");
  hints.ai_socktype = arguments.Int(3, "socktype");
  hints.ai_protocol = arguments.Int(4, "protocol");
  hints.ai_flags = arguments.Bits(5, "flags");
  if (!arguments.ok()) return nullptr;
  const auto question = std::make_shared<Question>(std::move(node), std::move(service), hints);
  const Aside aside = DoAside(raw_env, arguments.environment(), [question] { question->Ask(); });
  if (aside == Aside::kEnding) return nullptr;
  // Interrupted, the question belongs to the thread that goes on with it.
  const int result = aside == Aside::kInterrupted ? os::kInterruptedLookup : question->result;
  if (result != 0) return Napi::Number::New(env, result);
  Napi::Array answers = Napi::Array::New(env);
  for (const addrinfo* item = question->first; item != nullptr; item = item->ai_next) {
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
  const auto question = std::make_shared<ReverseQuestion>(address, flags);
  const Aside aside = DoAside(raw_env, arguments.environment(), [question] { question->Ask(); });
  if (aside == Aside::kEnding) return nullptr;
  const int result = aside == Aside::kInterrupted ? os::kInterruptedLookup : question->result;
  if (result != 0) return Napi::Number::New(env, result);
  Napi::Object answer = Napi::Object::New(env);
  answer["host"] = question->host;
  answer["service"] = question->service;
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
