// A signal to one thread, with a pointer: one of the real-time signals, which queue and carry
// values.
#include <sys/syscall.h>

#include <csignal>

#include "posix_nudge.h"

namespace os {

namespace {

// Away from both ends, which libraries, valgrind and emulators keep for themselves.
constexpr int kBehindFirst = 8;

void Tell(int /*signal*/, siginfo_t* info, void* /*context*/) {
  // From another process the pointer would be anything.
  if (info->si_code != SI_QUEUE || info->si_pid != ::getpid()) return;
  static_cast<std::atomic<bool>*>(info->si_value.sival_ptr)->store(true, std::memory_order_relaxed);
}

}  // namespace

int InstallHandler() {
  for (int number = SIGRTMIN + kBehindFirst; number <= SIGRTMAX; number++) {
    struct sigaction action = {};
    if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) continue;
    action = {};
    action.sa_sigaction = Tell;
    // Not SA_RESTART: the call must end.
    action.sa_flags = SA_SIGINFO;
    if (::sigaction(number, &action, nullptr) == 0) return number;
  }
  return 0;
}

InterruptTarget ThisThread() { return static_cast<pid_t>(::syscall(SYS_gettid)); }

void Interrupt(int signal, InterruptTarget target, std::atomic<bool>* told) {
  siginfo_t info = {};
  info.si_code = SI_QUEUE;
  info.si_pid = ::getpid();
  info.si_uid = ::getuid();
  info.si_value.sival_ptr = told;
  ::syscall(SYS_rt_tgsigqueueinfo, info.si_pid, target, signal, &info);
}

}  // namespace os
