// Readiness on the event loop: libuv's uv_poll_t, with what it lacks on this platform.
#pragma once

#include "os.h"

#if defined(_WIN32)
#include "win32_loop.h"
#else
#include "posix_loop.h"
#endif
