// Closes the descriptor of a socket that the garbage collector found unreferenced, or whose thread
// (a worker) ended. Plain node_api.h: every open socket has one of these, so it must be small.
#include "arguments.h"
#include "exports.h"
#include "platform/os.h"

namespace {

struct Owner {
  os::Descriptor fd;
};

void Finalize(napi_env /*env*/, void* data, void* /*hint*/) {
  auto* owner = static_cast<Owner*>(data);
  if (owner->fd != os::kNoDescriptor) os::Close(owner->fd);
  delete owner;
}

// own(fd): what must be kept for as long as fd is to stay open.
napi_value Own(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  if (!arguments.ok()) return nullptr;
  napi_value value = nullptr;
  napi_create_external(env, new Owner{fd}, Finalize, nullptr, &value);
  return value;
}

// disown(owner): from now on somebody else closes the descriptor.
napi_value Disown(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  void* data = nullptr;
  if (!arguments.ok()) return nullptr;
  if (napi_get_value_external(env, arguments[0], &data) != napi_ok) {
    arguments.Fail(0, "owner", Invalid::kType, "what own() gave");
    return nullptr;
  }
  static_cast<Owner*>(data)->fd = os::kNoDescriptor;
  return nullptr;
}

}  // namespace

void ExportOwner(napi_env env, napi_value exports) {
  Export(env, exports, "own", Own);
  Export(env, exports, "disown", Disown);
}
