// What the watchdog (posix_nudge.cc) needs of the system: a signal to one thread.
#pragma once

#include <pthread.h>

#include <atomic>
#include <ctime>

#include "posix.h"

namespace os {

#if defined(__linux__)
using InterruptTarget = pid_t;
constexpr clockid_t kCoarseClock = CLOCK_MONOTONIC_COARSE;
#else
using InterruptTarget = pthread_t;
constexpr clockid_t kCoarseClock = CLOCK_MONOTONIC_RAW_APPROX;
#endif

// Finds a signal that nobody uses, and gives it a handler that does nothing but tell. 0 if there is
// none.
int InstallHandler();
InterruptTarget ThisThread();
// Ends, by that signal, the system call that `target` is in; `told` is set on that thread.
void Interrupt(int signal, InterruptTarget target, std::atomic<bool>* told);

}  // namespace os
