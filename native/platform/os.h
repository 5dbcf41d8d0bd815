// The system calls as this platform makes them. A platform is one header beside this file and its
// .cc files; only they may ask which platform it is.
#pragma once

#if defined(_WIN32)
#include "win32.h"
#else
#include "posix.h"
#endif
