// Windows has no watchdog: what ends a blocked call there, CancelIoEx, ends all that the process
// has under way on that socket.
#include "../nudge.h"
#include "win32.h"

namespace os {

double CoarseTime() { return static_cast<double>(::GetTickCount64()); }

int StartAside(std::function<void()> /*work*/) { return -ENOSYS; }

int WaitAside(int /*done*/) { return -ENOSYS; }

void CloseAside(int /*done*/) {}

}  // namespace os

std::unique_ptr<WatchedThread> WatchedThread::Start(uv_loop_t* /*loop*/) { return nullptr; }
