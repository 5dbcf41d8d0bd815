// Reading structs that grow from release to release.
#include <cstring>

#include "posix_shared.h"

namespace os {

namespace {

template <typename T>
double Read(const char* data) {
  T value;
  std::memcpy(&value, data, sizeof(value));
  return static_cast<double>(value);
}

double ReadField(const char* data, uint8_t size) {
  switch (size) {
    case 1:
      return Read<uint8_t>(data);
    case 2:
      return Read<uint16_t>(data);
    case 4:
      return Read<uint32_t>(data);
    default:
      return Read<uint64_t>(data);
  }
}

}  // namespace

Napi::Object DecodeFields(napi_env env, const std::string& bytes, const Field* fields,
                          size_t count) {
  Napi::Object result = Napi::Object::New(env);
  for (size_t i = 0; i < count; i++) {
    const Field& field = fields[i];
    if (static_cast<size_t>(field.offset) + field.size > bytes.size()) break;
    result[field.name] = ReadField(bytes.data() + field.offset, field.size);
  }
  return result;
}

}  // namespace os
