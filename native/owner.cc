// Closes the descriptor of a socket that the garbage collector found unreferenced, or whose thread
// (a worker) ended. Plain node_api.h: every open socket has one of these, so it must be small.
#include "owner.h"

#include "exports.h"

namespace {

void Finalize(napi_env /*env*/, void* data, void* /*hint*/) {
  auto* owner = static_cast<Owner*>(data);
  CloseWatcher(owner);
  if (owner->closes) os::Close(owner->fd);
  delete owner;
}

napi_value Create(napi_env env, napi_callback_info info, bool closes) {
  Arguments<1> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  if (!arguments.ok()) return nullptr;
  napi_value value = nullptr;
  napi_create_external(env, new Owner{fd, closes, nullptr}, Finalize, nullptr, &value);
  return value;
}

// own(fd): what must be kept for as long as fd is to stay open.
napi_value Own(napi_env env, napi_callback_info info) { return Create(env, info, true); }

// borrow(fd): the same for a descriptor that somebody else closes.
napi_value Borrow(napi_env env, napi_callback_info info) { return Create(env, info, false); }

// disown(owner): from now on somebody else closes the descriptor.
napi_value Disown(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  Owner* owner = GetOwner(env, &arguments, 0);
  if (!arguments.ok()) return nullptr;
  CloseWatcher(owner);
  owner->closes = false;
  return nullptr;
}

}  // namespace

void ExportOwner(napi_env env, napi_value exports) {
  Export(env, exports, "own", Own);
  Export(env, exports, "borrow", Borrow);
  Export(env, exports, "disown", Disown);
}
