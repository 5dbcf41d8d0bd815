// What stands for an open descriptor of a socket object.
#pragma once

#include "arguments.h"
#include "platform/os.h"

struct Watcher;

struct Owner {
  os::Descriptor fd;
  bool closes;
  // Null while nobody has waited on the event loop.
  Watcher* watcher;
  // While it closes: the next in the environment's list, and what points here.
  Owner* next;
  Owner** link;
};

// What own() gave, at `index`; null, and an error, for anything else.
template <size_t N>
Owner* GetOwner(napi_env env, Arguments<N>* arguments, size_t index) {
  void* data = nullptr;
  if (!arguments->ok()) return nullptr;
  napi_valuetype type = napi_undefined;
  napi_typeof(env, (*arguments)[index], &type);
  if (type == napi_external) napi_get_value_external(env, (*arguments)[index], &data);
  if (data == nullptr) arguments->Fail(index, "owner", Invalid::kType, "what own() gave");
  return static_cast<Owner*>(data);
}

// Ends the watcher, if there is one: before the descriptor is closed or given away.
void CloseWatcher(Owner* owner);

// Closes what an environment that ends still has open: Bun and Deno finalize nothing that is left
// when a worker ends.
void CloseOwned(Environment* environment);
