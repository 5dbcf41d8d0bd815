// What the addon keeps for each environment (the main thread, a worker), so that any number of
// workers can load it.
#pragma once

#include <node_api.h>

struct Watcher;

struct Environment {
  // The function that makes and throws the error for a wrong argument.
  napi_ref on_invalid_argument = nullptr;
  // The watchers that are open, and what their callbacks run in.
  Watcher* watchers = nullptr;
  napi_async_context context = nullptr;
};

inline Environment* GetEnvironment(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Environment*>(data);
}
