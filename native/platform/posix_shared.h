// What POSIX systems have in common and Windows has not: each platform's own files add it to
// theirs.
#pragma once

#include <napi.h>

#include "../arguments.h"
#include "../constants.h"

namespace os {

ConstantList PosixConstants();
void ExportPosixCalls(napi_env env, napi_value exports);

// IoctlSize() and IsIntFcntl() for what all have.
size_t PosixIoctlSize(uint32_t request);
bool IsPosixIntFcntl(int command);

// A member of a struct that the kernel fills in as far as it knows it.
struct Field {
  const char* name;
  uint16_t offset;
  uint8_t size;
};

// The fields that `bytes` has.
Napi::Object DecodeFields(napi_env env, const std::string& bytes, const Field* fields,
                          size_t count);

}  // namespace os
