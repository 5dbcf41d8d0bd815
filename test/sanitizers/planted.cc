// One function for each kind of fault that a checking tool must report. They are called from
// JavaScript, as the library's own are, so that what hides a report there hides it here.
#include <node_api.h>

#include <climits>
#include <cstdint>

namespace {

volatile int index_behind_the_end = 8;
volatile int largest = INT_MAX;
int shared_counter = 0;

napi_value Int(napi_env env, int value) {
  napi_value result = nullptr;
  napi_create_int32(env, value, &result);
  return result;
}

napi_value Overflow(napi_env env, napi_callback_info /*info*/) {
  auto* bytes = new uint8_t[8]();
  const int value = bytes[index_behind_the_end];
  delete[] bytes;
  return Int(env, value);
}

napi_value UseAfterFree(napi_env env, napi_callback_info /*info*/) {
  auto* number = new volatile int(1);
  delete number;
  return Int(env, *number);
}

napi_value Undefined(napi_env env, napi_callback_info /*info*/) { return Int(env, largest + 1); }

napi_value Uninitialised(napi_env env, napi_callback_info /*info*/) {
  auto* number = new volatile int;
  const int value = *number > 0 ? 1 : 2;
  delete number;
  return Int(env, value);
}

napi_value Leak(napi_env env, napi_callback_info /*info*/) {
  const auto* bytes = new volatile uint8_t[4321]();
  return Int(env, bytes[0]);
}

// Memory that Node-API allocates for the addon, and the addon has to let go.
napi_value LeakReference(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value object = nullptr;
  napi_ref reference = nullptr;
  napi_get_cb_info(env, info, &count, &object, nullptr, nullptr);
  napi_create_reference(env, object, 1, &reference);
  return nullptr;
}

napi_value Race(napi_env env, napi_callback_info /*info*/) { return Int(env, ++shared_counter); }

}  // namespace

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"overflow", nullptr, Overflow, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"useAfterFree", nullptr, UseAfterFree, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"undefined", nullptr, Undefined, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"uninitialised", nullptr, Uninitialised, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"leak", nullptr, Leak, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"leakReference", nullptr, LeakReference, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"race", nullptr, Race, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  napi_define_properties(env, exports, sizeof(functions) / sizeof(*functions), functions);
  return exports;
}
