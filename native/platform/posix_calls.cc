// System calls that POSIX systems have and Windows has not: fcntl, if_nameindex.
#include <napi.h>

#include "../arguments.h"
#include "posix.h"
#include "posix_shared.h"

namespace os {

namespace {

// fcntl(fd, command, argument): only commands whose argument is an int.
napi_value FileControl(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  const Descriptor fd = arguments.Descriptor(0);
  const int command = arguments.Int(1, "command");
  if (arguments.ok() && !IsIntFcntl(command)) {
    arguments.Fail(1, "command", Invalid::kRange,
                   "a command on an int, such as F_GETFL, F_SETFL or F_DUPFD_CLOEXEC");
  }
  const bool is_missing = arguments.ok() && IsNothing(env, arguments[2]);
  const int argument = is_missing ? 0 : arguments.Int(2, "argument");
  if (!arguments.ok()) return nullptr;
  return ::Result(env, Fcntl(fd, command, argument));
}

// if_nameindex(): the interfaces, each { index, name }, or -errno.
napi_value InterfaceNames(napi_env raw_env, napi_callback_info /*info*/) {
  const Napi::Env env(raw_env);
  struct if_nameindex* first = ::if_nameindex();
  if (first == nullptr) return ::Result(env, -errno);
  Napi::Array interfaces = Napi::Array::New(env);
  for (const struct if_nameindex* item = first; item->if_index != 0; item++) {
    Napi::Object entry = Napi::Object::New(env);
    entry["index"] = item->if_index;
    entry["name"] = item->if_name;
    interfaces[interfaces.Length()] = entry;
  }
  ::if_freenameindex(first);
  return interfaces;
}

}  // namespace

size_t PosixIoctlSize(uint32_t request) {
  switch (request) {
    case FIONREAD:  // also Linux's SIOCINQ
    case FIONBIO:
    case FIOASYNC:
    case SIOCATMARK:
    case FIOSETOWN:
    case FIOGETOWN:
    case SIOCSPGRP:
    case SIOCGPGRP:
      return sizeof(int);
    default:
      return 0;
  }
}

bool IsPosixIntFcntl(int command) {
  switch (command) {
    case F_GETFD:
    case F_SETFD:
    case F_GETFL:
    case F_SETFL:
    case F_DUPFD_CLOEXEC:
    case F_GETOWN:
    case F_SETOWN:
      return true;
    default:
      return false;
  }
}

void ExportPosixCalls(napi_env env, napi_value exports) {
  Export(env, exports, "fcntl", FileControl);
  Export(env, exports, "if_nameindex", InterfaceNames);
}

}  // namespace os
