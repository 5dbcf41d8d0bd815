// Reading JavaScript arguments: every one is checked before any system call is made. An argument
// that does not fit is handed to the JavaScript function given to onInvalidArgument(), which makes
// the error (an Error made in C++ would fail `instanceof` where a program has several realms).
#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "environment.h"
#include "platform/os.h"

// The caller's own memory, as the system call gets it.
struct Bytes {
  uint8_t* data = nullptr;
  size_t size = 0;
};

// What is wrong with an argument. lib/native.ts knows the same numbers.
enum class Invalid { kType = 0, kRange = 1, kDescriptor = 2 };

// Raises the error for argument `name` of `function`.
void ThrowInvalid(napi_env env, const Function& function, const char* name, Invalid kind,
                  const char* expected, napi_value received);

// Memory of any ArrayBufferView or ArrayBuffer; false if `value` is neither, or is detached.
bool GetBytes(napi_env env, napi_value value, Bytes* out);

// True if `value` is null or undefined.
bool IsNothing(napi_env env, napi_value value);

// The arguments of one call, N at the most; missing ones are undefined. After the first argument
// that does not fit, ok() is false, an exception is pending, and nothing else is looked at.
template <size_t N>
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = N;
    void* function = nullptr;
    ok_ = napi_get_cb_info(env, info, &count, values_, nullptr, &function) == napi_ok;
    function_ = static_cast<Function*>(function);
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] napi_env env() const { return env_; }
  [[nodiscard]] Environment* environment() const { return function_->environment; }
  [[nodiscard]] napi_value operator[](size_t index) const { return values_[index]; }

  // An open descriptor's number. -1 is what a closed socket has, so it gets an error of its own.
  os::Descriptor Descriptor(size_t index, const char* name = "fd") {
    double number = 0;
    if (!Number(index, name, &number)) return os::kNoDescriptor;
    if (IsWhole(number, 0, os::kLastDescriptor)) return static_cast<os::Descriptor>(number);
    Fail(index, name, number == -1 ? Invalid::kDescriptor : Invalid::kRange,
         "an integer >= 0, a descriptor");
    return os::kNoDescriptor;
  }

  int Int(size_t index, const char* name) {
    return static_cast<int>(Integer(index, name, INT32_MIN, INT32_MAX, "a 32-bit integer"));
  }

  // Flags and requests are bit patterns: 0x80000000 is as good as its negative twin. By way of 64
  // bits, as ARM makes 0 of a negative double that becomes unsigned.
  int Bits(size_t index, const char* name) {
    return static_cast<int>(
        static_cast<int64_t>(Integer(index, name, INT32_MIN, UINT32_MAX, "an integer of 32 bits")));
  }

  // buffer, offset, length at `index` and behind: the part of the caller's memory that is meant.
  Bytes Buffer(size_t index) {
    const Bytes all = View(index, "buffer");
    double offset = 0;
    double length = 0;
    if (!Number(index + 1, "offset", &offset) || !Number(index + 2, "length", &length)) return {};
    // Signed, as a double converts to it at once.
    const auto size = static_cast<double>(static_cast<int64_t>(all.size));
    if (!IsWhole(offset, 0, size)) {
      Fail(index + 1, "offset", Invalid::kRange, "within the buffer");
    } else if (!IsWhole(length, 0, size - offset)) {
      Fail(index + 2, "length", Invalid::kRange, "at most what the buffer has behind offset");
    } else {
      return {all.data + static_cast<int64_t>(offset),
              static_cast<size_t>(static_cast<int64_t>(length))};
    }
    return {};
  }

  // All of a buffer.
  Bytes View(size_t index, const char* name) {
    Bytes bytes;
    if (ok_ && !GetBytes(env_, values_[index], &bytes)) {
      Fail(index, name, Invalid::kType,
           "an ArrayBufferView or ArrayBuffer (a SharedArrayBuffer in a view of its own) that is "
           "not detached");
    }
    return bytes;
  }

  // A copy of all of a buffer, for what runs JavaScript while it reads: a setter of a prototype may
  // take the memory away.
  std::string Copy(size_t index, const char* name) {
    const Bytes bytes = View(index, name);
    return {reinterpret_cast<const char*>(bytes.data), bytes.size};
  }

  // All of a buffer, or nothing for null and undefined.
  Bytes OptionalView(size_t index, const char* name) {
    return ok_ && IsNothing(env_, values_[index]) ? Bytes{} : View(index, name);
  }

  // An Int32Array of at least `count` elements that results are put into.
  int32_t* Ints(size_t index, const char* name, size_t count) {
    if (!ok_) return nullptr;
    bool is_typed_array = false;
    napi_is_typedarray(env_, values_[index], &is_typed_array);
    napi_typedarray_type type = napi_uint8_array;
    size_t length = 0;
    void* data = nullptr;
    if (is_typed_array) {
      napi_get_typedarray_info(env_, values_[index], &type, &length, &data, nullptr, nullptr);
    }
    if (is_typed_array && type == napi_int32_array && length >= count) {
      return static_cast<int32_t*>(data);
    }
    Fail(index, name, type == napi_int32_array ? Invalid::kRange : Invalid::kType,
         type == napi_int32_array ? "long enough for what is asked" : "an Int32Array");
    return nullptr;
  }

  void Fail(size_t index, const char* name, Invalid kind, const char* expected) {
    if (!ok_) return;
    ok_ = false;
    ThrowInvalid(env_, *function_, name, kind, expected, values_[index]);
  }

  // A whole number from `low` to `high`. Read as a double, since napi_get_value_int32 turns NaN
  // into 0, which would be standard input.
  double Integer(size_t index, const char* name, double low, double high, const char* expected) {
    double number = 0;
    if (!Number(index, name, &number)) return low;
    if (IsWhole(number, low, high)) return number;
    Fail(index, name, Invalid::kRange, expected);
    return low;
  }

 private:
  static bool IsWhole(double number, double low, double high) {
    return number >= low && number <= high &&
           static_cast<double>(static_cast<int64_t>(number)) == number;
  }

  bool Number(size_t index, const char* name, double* number) {
    if (ok_ && napi_get_value_double(env_, values_[index], number) != napi_ok) {
      Fail(index, name, Invalid::kType, "a number");
    }
    return ok_;
  }

  napi_env env_;
  Function* function_;
  napi_value values_[N > 0 ? N : 1];
  bool ok_ = false;
};

// An address that a call fills in, with its length (value and result), as in the manual. Both may
// be left out.
struct AddressResult {
  sockaddr* address = nullptr;
  socklen_t length = 0;
  int32_t* length_result = nullptr;

  template <size_t N>
  AddressResult(Arguments<N>* arguments, size_t index, bool is_optional) {
    const Bytes room =
        is_optional ? arguments->OptionalView(index, "address") : arguments->View(index, "address");
    if (!arguments->ok() || (is_optional && room.data == nullptr)) return;
    length_result = arguments->Ints(index + 1, "addressLength", 1);
    if (!arguments->ok()) return;
    // Read once: another thread may share it.
    const int32_t asked = *static_cast<volatile int32_t*>(length_result);
    if (asked < 0 || static_cast<size_t>(asked) > room.size) {
      arguments->Fail(index + 1, "addressLength", Invalid::kRange,
                      "one element, from 0 to the length of address");
      return;
    }
    address = reinterpret_cast<sockaddr*>(room.data);
    length = static_cast<socklen_t>(asked);
  }

  socklen_t* length_pointer() { return address == nullptr ? nullptr : &length; }

  [[nodiscard]] int64_t Store(int64_t result) const {
    if (result >= 0 && length_result != nullptr) *length_result = static_cast<int32_t>(length);
    return result;
  }
};

// What a system call gave: its value, or the negated errno. No call gives more than an int32 holds:
// the kernel moves at most 0x7ffff000 bytes at once.
inline napi_value Result(napi_env env, int64_t result) {
  napi_value value = nullptr;
  napi_create_int32(env, static_cast<int32_t>(result), &value);
  return value;
}

// Adds function `name` to `exports`; the function's errors carry the name.
void Export(napi_env env, napi_value exports, const char* name, napi_callback function);
