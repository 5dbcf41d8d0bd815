// Names and values, so that they cannot part: CONSTANT(AF_INET) is both.
#pragma once

#include <node_api.h>

#include <cstddef>

struct Constant {
  const char* name;
  double value;
};

struct ConstantList {
  const Constant* items;
  size_t size;
};

#define CONSTANT(name) \
  { #name, static_cast < double>(name) }

namespace os {

// The names that only this platform has.
ConstantList Constants();

}  // namespace os

// A frozen object with all names that the platform defines.
napi_value CreateConstants(napi_env env);
