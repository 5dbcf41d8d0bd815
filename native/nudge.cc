// What happens in JavaScript's terms when a nudge has ended a call.
#include "nudge.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "arguments.h"
#include "environment.h"
#include "exports.h"

namespace {

// The call's arguments; no function looks at more.
constexpr size_t kMostArguments = 7;

// onNudge(call, arguments, result, elapsed) goes on with the call. V8 ends a thread that is to end
// when a JavaScript function is called: then there is no result.
napi_value GoOn(napi_env env, Environment* environment, const char* call, size_t count,
                const napi_value* values, int64_t result) {
  WatchedThread* thread = environment->watched.get();
  napi_value receiver = nullptr;
  napi_value function = nullptr;
  napi_value arguments[4] = {};
  napi_value value = nullptr;
  napi_get_undefined(env, &receiver);
  napi_get_reference_value(env, environment->on_nudge, &function);
  napi_create_string_utf8(env, call, NAPI_AUTO_LENGTH, &arguments[0]);
  napi_create_array_with_length(env, count, &arguments[1]);
  for (uint32_t i = 0; i < count; i++) napi_set_element(env, arguments[1], i, values[i]);
  napi_create_int32(env, static_cast<int32_t>(result), &arguments[2]);
  napi_create_double(env, thread->elapsed(), &arguments[3]);
  const bool was_going_on = std::exchange(thread->is_going_on, true);
  const napi_status status = napi_call_function(env, receiver, function, 4, arguments, &value);
  thread->is_going_on = was_going_on;
  return status == napi_ok ? value : nullptr;
}

// watchCalls(onNudge): from now on calls of this thread that block are nudged. Whether they are:
// false where the platform has no way.
napi_value WatchCalls(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  napi_valuetype type = napi_undefined;
  if (arguments.ok()) napi_typeof(env, arguments[0], &type);
  if (arguments.ok() && type != napi_function) {
    arguments.Fail(0, "onNudge", Invalid::kType, "a function");
  }
  if (!arguments.ok()) return nullptr;
  Environment* environment = arguments.environment();
  uv_loop_t* loop = nullptr;
  if (environment->watched == nullptr && napi_get_uv_event_loop(env, &loop) == napi_ok) {
    environment->watched = WatchedThread::Start(loop);
    if (environment->watched != nullptr) {
      napi_create_reference(env, arguments[0], 1, &environment->on_nudge);
    }
  }
  napi_value value = nullptr;
  napi_get_boolean(env, environment->watched != nullptr, &value);
  return value;
}

// wasNudged(): whether a nudge came in the last call.
napi_value WasNudged(napi_env env, napi_callback_info info) {
  const Arguments<0> arguments(env, info);
  const auto& watched = arguments.environment()->watched;
  napi_value value = nullptr;
  napi_get_boolean(env, watched != nullptr && watched->was_nudged(), &value);
  return value;
}

}  // namespace

Waiting::Waiting(napi_env env, napi_callback_info info, Environment* environment, int flags)
    : env_(env),
      info_(info),
      environment_(environment),
      thread_((flags & os::kDontWait) == 0 ? environment->watched.get() : nullptr) {
  if (thread_ != nullptr) thread_->Enter();
}

napi_value Waiting::Result(int64_t result) {
  if (thread_ == nullptr || !thread_->Leave()) return ::Result(env_, result);
  if (thread_->is_going_on) {
    // Whoever goes on makes it again; here only what ends a thread that is to end.
    const bool goes_on = GoOn(env_, environment_, "", 0, nullptr, result) != nullptr;
    return goes_on ? ::Result(env_, result) : nullptr;
  }
  size_t count = kMostArguments;
  napi_value values[kMostArguments];
  void* data = nullptr;
  napi_get_cb_info(env_, info_, &count, values, nullptr, &data);
  // It tells how many there are, whatever there was room for.
  count = std::min(count, kMostArguments);
  return GoOn(env_, environment_, static_cast<Function*>(data)->name, count, values, result);
}

napi_value Waiting::Accepted(int64_t result) {
  napi_value value = Result(result);
  if (value == nullptr && result >= 0) os::Close(static_cast<os::Descriptor>(result));
  return value;
}

Aside DoAside(napi_env env, Environment* environment, const std::function<void()>& work) {
  WatchedThread* thread = environment->watched.get();
  const int done = thread == nullptr ? -1 : os::StartAside(work);
  if (done < 0) {
    work();
    return Aside::kDone;
  }
  Aside aside = Aside::kDone;
  bool is_waiting = true;
  while (is_waiting) {
    thread->Enter();
    is_waiting = os::WaitAside(done) == -EINTR;
    if (!thread->Leave() || !is_waiting) continue;
    napi_value value = GoOn(env, environment, "", 0, nullptr, -EINTR);
    int32_t result = 0;
    if (value != nullptr) napi_get_value_int32(env, value, &result);
    if (value == nullptr) aside = Aside::kEnding;
    if (result == -EINTR) aside = Aside::kInterrupted;
    is_waiting = aside == Aside::kDone;
  }
  os::CloseAside(done);
  return aside;
}

void ExportNudge(napi_env env, napi_value exports) {
  Export(env, exports, "watchCalls", WatchCalls);
  Export(env, exports, "wasNudged", WasNudged);
}
