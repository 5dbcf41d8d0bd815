// Readiness on the event loop: a uv_poll_t for an owner's descriptor. It is stopped before the
// descriptor is closed, and all of an environment's are closed before its loop is.
#include <new>

#include "environment.h"
#include "exports.h"
#include "owner.h"
#include "platform/loop.h"

struct Watcher {
  os::LoopPoll poll;
  napi_env env;
  Owner* owner;
  // Weak: who waits keeps it, so that a socket that nobody waits on can be collected.
  napi_ref callback;
  Watcher* next;
  Watcher* previous;
};

namespace {

void Free(uv_handle_t* handle) { delete static_cast<Watcher*>(handle->data); }

// The memory is the loop's until it has let go of the handle.
void Close(Watcher* watcher) {
  (watcher->previous == nullptr ? GetEnvironment(watcher->env)->watchers
                                : watcher->previous->next) = watcher->next;
  if (watcher->next != nullptr) watcher->next->previous = watcher->previous;
  watcher->owner->watcher = nullptr;
  napi_delete_reference(watcher->env, watcher->callback);
  os::ClosePoll(&watcher->poll, Free);
}

void CloseAll(void* data) {
  auto* environment = static_cast<Environment*>(data);
  while (environment->watchers != nullptr) Close(environment->watchers);
}

// Calls the watcher's function with a negated errno, or with what is ready. An exception is the
// program's uncaughtException.
void OnReady(uv_poll_t* poll, int status, int events) {
  auto* watcher = static_cast<Watcher*>(poll->data);
  napi_env env = watcher->env;
  napi_handle_scope scope = nullptr;
  napi_open_handle_scope(env, &scope);
  napi_value callback = nullptr;
  napi_value receiver = nullptr;
  napi_value argument = Result(env, status < 0 ? status : events);
  napi_get_reference_value(env, watcher->callback, &callback);
  if (callback == nullptr) {
    os::StopPoll(&watcher->poll);
    napi_close_handle_scope(env, scope);
    return;
  }
  napi_get_global(env, &receiver);
  napi_async_context context = GetEnvironment(env)->context;
  // Nobody needs the result, but Deno writes it wherever it is told to.
  napi_value result = nullptr;
  if (napi_make_callback(env, context, receiver, callback, 1, &argument, &result) ==
      napi_pending_exception) {
    napi_value error = nullptr;
    napi_get_and_clear_last_exception(env, &error);
    napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

// The watcher of the owner at 0; null, and an error, if there is none.
template <size_t N>
Watcher* GetWatcher(napi_env env, Arguments<N>* arguments) {
  const Owner* owner = GetOwner(env, arguments, 0);
  if (owner == nullptr) return nullptr;
  if (owner->watcher == nullptr) {
    arguments->Fail(0, "owner", Invalid::kRange, "one that createWatcher() was called with");
  }
  return owner->watcher;
}

// createWatcher(owner, callback): a watcher that watches for nothing yet. 0, or -errno: -EEXIST if
// the loop has one for this descriptor.
napi_value CreateWatcher(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  Owner* owner = GetOwner(env, &arguments, 0);
  napi_valuetype type = napi_undefined;
  if (arguments.ok()) napi_typeof(env, arguments[1], &type);
  if (arguments.ok() && type != napi_function) {
    arguments.Fail(1, "callback", Invalid::kType, "a function");
  }
  if (!arguments.ok()) return nullptr;
  if (owner->watcher != nullptr) return Result(env, -EEXIST);
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return Result(env, -ENOSYS);
  Environment* environment = GetEnvironment(env);
  if (environment->context == nullptr) {
    napi_value name = nullptr;
    napi_create_string_utf8(env, "bsd_sockets", NAPI_AUTO_LENGTH, &name);
    napi_async_init(env, nullptr, name, &environment->context);
    os::BeforeEnd(env, CloseAll, environment);
  }
  auto* watcher = new (std::nothrow) Watcher{};
  if (watcher == nullptr) return Result(env, -ENOMEM);
  const int result = os::InitPoll(loop, &watcher->poll, owner->fd);
  if (result < 0) {
    delete watcher;
    return Result(env, result);
  }
  os::Handle(&watcher->poll)->data = watcher;
  watcher->env = env;
  watcher->owner = owner;
  watcher->next = environment->watchers;
  if (watcher->next != nullptr) watcher->next->previous = watcher;
  environment->watchers = watcher;
  owner->watcher = watcher;
  napi_create_reference(env, arguments[1], 0, &watcher->callback);
  return Result(env, 0);
}

// startWatcher(owner, events): UV_READABLE 1, UV_WRITABLE 2, UV_DISCONNECT 4, UV_PRIORITIZED 8; 0
// watches for nothing.
napi_value StartWatcher(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  Watcher* watcher = GetWatcher(env, &arguments);
  const auto events = static_cast<int>(arguments.Integer(1, "events", 0, 15, "from 0 to 15"));
  if (!arguments.ok()) return nullptr;
  return Result(env, events == 0 ? os::StopPoll(&watcher->poll)
                                 : os::StartPoll(&watcher->poll, events, OnReady));
}

// refWatcher(owner, on): whether it keeps the loop alive while it watches.
napi_value RefWatcher(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  Watcher* watcher = GetWatcher(env, &arguments);
  bool is_on = false;
  if (!arguments.ok()) return nullptr;
  if (napi_get_value_bool(env, arguments[1], &is_on) != napi_ok) {
    arguments.Fail(1, "on", Invalid::kType, "a boolean");
    return nullptr;
  }
  uv_handle_t* handle = os::Handle(&watcher->poll);
  if (is_on) {
    uv_ref(handle);
  } else {
    uv_unref(handle);
  }
  return nullptr;
}

}  // namespace

void CloseWatcher(Owner* owner) {
  if (owner->watcher != nullptr) Close(owner->watcher);
}

void ExportWatcher(napi_env env, napi_value exports) {
  Export(env, exports, "createWatcher", CreateWatcher);
  Export(env, exports, "startWatcher", StartWatcher);
  Export(env, exports, "refWatcher", RefWatcher);
}
