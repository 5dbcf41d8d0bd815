// Closes the descriptor of a socket that the garbage collector found unreferenced, or whose thread
// (a worker) ended.
#include <napi.h>

#include "exports.h"
#include "platform/os.h"

namespace {

struct Owner {
  os::Descriptor fd;
};

void Finalize(Napi::Env /*env*/, Owner* owner) {
  if (owner->fd != os::kNoDescriptor) os::Close(owner->fd);
  delete owner;
}

// own(fd): what must be kept for as long as fd is to stay open.
Napi::Value Own(const Napi::CallbackInfo& info) {
  auto* owner = new Owner{info[0].As<Napi::Number>().Int32Value()};
  return Napi::External<Owner>::New(info.Env(), owner, Finalize);
}

// disown(owner): from now on somebody else closes the descriptor.
void Disown(const Napi::CallbackInfo& info) {
  info[0].As<Napi::External<Owner>>().Data()->fd = os::kNoDescriptor;
}

}  // namespace

void ExportOwner(napi_env env, napi_value exports) {
  Napi::Object object(env, exports);
  object["own"] = Napi::Function::New<Own>(env, "own");
  object["disown"] = Napi::Function::New<Disown>(env, "disown");
}
