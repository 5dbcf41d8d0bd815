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

// Adds the names of `list` to `object`.
void DefineConstants(napi_env env, napi_value object, ConstantList list);

namespace os {

// Adds the names that not every platform has.
void DefineConstants(napi_env env, napi_value object);

}  // namespace os

// A frozen object with all names that the platform defines.
napi_value CreateConstants(napi_env env);
