// Readiness on the event loop: a uv_poll_t for an owner's descriptor, kept armed and disarmed
// lazily. It is stopped before the descriptor is closed, and all of an environment's are closed
// before its loop is.
#include <new>

#include "environment.h"
#include "exports.h"
#include "owner.h"
#include "platform/loop.h"

// A function that watchers call, all of one program's the same, and the memory that it shares with
// them. Both are kept for as long as any of the watchers is open.
struct Listener {
  napi_ref function;
  napi_ref memory;
  // Whether the function, or what it has started, is running; what is waited for afterwards.
  int32_t* telling;
  size_t watchers;
  Listener* next;
};

struct Watcher {
  os::LoopPoll poll;
  napi_env env;
  // Null when it is closed.
  Owner* owner;
  Listener* listener;
  Watcher* next;
  Watcher* previous;
  // What the poll is armed for, and what somebody waits for.
  uint8_t armed;
  uint8_t wanted;
  bool is_referenced;
};

namespace {

// The one of this function, with one watcher more; null if there is no memory.
Listener* JoinListener(napi_env env, Environment* environment, napi_value function,
                       napi_value memory) {
  for (Listener* one = environment->listeners; one != nullptr; one = one->next) {
    napi_value known = nullptr;
    bool is_same = false;
    napi_get_reference_value(env, one->function, &known);
    napi_strict_equals(env, known, function, &is_same);
    if (!is_same) continue;
    one->watchers++;
    return one;
  }
  auto* listener =
      new (std::nothrow) Listener{nullptr, nullptr, nullptr, 1, environment->listeners};
  if (listener == nullptr) return nullptr;
  napi_create_reference(env, function, 1, &listener->function);
  napi_create_reference(env, memory, 1, &listener->memory);
  environment->listeners = listener;
  return listener;
}

void LeaveListener(napi_env env, Listener* listener) {
  if (--listener->watchers > 0) return;
  Listener** link = &GetEnvironment(env)->listeners;
  while (*link != listener) link = &(*link)->next;
  *link = listener->next;
  napi_delete_reference(env, listener->function);
  napi_delete_reference(env, listener->memory);
  delete listener;
}

void Free(uv_handle_t* handle) { delete static_cast<Watcher*>(handle->data); }

// The memory is the loop's until it has let go of the handle.
void Close(Watcher* watcher) {
  (watcher->previous == nullptr ? GetEnvironment(watcher->env)->watchers
                                : watcher->previous->next) = watcher->next;
  if (watcher->next != nullptr) watcher->next->previous = watcher->previous;
  watcher->owner->watcher = nullptr;
  watcher->owner = nullptr;
  LeaveListener(watcher->env, watcher->listener);
  os::ClosePoll(&watcher->poll, Free);
}

void CloseAll(void* data) {
  auto* environment = static_cast<Environment*>(data);
  while (environment->watchers != nullptr) Close(environment->watchers);
}

// Only somebody who waits keeps the loop alive, not what is still armed.
void Refer(Watcher* watcher) {
  uv_handle_t* handle = os::Handle(&watcher->poll);
  if (watcher->wanted != 0 && watcher->is_referenced) {
    uv_ref(handle);
  } else {
    uv_unref(handle);
  }
}

void OnReady(uv_poll_t* poll, int status, int events);

int Arm(Watcher* watcher, uint8_t events) {
  if (events == watcher->armed) return 0;
  const int result =
      events == 0 ? os::StopPoll(&watcher->poll) : os::StartPoll(&watcher->poll, events, OnReady);
  watcher->armed = result < 0 ? 0 : events;
  return result;
}

// What is waited for from now on. What was armed before stays so until it comes.
int Want(Watcher* watcher, int events) {
  const int result = Arm(watcher, static_cast<uint8_t>(watcher->armed | events));
  watcher->wanted = result < 0 ? 0 : static_cast<uint8_t>(events);
  Refer(watcher);
  return result;
}

// Calls the listener with the descriptor and a negated errno, or what is ready; microtasks run
// behind it. An exception is the program's uncaughtException.
void Tell(Watcher* watcher, int result) {
  napi_env env = watcher->env;
  napi_handle_scope scope = nullptr;
  napi_open_handle_scope(env, &scope);
  napi_value function = nullptr;
  napi_value receiver = nullptr;
  napi_value arguments[] = {Result(env, static_cast<int64_t>(watcher->owner->fd)),
                            Result(env, result)};
  napi_get_reference_value(env, watcher->listener->function, &function);
  napi_get_global(env, &receiver);
  napi_async_context context = GetEnvironment(env)->context;
  // The function may close the last watcher, and so the listener.
  int32_t* telling = watcher->listener->telling;
  telling[0] = 1;
  telling[1] = watcher->wanted;
  // Nobody needs the result, but Deno writes it wherever it is told to.
  napi_value result_value = nullptr;
  if (napi_make_callback(env, context, receiver, function, 2, arguments, &result_value) ==
      napi_pending_exception) {
    napi_value error = nullptr;
    napi_get_and_clear_last_exception(env, &error);
    napi_fatal_exception(env, error);
  }
  telling[0] = 0;
  if (watcher->owner != nullptr && telling[1] != watcher->wanted) Want(watcher, telling[1]);
  napi_close_handle_scope(env, scope);
}

// What nobody waits for is not told; it is disarmed when it comes.
void OnReady(uv_poll_t* poll, int status, int events) {
  auto* watcher = static_cast<Watcher*>(poll->data);
  const int wanted = watcher->wanted;
  const bool is_unwanted = status >= 0 && events != 0 && (events & wanted) == 0;
  // libuv has stopped the poll.
  if (status < 0) watcher->armed = 0;
  if (wanted != 0 && !is_unwanted) Tell(watcher, status < 0 ? status : events);
  const bool is_to_arm = status < 0 || (events & ~wanted) != 0;
  if (is_to_arm && watcher->owner != nullptr) Arm(watcher, watcher->wanted);
}

// The watcher of the owner at 0; null, and an error, if there is none.
template <size_t N>
Watcher* GetWatcher(Arguments<N>* arguments) {
  const Owner* owner = GetOwner(arguments, 0);
  if (owner == nullptr) return nullptr;
  if (owner->watcher == nullptr) {
    arguments->Fail(0, "owner", Invalid::kRange, "one that createWatcher() was called with");
  }
  return owner->watcher;
}

// createWatcher(owner, listener, telling): a watcher that watches for nothing yet. 0, or -errno:
// -EEXIST if the loop has one for this descriptor.
napi_value CreateWatcher(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  Owner* owner = GetOwner(&arguments, 0);
  int32_t* telling = arguments.Ints(2, "telling", 2);
  napi_valuetype type = napi_undefined;
  if (arguments.ok()) napi_typeof(env, arguments[1], &type);
  if (arguments.ok() && type != napi_function) {
    arguments.Fail(1, "listener", Invalid::kType, "a function");
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
  Listener* listener = JoinListener(env, environment, arguments[1], arguments[2]);
  auto* watcher = listener == nullptr ? nullptr : new (std::nothrow) Watcher{};
  const int result = watcher == nullptr ? -ENOMEM : os::InitPoll(loop, &watcher->poll, owner->fd);
  if (result < 0) {
    delete watcher;
    if (listener != nullptr) LeaveListener(env, listener);
    return Result(env, result);
  }
  os::Handle(&watcher->poll)->data = watcher;
  watcher->env = env;
  watcher->owner = owner;
  watcher->listener = listener;
  listener->telling = telling;
  watcher->is_referenced = true;
  watcher->next = environment->watchers;
  if (watcher->next != nullptr) watcher->next->previous = watcher;
  environment->watchers = watcher;
  owner->watcher = watcher;
  return Result(env, 0);
}

// startWatcher(owner, events): what is waited for from now on, of UV_READABLE 1, UV_WRITABLE 2,
// UV_DISCONNECT 4, UV_PRIORITIZED 8; 0 for nothing.
napi_value StartWatcher(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  Watcher* watcher = GetWatcher(&arguments);
  const auto events = static_cast<int>(arguments.Integer(1, "events", 0, 15, "from 0 to 15"));
  if (!arguments.ok()) return nullptr;
  return Result(env, Want(watcher, events));
}

// refWatcher(owner, on): whether it keeps the loop alive while it watches.
napi_value RefWatcher(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  Watcher* watcher = GetWatcher(&arguments);
  bool is_on = false;
  if (!arguments.ok()) return nullptr;
  if (napi_get_value_bool(env, arguments[1], &is_on) != napi_ok) {
    arguments.Fail(1, "on", Invalid::kType, "a boolean");
    return nullptr;
  }
  watcher->is_referenced = is_on;
  Refer(watcher);
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
