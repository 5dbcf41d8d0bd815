// What the addon keeps for each environment (the main thread, a worker), so that any number of
// workers can load it.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <forward_list>
#include <memory>
#include <vector>

#include "nudge.h"

struct Listener;
struct Watcher;
struct Environment;
struct Owner;

// What an exported function is called with: its name, for its errors, and where it was loaded.
struct Function {
  const char* name;
  Environment* environment;
};

struct Environment {
  std::forward_list<Function> functions;
  // The function that makes and throws the error for a wrong argument.
  napi_ref on_invalid_argument = nullptr;
  // The owners, each at the number that JavaScript has for it, and the numbers that are free.
  std::vector<Owner*> owners;
  std::vector<uint32_t> free_owners;
  // The watchers that are open, whom they call, and what that runs in.
  Watcher* watchers = nullptr;
  Listener* listeners = nullptr;
  napi_async_context context = nullptr;
  // How this thread's blocked calls are ended, once watchCalls() was called, and the function that
  // goes on with a call that was.
  std::unique_ptr<WatchedThread> watched;
  napi_ref on_nudge = nullptr;
};

inline Environment* GetEnvironment(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Environment*>(data);
}
