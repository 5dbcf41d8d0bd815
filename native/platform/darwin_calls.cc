// System calls that macOS has and POSIX has not: sendfile.
#include <algorithm>

#include "../arguments.h"
#include "../exports.h"
#include "../nudge.h"
#include "posix.h"
#include "posix_shared.h"

namespace os {

namespace {

// What was sent counts, also where a signal or a full buffer has ended the call. (A length of 0
// would be all of the file.)
int64_t SendFile(Descriptor fd, Descriptor file, off_t offset, off_t count) {
  if (count == 0) return 0;
  off_t length = count;
  const int64_t result = os::Result(::sendfile(file, fd, offset, &length, nullptr, 0));
  const bool was_cut = result == -EAGAIN || result == -EINTR;
  return result == 0 || (was_cut && length > 0) ? length : result;
}

// sendfile(out_fd, in_fd, offset, count): arguments and result as Linux has them, but always with
// an offset.
napi_value SendFile(napi_env env, napi_callback_info info) {
  constexpr double kLast = 9007199254740991;
  Arguments<4> arguments(env, info);
  const Descriptor fd = arguments.Descriptor(0);
  const Descriptor file = arguments.Descriptor(1, "in_fd");
  const auto offset = static_cast<off_t>(arguments.Integer(
      2, "offset", 0, kLast, "an integer >= 0: here the file's own position is not used"));
  const double count = arguments.Integer(3, "count", 0, kLast, "an integer >= 0");
  if (!arguments.ok()) return nullptr;
  const auto most = static_cast<off_t>(std::min<double>(count, INT32_MAX));
  Waiting waiting(env, info, arguments.environment());
  return waiting.Result(SendFile(fd, file, offset, most));
}

}  // namespace

void ExportCalls(napi_env env, napi_value exports) {
  ExportPosixCalls(env, exports);
  Export(env, exports, "sendfile", SendFile);
}

}  // namespace os
