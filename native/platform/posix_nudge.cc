// The watchdog: one thread for the process. It waits for the event loops of the threads that are
// inside a call; when one has something to do, it nudges the thread, until the call was left. Each
// tick it looks which threads are inside a call; when nothing changes, it sleeps. A thread's own
// part is two stores and a look at a coarse clock.
#include "posix_nudge.h"

#include <dlfcn.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

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
// After so many ticks without a change the watchdog sleeps until there is one.
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

// 0 if there is none that could be used.
int InterruptSignal() {
  static const int number = InstallHandler();
  return number;
}

// Lets it through to this thread.
bool PrepareInterrupts() {
  if (InterruptSignal() == 0) return false;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, InterruptSignal());
  return ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr) == 0;
}

class Watchdog;

class Thread final : public WatchedThread {
 public:
  Thread(Watchdog* watchdog, int loop) : watchdog_(watchdog), loop_(loop), target_(ThisThread()) {}
  ~Thread() override;

  // Nudges the thread if need be, and says when to look again at the latest. `has_changed` is set
  // if the thread is not in the call that it was in before; `*quiet` is the loop to wait for.
  milliseconds Look(Clock::time_point now, bool* has_changed, pollfd* quiet) {
    const uint32_t call = call_.load(std::memory_order_acquire);
    quiet->fd = -1;
    if (call != seen_) *has_changed = true;
    seen_ = call;
    if (call % 2 == 0) return kTick;
    if (call != nudged_call_) {
      if (now - nudged_at_ < kAgain) {
        *has_changed = true;
        return kTick;
      }
      if (!HasSomethingToDo()) {
        *quiet = {loop_, POLLIN, 0};
        return kTick;
      }
      nudged_call_ = call;
    }
    *has_changed = true;
    nudged_at_ = now;
    Interrupt(InterruptSignal(), target_, &nudged_);
    return kUnheard;
  }

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
    if (first_ == nullptr && !Start()) return false;
    thread->next = first_;
    first_ = thread;
    Wake();
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
      Wake();
    }
    if (!is_last) return;
    pthread_join(thread_, nullptr);
    for (const int end : wake_) ::close(end);
  }

  void WakeUp() {
    const std::lock_guard<std::mutex> lock(mutex_);
    Wake();
  }

 private:
  bool Start() {
    if (Pipe(wake_) < 0) return false;
    if (Spawn(&thread_, RunOn, this)) return true;
    for (const int end : wake_) ::close(end);
    return false;
  }

  // With the lock held. The threads need not ask for it again.
  void Wake() {
    idle_ticks_ = 0;
    for (Thread* thread = first_; thread != nullptr; thread = thread->next) {
      thread->SetAsleep(false);
    }
    const char byte = 0;
    static_cast<void>(::write(wake_[1], &byte, 1));
  }

  void Run() {
    std::unique_lock<std::mutex> lock(mutex_);
    std::vector<pollfd> entries;
    while (first_ != nullptr) {
      milliseconds next = kTick;
      const auto now = Clock::now();
      bool has_changed = false;
      entries.assign(1, {wake_[0], POLLIN, 0});
      for (Thread* thread = first_; thread != nullptr; thread = thread->next) {
        entries.push_back({});
        next = std::min(next, thread->Look(now, &has_changed, &entries.back()));
      }
      idle_ticks_ = has_changed ? 0 : idle_ticks_ + 1;
      // Said a tick before it is so: a call that began without seeing it is seen meanwhile.
      for (Thread* thread = first_; thread != nullptr; thread = thread->next) {
        thread->SetAsleep(idle_ticks_ >= kIdleTicks);
      }
      const int timeout = idle_ticks_ > kIdleTicks ? -1 : static_cast<int>(next.count());
      lock.unlock();
      ::poll(entries.data(), static_cast<nfds_t>(entries.size()), timeout);
      char bytes[64];
      if (entries[0].revents != 0) static_cast<void>(::read(wake_[0], bytes, sizeof(bytes)));
      lock.lock();
    }
  }

  static void* RunOn(void* watchdog) {
    static_cast<Watchdog*>(watchdog)->Run();
    return nullptr;
  }

  // Held while threads come and go; the watchdog's own thread needs the other.
  std::mutex changing_;
  std::mutex mutex_;
  pthread_t thread_{};
  int wake_[2] = {-1, -1};
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
    watchdog_->WakeUp();
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
  // Looked for: under Deno the whole addon would not load for want of it.
  static auto* const backend =
      reinterpret_cast<decltype(&uv_backend_fd)>(::dlsym(RTLD_DEFAULT, "uv_backend_fd"));
  const int fd = backend == nullptr ? -1 : backend(loop);
  if (!stays || fd < 0 || !os::PrepareInterrupts()) return nullptr;
  return std::unique_ptr<WatchedThread>(new (std::nothrow) os::Thread(os::Watchdog::Get(), fd));
}
