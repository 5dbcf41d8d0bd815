// The floor under a call from JavaScript: the same system call in a C loop inside the Node process.
#include <node_api.h>
#include <sys/socket.h>

// wouldBlock(fd, count): recv(2) with MSG_DONTWAIT, count times; how many found nothing.
static napi_value WouldBlock(napi_env env, napi_callback_info info) {
  size_t size = 2;
  napi_value arguments[2], result;
  int32_t fd = -1, count = 0, found_nothing = 0;
  char buffer[64];
  napi_get_cb_info(env, info, &size, arguments, NULL, NULL);
  napi_get_value_int32(env, arguments[0], &fd);
  napi_get_value_int32(env, arguments[1], &count);
  for (int32_t i = 0; i < count; i++) {
    found_nothing += recv(fd, buffer, sizeof buffer, MSG_DONTWAIT) < 0;
  }
  napi_create_int32(env, found_nothing, &result);
  return result;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "wouldBlock", NAPI_AUTO_LENGTH, WouldBlock, NULL, &function);
  napi_set_named_property(env, exports, "wouldBlock", function);
  return exports;
}
