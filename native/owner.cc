// Closes the descriptor of a socket that the garbage collector found unreferenced, or whose thread
// (a worker) ended. Plain node_api.h: every open socket has one of these, so it must be small.
#include "owner.h"

#include <mutex>
#include <vector>

#include "environment.h"
#include "exports.h"

namespace {

// The numbers that have an owner, of all environments: they share one table of descriptors. A bit
// for each number, as the system gives the lowest that is free.
class OwnedNumbers {
 public:
  // False if the number has an owner already.
  bool Add(os::Descriptor fd) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto index = static_cast<size_t>(fd);
    if (index >= is_owned_.size()) is_owned_.resize(index + 1);
    const bool is_new = !is_owned_[index];
    is_owned_[index] = true;
    return is_new;
  }

  // While the number is open: another thread could get it as soon as it is closed.
  void Remove(os::Descriptor fd) {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_owned_[static_cast<size_t>(fd)] = false;
  }

 private:
  std::mutex mutex_;
  std::vector<bool> is_owned_;
};

OwnedNumbers& Numbers() {
  // Never destroyed: threads may still end when the process does.
  static auto* const numbers = new OwnedNumbers;
  return *numbers;
}

void Link(Owner* owner, Owner** list) {
  owner->next = *list;
  owner->link = list;
  if (owner->next != nullptr) owner->next->link = &owner->next;
  *list = owner;
}

// From now on the owner closes nothing.
void Release(Owner* owner) {
  if (!owner->closes) return;
  Numbers().Remove(owner->fd);
  owner->closes = false;
  *owner->link = owner->next;
  if (owner->next != nullptr) owner->next->link = owner->link;
}

void Close(Owner* owner) {
  CloseWatcher(owner);
  if (!owner->closes) return;
  Release(owner);
  os::Close(owner->fd);
}

void Finalize(napi_env /*env*/, void* data, void* /*hint*/) {
  auto* owner = static_cast<Owner*>(data);
  Close(owner);
  delete owner;
}

napi_value Create(napi_env env, os::Descriptor fd, bool closes) {
  napi_value value = nullptr;
  auto* owner = new Owner{fd, closes, nullptr, nullptr, nullptr};
  if (closes) Link(owner, &GetEnvironment(env)->owners);
  napi_create_external(env, owner, Finalize, nullptr, &value);
  return value;
}

// own(fd): what must be kept for as long as fd is to stay open. Of a number that a call has just
// given; whoever had it before has lost it.
napi_value Own(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  if (!arguments.ok()) return nullptr;
  Numbers().Add(fd);
  return Create(env, fd, true);
}

// adopt(fd): the same of a number that came from elsewhere; null if it has an owner.
napi_value Adopt(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  if (!arguments.ok()) return nullptr;
  if (Numbers().Add(fd)) return Create(env, fd, true);
  napi_value nothing = nullptr;
  napi_get_null(env, &nothing);
  return nothing;
}

// borrow(fd): the same for a descriptor that somebody else closes.
napi_value Borrow(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  if (!arguments.ok()) return nullptr;
  return Create(env, fd, false);
}

// disown(owner): from now on somebody else closes the descriptor.
napi_value Disown(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  Owner* owner = GetOwner(env, &arguments, 0);
  if (!arguments.ok()) return nullptr;
  CloseWatcher(owner);
  Release(owner);
  return nullptr;
}

}  // namespace

void CloseOwned(Environment* environment) {
  while (environment->owners != nullptr) Close(environment->owners);
}

void ExportOwner(napi_env env, napi_value exports) {
  Export(env, exports, "own", Own);
  Export(env, exports, "adopt", Adopt);
  Export(env, exports, "borrow", Borrow);
  Export(env, exports, "disown", Disown);
}
