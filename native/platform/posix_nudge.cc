// The watchdog: one thread for the process. Each tick it looks at the threads that are inside a
// call; if the event loop of one has something to do, it nudges it, until the call was left. A
// thread's own part is two stores and a look at a coarse clock.
#include "posix_nudge.h"

#include <dlfcn.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <new>
#include <utility>

#include "../nudge.h"

namespace os {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kTick(10);
// A nudge that came before the system call began is lost, so it is sent again until the call ends.
constexpr milliseconds kUnheard(1);
// A loop that goes on having something to do (a message that nobody reads) may hide that the
// thread is to end: its next call is nudged too, but not at once.
constexpr milliseconds kAgain(10);
// After so many ticks without a call the watchdog sleeps until there is one.
constexpr int kIdleTicks = 100;

// Starts `function` on a thread that no signal of the process is delivered to. False if there can
// be no more threads.
bool Spawn(pthread_t* thread, void* (*function)(void*), void* data) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  const bool is_running = pthread_create(thread, nullptr, function, data) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return is_running;
}

class Watchdog;

class Thread final : public WatchedThread {
 public:
  Thread(Watchdog* watchdog, int loop) : watchdog_(watchdog), loop_(loop), target_(ThisThread()) {}
  ~Thread() override;

  // Nudges the thread if need be, and says when to look again.
  milliseconds Look(Clock::time_point now) {
    const uint32_t call = call_.load(std::memory_order_acquire);
    const bool is_inside = call % 2 == 1;
    is_busy_ = is_inside || call != seen_;
    seen_ = call;
    if (!is_inside) return kTick;
    if (call != nudged_call_) {
      if (now - nudged_at_ < kAgain || !HasSomethingToDo()) return kTick;
      nudged_call_ = call;
    }
    nudged_at_ = now;
    Interrupt(target_, &nudged_);
    return kUnheard;
  }

  [[nodiscard]] bool is_busy() const { return is_busy_; }
  void SetAsleep(bool on) { asleep_.store(on, std::memory_order_relaxed); }

  Thread* next = nullptr;

 private:
  void WakeWatchdog() override;

  [[nodiscard]] bool HasSomethingToDo() const {
    pollfd entry = {loop_, POLLIN, 0};
    return ::poll(&entry, 1, 0) > 0;
  }

  Watchdog* watchdog_;
  int loop_;
  InterruptTarget target_;
  bool is_watched_ = false;
  // Only the watchdog's.
  uint32_t seen_ = 0;
  uint32_t nudged_call_ = 0;
  Clock::time_point nudged_at_;
  bool is_busy_ = false;
};

class Watchdog {
 public:
  // It must outlive static destructors, as its thread may be running when the process exits.
  static Watchdog* Get() {
    static auto* watchdog = new Watchdog;
    return watchdog;
  }

  bool Add(Thread* thread) {
    const std::lock_guard<std::mutex> change(changing_);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (first_ == nullptr && !Spawn(&thread_, RunOn, this)) return false;
    thread->next = first_;
    first_ = thread;
    SetAwake();
    return true;
  }

  void Remove(Thread* thread) {
    const std::lock_guard<std::mutex> change(changing_);
    bool is_last = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      Thread** place = &first_;
      while (*place != thread) place = &(*place)->next;
      *place = thread->next;
      is_last = first_ == nullptr;
      SetAwake();
    }
    if (is_last) pthread_join(thread_, nullptr);
  }

  void Wake() {
    const std::lock_guard<std::mutex> lock(mutex_);
    SetAwake();
  }

 private:
  void SetAwake() {
    idle_ticks_ = 0;
    for (Thread* thread = first_; thread != nullptr; thread = thread->next) {
      thread->SetAsleep(false);
    }
    woken_.notify_one();
  }

  void Run() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (first_ != nullptr) {
      milliseconds next = kTick;
      const auto now = Clock::now();
      idle_ticks_++;
      for (Thread* thread = first_; thread != nullptr; thread = thread->next) {
        next = std::min(next, thread->Look(now));
        if (thread->is_busy()) idle_ticks_ = 0;
        // Said a tick before it is so: a call that began without seeing it is seen meanwhile.
        thread->SetAsleep(idle_ticks_ >= kIdleTicks);
      }
      if (idle_ticks_ > kIdleTicks) {
        woken_.wait(lock, [this] { return idle_ticks_ == 0; });
      } else {
        woken_.wait_for(lock, next);
      }
    }
  }

  static void* RunOn(void* watchdog) {
    static_cast<Watchdog*>(watchdog)->Run();
    return nullptr;
  }

  // Held while threads come and go; the watchdog's own thread needs the other.
  std::mutex changing_;
  std::mutex mutex_;
  std::condition_variable woken_;
  pthread_t thread_{};
  Thread* first_ = nullptr;
  int idle_ticks_ = 0;
};

Thread::~Thread() {
  if (is_watched_) watchdog_->Remove(this);
  // A signal that was sent before is delivered at the end of a system call at the latest, and must
  // not find the memory gone.
  ::sched_yield();
}

// The first call that may block makes the thread known.
void Thread::WakeWatchdog() {
  if (is_watched_) {
    watchdog_->Wake();
  } else {
    is_watched_ = watchdog_->Add(this);
  }
}

// What is done aside, and the end of the pipe that is closed when it is done.
struct Job {
  std::function<void()> work;
  int done;
};

void* DoWork(void* data) {
  const std::unique_ptr<Job> job(static_cast<Job*>(data));
  job->work();
  ::close(job->done);
  return nullptr;
}

// The handler and the threads are the process's: the addon must stay loaded when the worker is gone
// that loaded it.
bool StayLoaded() {
  Dl_info info;
  return ::dladdr(reinterpret_cast<void*>(&DoWork), &info) != 0 &&
         ::dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE) != nullptr;
}

}  // namespace

double CoarseTime() {
  timespec now = {};
  clock_gettime(kCoarseClock, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

int StartAside(std::function<void()> work) {
  int ends[2];
  if (Pipe(ends) < 0) return -ENOSYS;
  pthread_t thread{};
  auto job = std::make_unique<Job>(Job{std::move(work), ends[1]});
  if (!Spawn(&thread, DoWork, job.get())) {
    ::close(ends[0]);
    ::close(ends[1]);
    return -EAGAIN;
  }
  static_cast<void>(job.release());
  pthread_detach(thread);
  return ends[0];
}

int WaitAside(int done) {
  pollfd entry = {done, POLLIN, 0};
  return static_cast<int>(Result(::poll(&entry, 1, -1)));
}

void CloseAside(int done) { ::close(done); }

}  // namespace os

std::unique_ptr<WatchedThread> WatchedThread::Start(uv_loop_t* loop) {
  static const bool stays = os::StayLoaded();
  const int fd = uv_backend_fd(loop);
  if (!stays || fd < 0 || !os::PrepareInterrupts()) return nullptr;
  return std::unique_ptr<WatchedThread>(new (std::nothrow) os::Thread(os::Watchdog::Get(), fd));
}
