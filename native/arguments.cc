#include "arguments.h"

#include "environment.h"
#include "owner.h"

namespace {

size_t ElementSize(napi_typedarray_type type) {
  switch (static_cast<int>(type)) {
    case napi_int8_array:
    case napi_uint8_array:
    case napi_uint8_clamped_array:
      return 1;
    case napi_int16_array:
    case napi_uint16_array:
    case 11:  // napi_float16_array, younger than Node-API 8
      return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array:
      return 4;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array:
      return 8;
    default:
      return 0;
  }
}

// A detached buffer looks like an empty one; only then is it worth asking.
bool IsDetached(napi_env env, napi_value buffer) {
  bool is_detached = false;
  return napi_is_detached_arraybuffer(env, buffer, &is_detached) == napi_ok && is_detached;
}

napi_value OnInvalidArgument(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value function = nullptr;
  napi_get_cb_info(env, info, &count, &function, nullptr, nullptr);
  napi_valuetype type = napi_undefined;
  napi_typeof(env, function, &type);
  if (type != napi_function) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "onInvalidArgument takes a function");
    return nullptr;
  }
  Environment* environment = GetEnvironment(env);
  if (environment->on_invalid_argument != nullptr) {
    napi_delete_reference(env, environment->on_invalid_argument);
  }
  napi_create_reference(env, function, 1, &environment->on_invalid_argument);
  return nullptr;
}

// What the environment does not free by itself at its end.
void Finalize(napi_env env, void* data, void* /*hint*/) {
  auto* environment = static_cast<Environment*>(data);
  CloseOwned(environment);
  for (napi_ref function : {environment->on_invalid_argument, environment->on_nudge}) {
    if (function != nullptr) napi_delete_reference(env, function);
  }
  if (environment->context != nullptr) napi_async_destroy(env, environment->context);
  delete environment;
}

}  // namespace

void ThrowInvalid(napi_env env, const Function& function, const char* name, Invalid kind,
                  const char* expected, napi_value received) {
  bool is_pending = false;
  napi_is_exception_pending(env, &is_pending);
  if (is_pending) return;
  napi_value raise = nullptr;
  napi_value receiver = nullptr;
  napi_value arguments[5] = {nullptr, nullptr, nullptr, nullptr, received};
  napi_ref on_invalid_argument = function.environment->on_invalid_argument;
  if (on_invalid_argument == nullptr) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", name);
    return;
  }
  napi_get_reference_value(env, on_invalid_argument, &raise);
  napi_get_undefined(env, &receiver);
  napi_create_string_utf8(env, function.name, NAPI_AUTO_LENGTH, &arguments[0]);
  napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &arguments[1]);
  napi_create_int32(env, static_cast<int32_t>(kind), &arguments[2]);
  napi_create_string_utf8(env, expected, NAPI_AUTO_LENGTH, &arguments[3]);
  napi_call_function(env, receiver, raise, 5, arguments, nullptr);
}

bool GetBytes(napi_env env, napi_value value, Bytes* out) {
  void* data = nullptr;
  napi_typedarray_type type{};
  size_t length = 0;
  napi_value buffer = nullptr;
  size_t offset = 0;
  // Pointer and length only: asking for the ArrayBuffer too would cost as much again.
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) == napi_ok) {
    out->data = static_cast<uint8_t*>(data);
    // Nearly all buffers are of bytes.
    out->size = type == napi_uint8_array ? length : length * ElementSize(type);
    if (out->size > 0) return true;
    return ElementSize(type) > 0 &&
           napi_get_typedarray_info(env, value, nullptr, nullptr, nullptr, &buffer, nullptr) ==
               napi_ok &&
           !IsDetached(env, buffer);
  }
  if (napi_get_dataview_info(env, value, &length, &data, &buffer, &offset) == napi_ok) {
    out->data = static_cast<uint8_t*>(data);
    out->size = length;
    return !IsDetached(env, buffer);
  }
  // The second call alone takes a SharedArrayBuffer too since Node 24.
  bool is_array_buffer = false;
  if (napi_is_arraybuffer(env, value, &is_array_buffer) == napi_ok && is_array_buffer &&
      napi_get_arraybuffer_info(env, value, &data, &length) == napi_ok) {
    out->data = static_cast<uint8_t*>(data);
    out->size = length;
    return !IsDetached(env, value);
  }
  return false;
}

bool IsNothing(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env, value, &type);
  return type == napi_null || type == napi_undefined;
}

void Export(napi_env env, napi_value exports, const char* name, napi_callback function) {
  Environment* environment = GetEnvironment(env);
  environment->functions.push_front({name, environment});
  napi_value value = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, &environment->functions.front(),
                       &value);
  napi_set_named_property(env, exports, name, value);
}

void ExportArguments(napi_env env, napi_value exports) {
  napi_set_instance_data(env, new Environment, Finalize, nullptr);
  Export(env, exports, "onInvalidArgument", OnInvalidArgument);
}
