// sendmsg and recvmsg: several buffers, an address and control data in one call.
#include <algorithm>
#include <memory>
#include <new>

#include "arguments.h"
#include "exports.h"
#include "nudge.h"
#include "platform/os.h"

namespace {

// The caller's buffers as the system call takes them.
class Vector {
 public:
  template <size_t N>
  Vector(napi_env env, Arguments<N>* arguments, size_t index) {
    bool is_array = false;
    uint32_t length = 0;
    if (!arguments->ok()) return;
    napi_is_array(env, (*arguments)[index], &is_array);
    if (!is_array || napi_get_array_length(env, (*arguments)[index], &length) != napi_ok) {
      arguments->Fail(index, "iov", Invalid::kType, "an array of buffers");
      return;
    }
    // The kernel refuses one too many as it would refuse all of them.
    size_ = std::min<size_t>(length, os::kMostBuffers + 1);
    std::unique_ptr<napi_value[]> more_values;
    napi_value few_values[kOnStack];
    napi_value* values = few_values;
    if (size_ > kOnStack) {
      more_.reset(new (std::nothrow) os::IoVector[size_]);
      more_values.reset(new (std::nothrow) napi_value[size_]);
      values = more_values.get();
      if (more_ == nullptr || values == nullptr) {
        arguments->Fail(index, "iov", Invalid::kRange, "an array that fits into memory");
        return;
      }
    }
    // First all elements, then their memory: reading an element may run a getter of the caller's,
    // which must not be able to take away memory that was already noted.
    for (uint32_t i = 0; i < size_; i++) {
      if (napi_get_element(env, (*arguments)[index], i, &values[i]) != napi_ok) {
        arguments->Fail(index, "iov", Invalid::kType, "an array of buffers");
        return;
      }
    }
    for (uint32_t i = 0; i < size_; i++) {
      Bytes bytes;
      if (!GetBytes(env, values[i], &bytes)) {
        arguments->Fail(index, "iov", Invalid::kType,
                        "an array of ArrayBufferViews or ArrayBuffers that are not detached");
        return;
      }
      data()[i] = os::MakeIoVector(bytes.data, bytes.size);
    }
  }

  os::IoVector* data() { return more_ == nullptr ? few_ : more_.get(); }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  static constexpr size_t kOnStack = 16;
  os::IoVector few_[kOnStack];
  std::unique_ptr<os::IoVector[]> more_;
  size_t size_ = 0;
};

os::Message MakeMessage(Bytes name, Vector* iov, Bytes control) {
  os::Message message = {};
  message.msg_name = name.data;
  message.msg_namelen = static_cast<decltype(message.msg_namelen)>(name.size);
  message.msg_iov = iov->data();
  message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(iov->size());
  message.msg_control = control.data;
  message.msg_controllen = static_cast<decltype(message.msg_controllen)>(control.size);
  return message;
}

// sendmsg(fd, name, iov, control, flags)
napi_value SendMessage(napi_env env, napi_callback_info info) {
  Arguments<5> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  Vector iov(env, &arguments, 2);
  const Bytes name = arguments.OptionalView(1, "name");
  const Bytes control = arguments.OptionalView(3, "control");
  const int flags = arguments.Bits(4, "flags");
  if (!arguments.ok()) return nullptr;
  const os::Message message = MakeMessage(name, &iov, control);
  Waiting waiting(env, info, arguments.environment(), flags);
  return waiting.Result(os::SendMessage(fd, &message, flags));
}

// recvmsg(fd, name, iov, control, flags, results): results gets msg_namelen, msg_controllen,
// msg_flags.
napi_value ReceiveMessage(napi_env env, napi_callback_info info) {
  Arguments<6> arguments(env, info);
  const os::Descriptor fd = arguments.Descriptor(0);
  Vector iov(env, &arguments, 2);
  const Bytes name = arguments.OptionalView(1, "name");
  const Bytes control = arguments.OptionalView(3, "control");
  const int flags = arguments.Bits(4, "flags");
  const bool wants_results = arguments.ok() && !IsNothing(env, arguments[5]);
  int32_t* results = wants_results ? arguments.Ints(5, "results", 3) : nullptr;
  if (!arguments.ok()) return nullptr;
  os::Message message = MakeMessage(name, &iov, control);
  Waiting waiting(env, info, arguments.environment(), flags);
  const int64_t result = os::ReceiveMessage(fd, &message, flags);
  if (result >= 0 && results != nullptr) {
    results[0] = static_cast<int32_t>(message.msg_namelen);
    results[1] = static_cast<int32_t>(message.msg_controllen);
    results[2] = message.msg_flags;
  }
  return waiting.Result(result);
}

}  // namespace

void ExportMessages(napi_env env, napi_value exports) {
  Export(env, exports, "sendmsg", SendMessage);
  Export(env, exports, "recvmsg", ReceiveMessage);
}
