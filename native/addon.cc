// The addon: the list of what it exports. It keeps no state outside the environment it is loaded
// into but the one watchdog of nudge.h, so that any number of workers can load it.
#include <node_api.h>

#include "constants.h"
#include "exports.h"

NAPI_MODULE_INIT() {
  ExportArguments(env, exports);
  ExportCalls(env, exports);
  ExportControl(env, exports);
  ExportMessages(env, exports);
  ExportNudge(env, exports);
  ExportResolver(env, exports);
  ExportStructs(env, exports);
  ExportOwner(env, exports);
  ExportWatcher(env, exports);
  os::ExportCalls(env, exports);
  os::ExportStructs(env, exports);
  napi_set_named_property(env, exports, "constants", CreateConstants(env));
  return exports;
}
