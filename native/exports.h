// What each file adds to the addon's exports.
#pragma once

#include <node_api.h>

void ExportArguments(napi_env env, napi_value exports);
void ExportCalls(napi_env env, napi_value exports);
void ExportControl(napi_env env, napi_value exports);
void ExportMessages(napi_env env, napi_value exports);
void ExportNudge(napi_env env, napi_value exports);
void ExportResolver(napi_env env, napi_value exports);
void ExportStructs(napi_env env, napi_value exports);
void ExportOwner(napi_env env, napi_value exports);
void ExportWatcher(napi_env env, napi_value exports);

namespace os {

// What only this platform has.
void ExportCalls(napi_env env, napi_value exports);
void ExportStructs(napi_env env, napi_value exports);

}  // namespace os
