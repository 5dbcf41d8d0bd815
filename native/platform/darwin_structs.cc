// Layouts that macOS has in its own way: credentials of a peer, and what it tells of a TCP
// connection.
#include <napi.h>
#include <sys/ucred.h>

#include <cstddef>
#include <cstring>
#include <iterator>

#include "../arguments.h"
#include "../exports.h"
#include "posix.h"
#include "posix_shared.h"

namespace os {

namespace {

// decodePeerCredentials(bytes): { uid, gid } of a struct xucred, which has no process's number.
napi_value DecodePeerCredentials(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const Bytes bytes = arguments.View(0, "bytes");
  if (arguments.ok() && bytes.size != sizeof(xucred)) {
    arguments.Fail(0, "bytes", Invalid::kRange, "a struct xucred");
  }
  if (!arguments.ok()) return nullptr;
  xucred value;
  std::memcpy(&value, bytes.data, sizeof(value));
  Napi::Object result = Napi::Object::New(env);
  result["uid"] = value.cr_uid;
  result["gid"] = value.cr_gid;
  return result;
}

using Info = tcp_connection_info;

#define FIELD(name) \
  { #name, offsetof(Info, tcpi_##name), sizeof(Info::tcpi_##name) }

constexpr Field kTcpInfo[] = {
    FIELD(state),
    FIELD(snd_wscale),
    FIELD(rcv_wscale),
    FIELD(options),
    FIELD(flags),
    FIELD(rto),
    FIELD(maxseg),
    FIELD(snd_ssthresh),
    FIELD(snd_cwnd),
    FIELD(snd_wnd),
    FIELD(snd_sbbytes),
    FIELD(rcv_wnd),
    FIELD(rttcur),
    FIELD(srtt),
    FIELD(rttvar),
    FIELD(txpackets),
    FIELD(txbytes),
    FIELD(txretransmitbytes),
    FIELD(rxpackets),
    FIELD(rxbytes),
    FIELD(rxoutoforderbytes),
    FIELD(txretransmitpackets),
};

// decodeTcpInfo(bytes): a struct tcp_connection_info, by the fields' names without "tcpi_".
napi_value DecodeTcpInfo(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const std::string bytes = arguments.Copy(0, "bytes");
  if (!arguments.ok()) return nullptr;
  return DecodeFields(env, bytes, kTcpInfo, std::size(kTcpInfo));
}

}  // namespace

void ExportStructs(napi_env env, napi_value exports) {
  Export(env, exports, "decodePeerCredentials", DecodePeerCredentials);
  Export(env, exports, "decodeTcpInfo", DecodeTcpInfo);
}

}  // namespace os
