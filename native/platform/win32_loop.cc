// Urgent data on the event loop, by the request of the socket driver (AFD) that libuv's own polls
// are made of, which it does not make for UV_PRIORITIZED.
#include "win32_loop.h"

#include <new>

namespace os {

namespace {

// The driver's own definitions, which no header has.
struct AfdPollInfo {
  LARGE_INTEGER timeout;
  ULONG count;
  ULONG exclusive;
  struct {
    HANDLE handle;
    ULONG events;
    LONG status;
  } entries[1];
};
constexpr DWORD kAfdPoll = 0x00012024;
constexpr ULONG kExpedited = 0x0002;

// The handles of this thread's loop that are not closed yet, and what waits for the last.
struct OpenHandles {
  size_t count = 0;
  napi_async_cleanup_hook_handle end = nullptr;
};
thread_local OpenHandles open_handles;

void HandleClosed() {
  open_handles.count--;
  if (open_handles.count > 0 || open_handles.end == nullptr) return;
  napi_remove_async_cleanup_hook(open_handles.end);
  open_handles.end = nullptr;
}

// The driver's own handle, below whatever software stands in between.
HANDLE DriverHandle(Descriptor fd) {
  auto base = INVALID_SOCKET;
  DWORD size = 0;
  const int result =
      ::WSAIoctl(fd, SIO_BASE_HANDLE, nullptr, 0, &base, sizeof(base), &size, nullptr, nullptr);
  return reinterpret_cast<HANDLE>(result == 0 ? base : fd);
}

}  // namespace

// One request at a time is under way; its end sets an event, for which a thread of the system's
// waits and wakes the loop up.
class UrgentPoll {
 public:
  // Null if there is no memory or no handle left.
  static UrgentPoll* Create(LoopPoll* poll) {
    HANDLE event = ::CreateEventW(nullptr, TRUE, FALSE, nullptr);
    auto* urgent = event == nullptr ? nullptr : new (std::nothrow) UrgentPoll(poll, event);
    if (urgent == nullptr) {
      if (event != nullptr) ::CloseHandle(event);
      return nullptr;
    }
    uv_async_init(poll->poll.loop, &urgent->async_, OnAsync);
    open_handles.count++;
    urgent->async_.data = urgent;
    // It is the uv_poll_t that keeps the loop alive.
    uv_unref(urgent->AsyncHandle());
    return urgent;
  }

  int Start() {
    is_wanted_ = true;
    return is_pending_ ? 0 : Submit();
  }

  [[nodiscard]] bool is_wanted() const { return is_wanted_; }

  // What is under way stays; nobody is told of its end.
  void Stop() { is_wanted_ = false; }

  void Close() {
    constexpr DWORD kLongEnough = 1000;
    is_wanted_ = false;
    if (is_pending_) {
      ::CancelIoEx(socket_, &request_);
      is_pending_ = ::WaitForSingleObject(event_, kLongEnough) != WAIT_OBJECT_0;
      ::UnregisterWaitEx(wait_, INVALID_HANDLE_VALUE);
    }
    // As long as the driver may write to it, the memory is its.
    if (is_pending_) {
      uv_close(AsyncHandle(), [](uv_handle_t* /*handle*/) { HandleClosed(); });
      return;
    }
    ::CloseHandle(event_);
    uv_close(AsyncHandle(), [](uv_handle_t* handle) {
      delete static_cast<UrgentPoll*>(handle->data);
      HandleClosed();
    });
  }

 private:
  UrgentPoll(LoopPoll* poll, HANDLE event)
      : poll_(poll), socket_(DriverHandle(poll->fd)), event_(event) {}

  uv_handle_t* AsyncHandle() { return reinterpret_cast<uv_handle_t*>(&async_); }

  int Submit() {
    ::ResetEvent(event_);
    info_ = {};
    info_.timeout.QuadPart = INT64_MAX;
    info_.count = 1;
    info_.entries[0].handle = socket_;
    info_.entries[0].events = kExpedited;
    request_ = {};
    // With the lowest bit set no completion port of somebody else's is told.
    request_.hEvent = reinterpret_cast<HANDLE>(reinterpret_cast<uintptr_t>(event_) | 1);
    const BOOL is_done = ::DeviceIoControl(socket_, kAfdPoll, &info_, sizeof(info_), &info_,
                                           sizeof(info_), nullptr, &request_);
    if (is_done == 0 && ::GetLastError() != ERROR_IO_PENDING) return static_cast<int>(Error());
    is_pending_ = true;
    ::RegisterWaitForSingleObject(&wait_, event_, OnEvent, this, INFINITE, WT_EXECUTEONLYONCE);
    return 0;
  }

  static void CALLBACK OnEvent(void* data, BOOLEAN /*is_timeout*/) {
    uv_async_send(&static_cast<UrgentPoll*>(data)->async_);
  }

  // Level-triggered, as uv_poll_t: what is not taken is told again.
  static void OnAsync(uv_async_t* async) {
    auto* self = static_cast<UrgentPoll*>(async->data);
    if (!self->is_pending_ || ::WaitForSingleObject(self->event_, 0) != WAIT_OBJECT_0) return;
    self->is_pending_ = false;
    ::UnregisterWaitEx(self->wait_, INVALID_HANDLE_VALUE);
    const bool is_urgent = self->request_.Internal == 0 && self->info_.count > 0 &&
                           (self->info_.entries[0].events & kExpedited) != 0;
    if (!self->is_wanted_ || !is_urgent) return;
    // It may have been taken meanwhile.
    if (HasUrgentByte(self->poll_->fd)) {
      self->poll_->callback(&self->poll_->poll, 0, UV_PRIORITIZED);
    }
    // The callback may have closed it all; the memory is there until the loop has let go of it.
    if (self->is_wanted_ && !self->is_pending_) self->Submit();
  }

  uv_async_t async_;
  LoopPoll* poll_;
  HANDLE socket_;
  HANDLE event_;
  HANDLE wait_ = nullptr;
  OVERLAPPED request_ = {};
  AfdPollInfo info_ = {};
  bool is_wanted_ = false;
  bool is_pending_ = false;
};

namespace {

// The two polls know nothing of each other: so that urgent data comes first it is looked for.
void OnPoll(uv_poll_t* handle, int status, int events) {
  auto* poll = reinterpret_cast<LoopPoll*>(handle);
  const bool looks = poll->urgent != nullptr && poll->urgent->is_wanted() && status == 0 &&
                     (events & UV_READABLE) != 0;
  const bool is_urgent = looks && HasUrgentByte(poll->fd);
  poll->callback(handle, status, is_urgent ? events | UV_PRIORITIZED : events);
}

}  // namespace

int InitPoll(uv_loop_t* loop, LoopPoll* poll, Descriptor fd) {
  poll->fd = fd;
  poll->urgent = nullptr;
  const int result = uv_poll_init_socket(loop, &poll->poll, fd);
  if (result >= 0) open_handles.count++;
  return result;
}

int StartPoll(LoopPoll* poll, int events, uv_poll_cb callback) {
  const int result = uv_poll_start(&poll->poll, events, OnPoll);
  if (result < 0) return result;
  poll->callback = callback;
  if ((events & UV_PRIORITIZED) == 0) {
    if (poll->urgent != nullptr) poll->urgent->Stop();
    return result;
  }
  if (poll->urgent == nullptr) poll->urgent = UrgentPoll::Create(poll);
  return poll->urgent == nullptr ? -ENOMEM : poll->urgent->Start();
}

int StopPoll(LoopPoll* poll) {
  if (poll->urgent != nullptr) poll->urgent->Stop();
  return uv_poll_stop(&poll->poll);
}

void ClosePoll(LoopPoll* poll, uv_close_cb callback) {
  if (poll->urgent != nullptr) poll->urgent->Close();
  poll->urgent = nullptr;
  poll->on_closed = callback;
  uv_close(Handle(poll), [](uv_handle_t* handle) {
    reinterpret_cast<LoopPoll*>(handle)->on_closed(handle);
    HandleClosed();
  });
}

void BeforeEnd(napi_env env, void (*close)(void*), void* data) {
  struct End {
    void (*close)(void*);
    void* data;
  };
  const auto hook = [](napi_async_cleanup_hook_handle handle, void* argument) {
    auto* end = static_cast<End*>(argument);
    end->close(end->data);
    delete end;
    open_handles.end = handle;
    open_handles.count++;
    HandleClosed();
  };
  napi_add_async_cleanup_hook(env, hook, new End{close, data}, nullptr);
}

}  // namespace os
