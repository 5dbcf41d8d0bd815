// Ends calls that block. A thread that is blocked in a system call cannot be told that it is to
// end, so a watchdog (platform/posix_nudge.cc) looks at its event loop, which has something to do
// then, and sends the thread a signal: a nudge. The call ends with EINTR or with what it has done
// so far, and is gone on with (lib/interrupted.ts) unless the thread is to end.
#pragma once

#include <node_api.h>
#include <uv.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

struct Environment;

namespace os {

// Milliseconds of a clock that costs next to nothing to read.
double CoarseTime();

}  // namespace os

// The thread of an environment, as it and the watchdog see it.
class WatchedThread {
 public:
  // The current thread, and its loop; null where the platform has no watchdog.
  static std::unique_ptr<WatchedThread> Start(uv_loop_t* loop);
  virtual ~WatchedThread() = default;
  WatchedThread(const WatchedThread&) = delete;
  WatchedThread& operator=(const WatchedThread&) = delete;

  // A call that may block begins.
  void Enter() {
    nudged_.store(false, std::memory_order_relaxed);
    started_ = os::CoarseTime();
    call_.store(call_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (asleep_.load(std::memory_order_relaxed)) WakeWatchdog();
  }

  // It ended; true if a nudge came meanwhile.
  bool Leave() {
    call_.store(call_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return nudged_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] bool was_nudged() const { return nudged_.load(std::memory_order_relaxed); }
  [[nodiscard]] double elapsed() const { return os::CoarseTime() - started_; }

  // While a call that was nudged is gone on with, the calls that this takes are not.
  bool is_going_on = false;

 protected:
  WatchedThread() = default;
  virtual void WakeWatchdog() = 0;

  // Odd while the thread is inside a call; each call has its number.
  std::atomic<uint32_t> call_{0};
  // Set by the signal's handler, on the thread itself.
  std::atomic<bool> nudged_{false};
  // Whether the watchdog has to be told of the next call.
  std::atomic<bool> asleep_{true};

 private:
  double started_ = 0;
};

// A system call that may block, from its construction to Result(). With MSG_DONTWAIT in `flags` it
// does not.
class Waiting {
 public:
  Waiting(napi_env env, napi_callback_info info, Environment* environment, int flags = 0);

  // The call's result, after what a nudge cut short was gone on with. Null if the thread is to end.
  napi_value Result(int64_t result);
  // The same of a call that gives a descriptor: nobody would have it if the thread is to end.
  napi_value Accepted(int64_t result);

 private:
  napi_env env_;
  napi_callback_info info_;
  Environment* environment_;
  WatchedThread* thread_;
};

enum class Aside { kDone, kInterrupted, kEnding };

// Does `work`, which no signal ends, on a thread of its own where this one's calls are watched, and
// waits for it. When it is interrupted or the thread is to end, `work` goes on alone: it may use
// nothing but what it owns.
Aside DoAside(napi_env env, Environment* environment, const std::function<void()>& work);

namespace os {

// Starts `work` on a thread of its own, and gives the descriptor that becomes readable when it is
// done, or -errno.
int StartAside(std::function<void()> work);
// Waits for that once; -EINTR after a signal.
int WaitAside(int done);
void CloseAside(int done);

}  // namespace os
