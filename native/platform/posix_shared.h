// What POSIX systems have in common and Windows has not: each platform's own files add it to
// theirs.
#pragma once

#include <node_api.h>

#include "../constants.h"

namespace os {

ConstantList PosixConstants();
void ExportPosixCalls(napi_env env, napi_value exports);

}  // namespace os
