// Readiness on the event loop: uv_poll_t, which tells no urgent data on Windows, and beside it a
// poll of our own for that.
#pragma once

#include "win32.h"
// Behind winsock2.h.
#include <node_api.h>
#include <uv.h>

namespace os {

class UrgentPoll;

// The uv_poll_t comes first, so that a pointer to it is one to the whole.
struct LoopPoll {
  uv_poll_t poll;
  uv_poll_cb callback;
  uv_close_cb on_closed;
  Descriptor fd;
  // Null while nobody has asked for UV_PRIORITIZED.
  UrgentPoll* urgent;
};

inline uv_handle_t* Handle(LoopPoll* poll) { return reinterpret_cast<uv_handle_t*>(&poll->poll); }

// The socket is nonblocking afterwards: who knows its mode puts it back.
int InitPoll(uv_loop_t* loop, LoopPoll* poll, Descriptor fd);
int StartPoll(LoopPoll* poll, int events, uv_poll_cb callback);
int StopPoll(LoopPoll* poll);
void ClosePoll(LoopPoll* poll, uv_close_cb callback);

// `close` closes all polls when the environment ends, which then waits until they are closed: that
// takes many turns of the loop here, and Node aborts where it ends with open handles.
void BeforeEnd(napi_env env, void (*close)(void*), void* data);

}  // namespace os
