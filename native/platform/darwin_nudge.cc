// A signal to one thread. It carries no value here, so what it is to tell stands beside it: the
// watchdog alone sends it, one at a time. A signal that is overtaken by the next thread's tells
// nothing, and is sent again.
#include <csignal>

#include "posix_nudge.h"

namespace os {

namespace {

std::atomic<pthread_t> interrupted{nullptr};
std::atomic<std::atomic<bool>*> to_tell{nullptr};

void Tell(int /*signal*/) {
  auto* told = to_tell.load();
  const bool is_this = told != nullptr && pthread_equal(interrupted.load(), pthread_self()) != 0;
  if (is_this && told == to_tell.load()) told->store(true, std::memory_order_relaxed);
}

}  // namespace

int InstallHandler() {
  for (const int number : {SIGEMT, SIGINFO, SIGUSR2}) {
    struct sigaction action = {};
    if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) continue;
    action = {};
    // No flags: not SA_RESTART, as the call must end.
    action.sa_handler = Tell;
    if (::sigaction(number, &action, nullptr) == 0) return number;
  }
  return 0;
}

InterruptTarget ThisThread() { return ::pthread_self(); }

void Interrupt(int signal, InterruptTarget target, std::atomic<bool>* told) {
  to_tell.store(nullptr);
  interrupted.store(target);
  to_tell.store(told);
  ::pthread_kill(target, signal);
}

}  // namespace os
