// Readiness on the event loop: uv_poll_t does it all.
#pragma once

#include <node_api.h>
#include <uv.h>

#include "posix.h"

namespace os {

using LoopPoll = uv_poll_t;

inline uv_handle_t* Handle(LoopPoll* poll) { return reinterpret_cast<uv_handle_t*>(poll); }

// uv_poll_init makes the descriptor nonblocking, so its mode is put back.
inline int InitPoll(uv_loop_t* loop, LoopPoll* poll, Descriptor fd) {
  const bool was_blocking = IsBlocking(fd);
  const int result = uv_poll_init_socket(loop, poll, fd);
  if (result >= 0 && was_blocking) SetBlocking(fd);
  return result;
}

inline int StartPoll(LoopPoll* poll, int events, uv_poll_cb callback) {
  return uv_poll_start(poll, events, callback);
}

inline int StopPoll(LoopPoll* poll) { return uv_poll_stop(poll); }

inline void ClosePoll(LoopPoll* poll, uv_close_cb callback) { uv_close(Handle(poll), callback); }

// `close` closes all polls when the environment ends, whose loop turns until they are closed.
inline void BeforeEnd(napi_env env, void (*close)(void*), void* data) {
  napi_add_env_cleanup_hook(env, close, data);
}

}  // namespace os
