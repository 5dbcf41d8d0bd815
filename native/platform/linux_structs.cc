// Layouts that only Linux has: credentials, extended errors, TCP_INFO, multicast requests,
// AF_VSOCK.
#include "posix.h"

// Behind sys/socket.h and time.h: some kernel headers need them, and do not say so.
#include <linux/errqueue.h>
#include <linux/vm_sockets.h>
#include <napi.h>

#include <cstring>
#include <iterator>

#include "../arguments.h"
#include "../exports.h"
#include "posix_shared.h"

namespace os {

namespace {

template <typename T>
napi_value Copy(napi_env env, const T& value) {
  return Napi::Buffer<uint8_t>::Copy(env, reinterpret_cast<const uint8_t*>(&value), sizeof(T));
}

// encodeCredentials(pid, uid, gid): a struct ucred
napi_value EncodeCredentials(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  ucred value = {};
  value.pid = arguments.Int(0, "pid");
  value.uid = static_cast<uid_t>(arguments.Bits(1, "uid"));
  value.gid = static_cast<gid_t>(arguments.Bits(2, "gid"));
  if (!arguments.ok()) return nullptr;
  return Copy(env, value);
}

napi_value DecodeCredentials(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const Bytes bytes = arguments.View(0, "bytes");
  if (arguments.ok() && bytes.size != sizeof(ucred)) {
    arguments.Fail(0, "bytes", Invalid::kRange, "a struct ucred");
  }
  if (!arguments.ok()) return nullptr;
  ucred value;
  std::memcpy(&value, bytes.data, sizeof(value));
  Napi::Object result = Napi::Object::New(env);
  result["pid"] = value.pid;
  result["uid"] = value.uid;
  result["gid"] = value.gid;
  return result;
}

// decodeExtendedError(bytes): a struct sock_extended_err and, behind it, the sockaddr of the
// offender.
napi_value DecodeExtendedError(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const std::string bytes = arguments.Copy(0, "bytes");
  if (arguments.ok() && bytes.size() < sizeof(sock_extended_err)) {
    arguments.Fail(0, "bytes", Invalid::kRange, "a struct sock_extended_err");
  }
  if (!arguments.ok()) return nullptr;
  sock_extended_err value;
  std::memcpy(&value, bytes.data(), sizeof(value));
  Napi::Object result = Napi::Object::New(env);
  result["errno"] = value.ee_errno;
  result["origin"] = static_cast<int>(value.ee_origin);
  result["type"] = static_cast<int>(value.ee_type);
  result["code"] = static_cast<int>(value.ee_code);
  result["info"] = value.ee_info;
  result["data"] = value.ee_data;
  result["offender"] =
      Napi::Buffer<char>::Copy(env, bytes.data() + sizeof(value), bytes.size() - sizeof(value));
  return result;
}

// struct tcp_info as Linux 6.18 has it, by offset: headers of the build are often older than the
// kernel, which tells as much as it knows. (The first eight bytes hold fields of less than a byte.)
constexpr Field kTcpInfo[] = {
    {"state", 0, 1},
    {"ca_state", 1, 1},
    {"retransmits", 2, 1},
    {"probes", 3, 1},
    {"backoff", 4, 1},
    {"options", 5, 1},
    {"rto", 8, 4},
    {"ato", 12, 4},
    {"snd_mss", 16, 4},
    {"rcv_mss", 20, 4},
    {"unacked", 24, 4},
    {"sacked", 28, 4},
    {"lost", 32, 4},
    {"retrans", 36, 4},
    {"fackets", 40, 4},
    {"last_data_sent", 44, 4},
    {"last_ack_sent", 48, 4},
    {"last_data_recv", 52, 4},
    {"last_ack_recv", 56, 4},
    {"pmtu", 60, 4},
    {"rcv_ssthresh", 64, 4},
    {"rtt", 68, 4},
    {"rttvar", 72, 4},
    {"snd_ssthresh", 76, 4},
    {"snd_cwnd", 80, 4},
    {"advmss", 84, 4},
    {"reordering", 88, 4},
    {"rcv_rtt", 92, 4},
    {"rcv_space", 96, 4},
    {"total_retrans", 100, 4},
    {"pacing_rate", 104, 8},
    {"max_pacing_rate", 112, 8},
    {"bytes_acked", 120, 8},
    {"bytes_received", 128, 8},
    {"segs_out", 136, 4},
    {"segs_in", 140, 4},
    {"notsent_bytes", 144, 4},
    {"min_rtt", 148, 4},
    {"data_segs_in", 152, 4},
    {"data_segs_out", 156, 4},
    {"delivery_rate", 160, 8},
    {"busy_time", 168, 8},
    {"rwnd_limited", 176, 8},
    {"sndbuf_limited", 184, 8},
    {"delivered", 192, 4},
    {"delivered_ce", 196, 4},
    {"bytes_sent", 200, 8},
    {"bytes_retrans", 208, 8},
    {"dsack_dups", 216, 4},
    {"reord_seen", 220, 4},
    {"rcv_ooopack", 224, 4},
    {"snd_wnd", 228, 4},
    {"rcv_wnd", 232, 4},
    {"rehash", 236, 4},
    {"total_rto", 240, 2},
    {"total_rto_recoveries", 242, 2},
    {"total_rto_time", 244, 4},
    {"received_ce", 248, 4},
    {"delivered_e1_bytes", 252, 4},
    {"delivered_e0_bytes", 256, 4},
    {"delivered_ce_bytes", 260, 4},
    {"received_e1_bytes", 264, 4},
    {"received_e0_bytes", 268, 4},
    {"received_ce_bytes", 272, 4},
    {"accecn_fail_mode", 276, 2},
    {"accecn_opt_seen", 278, 2},
};

// decodeTcpInfo(bytes): the fields that the kernel gave, by their names without "tcpi_".
napi_value DecodeTcpInfo(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const std::string bytes = arguments.Copy(0, "bytes");
  if (!arguments.ok()) return nullptr;
  Napi::Object result = DecodeFields(env, bytes, kTcpInfo, std::size(kTcpInfo));
  // Bit fields: two of four bits, one of one bit, one of two.
  if (bytes.size() > 7) {
    result["snd_wscale"] = static_cast<uint8_t>(bytes[6]) & 0xf;
    result["rcv_wscale"] = static_cast<uint8_t>(bytes[6]) >> 4;
    result["delivery_rate_app_limited"] = bytes[7] & 1;
    result["fastopen_client_fail"] = (bytes[7] >> 1) & 3;
  }
  return result;
}

// encodeVsock(cid, port): a struct sockaddr_vm
napi_value EncodeVsock(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  sockaddr_vm address = {};
  address.svm_family = AF_VSOCK;
  address.svm_cid = static_cast<uint32_t>(arguments.Bits(0, "cid"));
  address.svm_port = static_cast<uint32_t>(arguments.Bits(1, "port"));
  if (!arguments.ok()) return nullptr;
  return Copy(env, address);
}

// decodeVsock(address): { cid, port }
napi_value DecodeVsock(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const Bytes bytes = arguments.View(0, "address");
  if (arguments.ok() && bytes.size < sizeof(sockaddr_vm)) {
    arguments.Fail(0, "address", Invalid::kRange, "a struct sockaddr_vm");
  }
  if (!arguments.ok()) return nullptr;
  sockaddr_vm address;
  std::memcpy(&address, bytes.data, sizeof(address));
  Napi::Object result = Napi::Object::New(env);
  result["cid"] = address.svm_cid;
  result["port"] = address.svm_port;
  return result;
}

}  // namespace

void ExportStructs(napi_env env, napi_value exports) {
  Export(env, exports, "encodeCredentials", EncodeCredentials);
  Export(env, exports, "decodeCredentials", DecodeCredentials);
  Export(env, exports, "decodeExtendedError", DecodeExtendedError);
  Export(env, exports, "decodeTcpInfo", DecodeTcpInfo);
  Export(env, exports, "encodeVsock", EncodeVsock);
  Export(env, exports, "decodeVsock", DecodeVsock);
}

}  // namespace os
