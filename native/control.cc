// Control messages: their framing (cmsg(3)) and the layouts that every platform has. What comes
// from the kernel is read with the length it came with.
#include <napi.h>

#include <algorithm>
#include <cstring>

#include "arguments.h"
#include "exports.h"
#include "platform/os.h"

namespace {

// encodeControl([{ level, type, data }, …]): the messages one behind the other, aligned.
napi_value EncodeControl(napi_env raw_env, napi_callback_info info) {
  const Napi::Env env(raw_env);
  Arguments<1> arguments(env, info);
  const Napi::Value list(env, arguments[0]);
  if (!list.IsArray()) {
    arguments.Fail(0, "messages", Invalid::kType, "an array of { level, type, data }");
    return nullptr;
  }
  const auto messages = list.As<Napi::Array>();
  std::string control;
  for (uint32_t i = 0; i < messages.Length(); i++) {
    const Napi::Value item = messages.Get(i);
    const Napi::Object message = item.IsObject() ? item.As<Napi::Object>() : Napi::Object::New(env);
    const Napi::Value level = message.Get("level");
    const Napi::Value type = message.Get("type");
    Bytes data;
    if (env.IsExceptionPending()) return nullptr;
    if (!level.IsNumber() || !type.IsNumber() || !GetBytes(env, message.Get("data"), &data)) {
      arguments.Fail(0, "messages", Invalid::kType,
                     "an array of { level: number, type: number, data: buffer }");
      return nullptr;
    }
    cmsghdr header = {};
    header.cmsg_level = level.As<Napi::Number>().Int32Value();
    header.cmsg_type = type.As<Napi::Number>().Int32Value();
    header.cmsg_len = static_cast<decltype(header.cmsg_len)>(CMSG_LEN(data.size));
    const size_t begin = control.size();
    control.resize(begin + CMSG_SPACE(data.size));
    std::memcpy(&control[begin], &header, sizeof(header));
    if (data.size > 0) std::memcpy(&control[begin + CMSG_LEN(0)], data.data, data.size);
  }
  return Napi::Buffer<char>::Copy(env, control.data(), control.size());
}

// decodeControl(control, length): [{ level, type, data }, …], data being copies. The last message
// may have been cut short by the kernel.
napi_value DecodeControl(napi_env raw_env, napi_callback_info info) {
  const Napi::Env env(raw_env);
  Arguments<2> arguments(env, info);
  const std::string control = arguments.Copy(0, "control");
  const auto size = static_cast<size_t>(arguments.Integer(
      1, "length", 0, static_cast<double>(control.size()), "at most the length of control"));
  if (!arguments.ok()) return nullptr;
  Napi::Array messages = Napi::Array::New(env);
  size_t begin = 0;
  while (begin + sizeof(cmsghdr) <= size) {
    cmsghdr header;
    std::memcpy(&header, &control[begin], sizeof(header));
    const auto length = static_cast<size_t>(header.cmsg_len);
    if (length < CMSG_LEN(0)) break;
    const size_t end = begin + std::min(length, size - begin);
    const size_t data = std::min(begin + CMSG_LEN(0), end);
    Napi::Object message = Napi::Object::New(env);
    message["level"] = static_cast<int>(header.cmsg_level);
    message["type"] = static_cast<int>(header.cmsg_type);
    message["data"] = Napi::Buffer<char>::Copy(env, &control[data], end - data);
    messages[messages.Length()] = message;
    if (length > size - begin) break;
    begin += CMSG_SPACE(length - CMSG_LEN(0));
  }
  return messages;
}

// controlSpace(size): CMSG_SPACE(3), the room that a message with so many bytes of data takes.
napi_value ControlSpace(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const auto size =
      static_cast<size_t>(arguments.Integer(0, "size", 0, INT16_MAX, "a length from 0 to 32767"));
  if (!arguments.ok()) return nullptr;
  return Result(env, static_cast<int64_t>(CMSG_SPACE(size)));
}

template <typename T>
napi_value Copy(napi_env env, const T& value) {
  return Napi::Buffer<uint8_t>::Copy(env, reinterpret_cast<const uint8_t*>(&value), sizeof(T));
}

// encodePacketInfo(interface, octets): a struct in_pktinfo (4 octets) or in6_pktinfo (16).
napi_value EncodePacketInfo(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  const auto interface_index = static_cast<uint32_t>(
      arguments.Integer(0, "interface", 0, INT32_MAX, "an interface's index"));
  const Bytes octets = arguments.View(1, "octets");
  if (!arguments.ok()) return nullptr;
  if (octets.size == sizeof(in_addr)) {
    in_pktinfo value = {};
    value.ipi_ifindex = static_cast<decltype(value.ipi_ifindex)>(interface_index);
    std::memcpy(os::SourceOf(&value), octets.data, octets.size);
    return Copy(env, value);
  }
  if (octets.size == sizeof(in6_addr)) {
    in6_pktinfo value = {};
    value.ipi6_ifindex = static_cast<decltype(value.ipi6_ifindex)>(interface_index);
    std::memcpy(&value.ipi6_addr, octets.data, octets.size);
    return Copy(env, value);
  }
  arguments.Fail(1, "octets", Invalid::kRange, "4 or 16 bytes, an IP address");
  return nullptr;
}

Napi::Object PacketInfo(Napi::Env env, uint32_t interface_index, const void* octets, size_t size) {
  Napi::Object result = Napi::Object::New(env);
  result["interface"] = interface_index;
  result["octets"] = Napi::Buffer<uint8_t>::Copy(env, static_cast<const uint8_t*>(octets), size);
  return result;
}

// decodePacketInfo(bytes): { interface, octets }, the address that the datagram was sent to.
napi_value DecodePacketInfo(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const Bytes bytes = arguments.View(0, "bytes");
  if (!arguments.ok()) return nullptr;
  if (bytes.size == sizeof(in_pktinfo)) {
    in_pktinfo value;
    std::memcpy(&value, bytes.data, sizeof(value));
    return PacketInfo(env, static_cast<uint32_t>(value.ipi_ifindex), &value.ipi_addr,
                      sizeof(value.ipi_addr));
  }
  if (bytes.size == sizeof(in6_pktinfo)) {
    in6_pktinfo value;
    std::memcpy(&value, bytes.data, sizeof(value));
    return PacketInfo(env, static_cast<uint32_t>(value.ipi6_ifindex), &value.ipi6_addr,
                      sizeof(value.ipi6_addr));
  }
  arguments.Fail(0, "bytes", Invalid::kRange, "a struct in_pktinfo or in6_pktinfo");
  return nullptr;
}

}  // namespace

void ExportControl(napi_env env, napi_value exports) {
  Export(env, exports, "encodeControl", EncodeControl);
  Export(env, exports, "decodeControl", DecodeControl);
  Export(env, exports, "controlSpace", ControlSpace);
  Export(env, exports, "encodePacketInfo", EncodePacketInfo);
  Export(env, exports, "decodePacketInfo", DecodePacketInfo);
}
