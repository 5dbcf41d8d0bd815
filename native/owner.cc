// Closes the descriptor of a socket that the garbage collector found unreferenced, or whose thread
// (a worker) ended. Plain node_api.h: every open socket has one of these, so it must be small.
#include "owner.h"

#include <cerrno>
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

// From now on the owner closes nothing.
void Release(Owner* owner) {
  if (!owner->closes) return;
  Numbers().Remove(owner->fd);
  owner->closes = false;
}

// Neither the garbage collector nor the end of a thread waits for what is unsent.
void StopLingering(os::Descriptor fd) {
  linger option = {};
  socklen_t length = sizeof(option);
  if (os::GetOption(fd, SOL_SOCKET, SO_LINGER, &option, &length) < 0) return;
  if (option.l_onoff == 0 || option.l_linger == 0) return;
  option.l_onoff = 0;
  os::SetOption(fd, SOL_SOCKET, SO_LINGER, &option, sizeof(option));
}

void Close(Owner* owner) {
  CloseWatcher(owner);
  if (!owner->closes) return;
  Release(owner);
  StopLingering(owner->fd);
  os::Close(owner->fd);
}

void Finalize(napi_env /*env*/, void* data, void* /*hint*/) {
  auto* owner = static_cast<Owner*>(data);
  Close(owner);
  if (owner->environment != nullptr) {
    owner->environment->owners[owner->number] = nullptr;
    owner->environment->free_owners.push_back(owner->number);
  }
  delete owner;
}

uint32_t FreeNumber(Environment* environment) {
  if (environment->free_owners.empty()) {
    environment->owners.push_back(nullptr);
    return static_cast<uint32_t>(environment->owners.size() - 1);
  }
  const uint32_t number = environment->free_owners.back();
  environment->free_owners.pop_back();
  return number;
}

// Not an external of its own: Node loses what it keeps for those that are left when a worker ends.
napi_value Create(napi_env env, os::Descriptor fd, bool closes, napi_value keeper) {
  Environment* environment = GetEnvironment(env);
  const uint32_t number = FreeNumber(environment);
  auto* owner = new Owner{fd, closes, nullptr, environment, number};
  environment->owners[number] = owner;
  napi_add_finalizer(env, keeper, owner, Finalize, nullptr, nullptr);
  return Result(env, number);
}

// The descriptor and the keeper that each of these is called with.
struct Kept {
  explicit Kept(Arguments<2>* arguments) : fd(arguments->Descriptor(0)), keeper((*arguments)[1]) {
    napi_valuetype type = napi_undefined;
    if (arguments->ok()) napi_typeof(arguments->env(), keeper, &type);
    if (type != napi_object) arguments->Fail(1, "keeper", Invalid::kType, "an object");
  }

  os::Descriptor fd;
  napi_value keeper;
};

// own(fd, keeper): closes fd when nobody refers to `keeper` any more, or the environment ends; the
// number of the owner. Of a descriptor that a call has just given; whoever had it before has lost
// it.
napi_value Own(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  const Kept kept(&arguments);
  if (!arguments.ok()) return nullptr;
  Numbers().Add(kept.fd);
  return Create(env, kept.fd, true, kept.keeper);
}

// adopt(fd, keeper): the same of a descriptor that came from elsewhere; -EEXIST if it has an owner.
napi_value Adopt(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  const Kept kept(&arguments);
  if (!arguments.ok()) return nullptr;
  if (!Numbers().Add(kept.fd)) return Result(env, -EEXIST);
  return Create(env, kept.fd, true, kept.keeper);
}

// borrow(fd, keeper): the same of a descriptor that somebody else closes.
napi_value Borrow(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  const Kept kept(&arguments);
  if (!arguments.ok()) return nullptr;
  return Create(env, kept.fd, false, kept.keeper);
}

// disown(owner): from now on somebody else closes the descriptor.
napi_value Disown(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  Owner* owner = GetOwner(&arguments, 0);
  if (!arguments.ok()) return nullptr;
  CloseWatcher(owner);
  Release(owner);
  return nullptr;
}

}  // namespace

void CloseOwned(Environment* environment) {
  for (Owner* owner : environment->owners) {
    if (owner == nullptr) continue;
    Close(owner);
    owner->environment = nullptr;
  }
}

void ExportOwner(napi_env env, napi_value exports) {
  Export(env, exports, "own", Own);
  Export(env, exports, "adopt", Adopt);
  Export(env, exports, "borrow", Borrow);
  Export(env, exports, "disown", Disown);
}
