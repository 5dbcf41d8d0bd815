// Windows has no watchdog: there is no way to see from outside that an event loop has something to
// do, and no signal that ends a blocked call.
#include "../nudge.h"
#include "win32.h"

namespace os {

double CoarseTime() { return static_cast<double>(::GetTickCount64()); }

int StartAside(std::function<void()> /*work*/) { return -ENOSYS; }

int WaitAside(int /*done*/) { return -ENOSYS; }

void CloseAside(int /*done*/) {}

}  // namespace os

std::unique_ptr<WatchedThread> WatchedThread::Start(uv_loop_t* /*loop*/) { return nullptr; }
