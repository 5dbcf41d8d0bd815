// System calls that Linux has and POSIX has not: accept4, sendmmsg, recvmmsg, epoll, sendfile, and
// the setsockopt of a filter, whose value is a pointer.
#include <linux/filter.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>

#include <algorithm>
#include <climits>
#include <csignal>
#include <ctime>
#include <memory>
#include <new>

#include "../arguments.h"
#include "../exports.h"
#include "../nudge.h"
#include "posix.h"
#include "posix_shared.h"

namespace os {

namespace {

// One entry of a batch: length, name length, flags.
constexpr size_t kFields = 3;

// `count` messages of `size` bytes each in one slab, with room for a name each.
class Batch {
 public:
  // The arguments from `index` on: buffer, size, names, count, results.
  template <size_t N>
  Batch(Arguments<N>* arguments, size_t index) {
    const Bytes slab = arguments->View(index, "buffer");
    const auto largest = static_cast<double>(slab.size);
    const auto size = static_cast<size_t>(
        arguments->Integer(index + 1, "size", 1, largest, "from 1 to the length of buffer"));
    const Bytes names = arguments->OptionalView(index + 2, "names");
    const auto most = arguments->ok() ? slab.size / size : 0;
    const auto count =
        static_cast<size_t>(arguments->Integer(index + 3, "count", 0, static_cast<double>(most),
                                               "the number of messages that buffer has room for"));
    int32_t* results = arguments->Ints(index + 4, "results", count * kFields);
    if (!arguments->ok()) return;
    if (names.data != nullptr && names.size < count * sizeof(sockaddr_storage)) {
      arguments->Fail(index + 2, "names", Invalid::kRange, "128 bytes long for each message");
      return;
    }
    vectors_.reset(new (std::nothrow) iovec[count]);
    headers_.reset(new (std::nothrow) mmsghdr[count]());
    if (vectors_ == nullptr || headers_ == nullptr) {
      arguments->Fail(index + 3, "count", Invalid::kRange, "a number that fits into memory");
      return;
    }
    count_ = count;
    size_ = size;
    results_ = results;
    for (size_t i = 0; i < count; i++) {
      vectors_[i] = {slab.data + i * size, size};
      headers_[i].msg_hdr.msg_iov = &vectors_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
      if (names.data == nullptr) continue;
      headers_[i].msg_hdr.msg_name = names.data + i * sizeof(sockaddr_storage);
      headers_[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    }
  }

  // What is to be sent: the length and the name's length of each message. False if one does not
  // fit its place.
  bool Outgoing() {
    for (size_t i = 0; i < count_; i++) {
      const int32_t length = results_[i * kFields];
      const int32_t name_length = results_[i * kFields + 1];
      if (length < 0 || static_cast<size_t>(length) > size_) return false;
      if (name_length < 0 || static_cast<size_t>(name_length) > sizeof(sockaddr_storage)) {
        return false;
      }
      vectors_[i].iov_len = static_cast<size_t>(length);
      msghdr& header = headers_[i].msg_hdr;
      header.msg_namelen = static_cast<socklen_t>(name_length);
      if (name_length == 0) header.msg_name = nullptr;
      if (name_length > 0 && header.msg_name == nullptr) return false;
    }
    return true;
  }

  void Store(int64_t done) {
    for (int64_t i = 0; i < done; i++) {
      const auto at = static_cast<size_t>(i) * kFields;
      results_[at] = static_cast<int32_t>(headers_[i].msg_len);
      results_[at + 1] = static_cast<int32_t>(headers_[i].msg_hdr.msg_namelen);
      results_[at + 2] = headers_[i].msg_hdr.msg_flags;
    }
  }

  mmsghdr* headers() { return headers_.get(); }
  [[nodiscard]] unsigned count() const { return static_cast<unsigned>(count_); }

 private:
  std::unique_ptr<iovec[]> vectors_;
  std::unique_ptr<mmsghdr[]> headers_;
  size_t count_ = 0;
  size_t size_ = 0;
  int32_t* results_ = nullptr;
};

// recvmmsg(fd, buffer, size, names, count, results, flags)
napi_value ReceiveMessages(napi_env env, napi_callback_info info) {
  Arguments<7> arguments(env, info);
  const Descriptor fd = arguments.Descriptor(0);
  Batch batch(&arguments, 1);
  const int flags = arguments.Bits(6, "flags");
  if (!arguments.ok()) return nullptr;
  Waiting waiting(env, info, arguments.environment(), flags);
  const int64_t result = os::Result(::recvmmsg(fd, batch.headers(), batch.count(), flags, nullptr));
  batch.Store(result);
  return waiting.Result(result);
}

// sendmmsg(fd, buffer, size, names, count, results, flags)
napi_value SendMessages(napi_env env, napi_callback_info info) {
  Arguments<7> arguments(env, info);
  const Descriptor fd = arguments.Descriptor(0);
  Batch batch(&arguments, 1);
  const int flags = arguments.Bits(6, "flags");
  if (arguments.ok() && !batch.Outgoing()) {
    arguments.Fail(5, "results", Invalid::kRange,
                   "lengths from 0 to size, and lengths of names from 0 to 128");
  }
  if (!arguments.ok()) return nullptr;
  Waiting waiting(env, info, arguments.environment(), flags);
  const int64_t result =
      os::Result(::sendmmsg(fd, batch.headers(), batch.count(), flags | kSendFlags));
  batch.Store(result);
  return waiting.Result(result);
}

// accept4(fd, address, addressLength, flags)
napi_value Accept4(napi_env env, napi_callback_info info) {
  Arguments<4> arguments(env, info);
  const Descriptor fd = arguments.Descriptor(0);
  AddressResult peer(&arguments, 1, true);
  const int flags = arguments.Bits(3, "flags");
  if (!arguments.ok()) return nullptr;
  Waiting waiting(env, info, arguments.environment());
  return waiting.Accepted(peer.Store(
      os::Result(::accept4(fd, peer.address, peer.length_pointer(), flags | SOCK_CLOEXEC))));
}

// epoll_create1(flags)
napi_value EpollCreate(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const int flags = arguments.Bits(0, "flags");
  if (!arguments.ok()) return nullptr;
  return ::Result(env, os::Result(::epoll_create1(flags | EPOLL_CLOEXEC)));
}

// epoll_ctl(epfd, op, fd, events, data): data is an int that epoll_wait gives back.
napi_value EpollControl(napi_env env, napi_callback_info info) {
  Arguments<5> arguments(env, info);
  const Descriptor epfd = arguments.Descriptor(0);
  const int operation = arguments.Int(1, "op");
  const Descriptor fd = arguments.Descriptor(2);
  epoll_event event = {};
  event.events = static_cast<uint32_t>(arguments.Bits(3, "events"));
  event.data.u64 = static_cast<uint32_t>(arguments.Int(4, "data"));
  if (!arguments.ok()) return nullptr;
  return ::Result(env, os::Result(::epoll_ctl(epfd, operation, fd, &event)));
}

// epoll_wait(epfd, events, maxevents, timeout): events gets data, events of each that is ready.
napi_value EpollWait(napi_env env, napi_callback_info info) {
  constexpr int kAtOnce = 256;
  Arguments<4> arguments(env, info);
  const Descriptor epfd = arguments.Descriptor(0);
  const auto most = static_cast<int>(
      arguments.Integer(2, "maxevents", 1, INT32_MAX / 2, "a number of entries, at least 1"));
  int32_t* pairs = arguments.Ints(1, "events", static_cast<size_t>(most) * 2);
  const int timeout = arguments.Int(3, "timeout");
  if (!arguments.ok()) return nullptr;
  // Level-triggered sockets beyond these come with the next wait.
  epoll_event events[kAtOnce];
  Waiting waiting(env, info, arguments.environment());
  const int64_t result =
      os::Result(::epoll_wait(epfd, events, most < kAtOnce ? most : kAtOnce, timeout));
  for (int64_t i = 0; i < result; i++) {
    pairs[i * 2] = static_cast<int32_t>(events[i].data.u64);
    pairs[i * 2 + 1] = static_cast<int32_t>(events[i].events);
  }
  return waiting.Result(result);
}

// sendfile(2) cannot be told MSG_NOSIGNAL: SIGPIPE is kept away from this thread meanwhile.
int64_t SendFile(Descriptor fd, Descriptor file, off_t* offset, size_t count) {
  sigset_t pipe;
  sigset_t before;
  sigset_t pending;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigpending(&pending);
  pthread_sigmask(SIG_BLOCK, &pipe, &before);
  const int64_t result = os::Result(::sendfile(fd, file, offset, count));
  if (result == -EPIPE && sigismember(&pending, SIGPIPE) == 0) {
    const timespec now = {};
    sigtimedwait(&pipe, nullptr, &now);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return result;
}

// sendfile(out_fd, in_fd, offset, count): offset null is the file's own position.
napi_value SendFile(napi_env env, napi_callback_info info) {
  constexpr double kMost = 9007199254740991;
  Arguments<4> arguments(env, info);
  const Descriptor fd = arguments.Descriptor(0);
  const Descriptor file = arguments.Descriptor(1, "in_fd");
  const bool has_offset = arguments.ok() && !IsNothing(env, arguments[2]);
  auto offset = static_cast<off_t>(
      has_offset ? arguments.Integer(2, "offset", 0, kMost, "an integer >= 0") : 0);
  // Where a size is of 32 bits, what it does not hold is more than any call sends.
  const auto count = static_cast<size_t>(std::min(
      arguments.Integer(3, "count", 0, kMost, "an integer >= 0"), static_cast<double>(SSIZE_MAX)));
  if (!arguments.ok()) return nullptr;
  Waiting waiting(env, info, arguments.environment());
  return waiting.Result(SendFile(fd, file, has_offset ? &offset : nullptr, count));
}

// attachFilter(fd, option, instructions): four integers an instruction, code, jt, jf, k.
napi_value AttachFilter(napi_env env, napi_callback_info info) {
  constexpr size_t kFields = 4;
  Arguments<4> arguments(env, info);
  const Descriptor fd = arguments.Descriptor(0);
  const int option = arguments.Int(1, "option");
  if (arguments.ok() && option != SO_ATTACH_FILTER && option != SO_ATTACH_REUSEPORT_CBPF) {
    arguments.Fail(1, "option", Invalid::kRange, "SO_ATTACH_FILTER or SO_ATTACH_REUSEPORT_CBPF");
  }
  const auto count = static_cast<uint16_t>(
      arguments.Integer(3, "count", 1, BPF_MAXINSNS, "from 1 to 4096 instructions"));
  const int32_t* fields = arguments.Ints(2, "instructions", count * kFields);
  if (!arguments.ok()) return nullptr;
  sock_filter instructions[BPF_MAXINSNS];
  for (size_t i = 0; i < count; i++) {
    const int32_t* field = fields + i * kFields;
    instructions[i] = {static_cast<uint16_t>(field[0]), static_cast<uint8_t>(field[1]),
                       static_cast<uint8_t>(field[2]), static_cast<uint32_t>(field[3])};
  }
  const sock_fprog program = {count, instructions};
  return ::Result(env, SetOption(fd, SOL_SOCKET, option, &program, sizeof(program)));
}

}  // namespace

void ExportCalls(napi_env env, napi_value exports) {
  ExportPosixCalls(env, exports);
  Export(env, exports, "accept4", Accept4);
  Export(env, exports, "sendmmsg", SendMessages);
  Export(env, exports, "recvmmsg", ReceiveMessages);
  Export(env, exports, "epoll_create1", EpollCreate);
  Export(env, exports, "epoll_ctl", EpollControl);
  Export(env, exports, "epoll_wait", EpollWait);
  Export(env, exports, "sendfile", SendFile);
  Export(env, exports, "attachFilter", AttachFilter);
}

}  // namespace os
