#!/usr/bin/env bash
# Builds prebuilds/win32-x64/bsd-sockets.node with Debian's g++-mingw-w64-x86-64-posix. uv.h comes
# from the headers of a Node installation: NODEDIR, or the Node that runs this.
set -euo pipefail
cd "$(dirname "$0")/.."

tool=x86_64-w64-mingw32
nodedir="${NODEDIR:-$(node -p "require('path').resolve(fs.realpathSync(process.execPath), '../..')")}"
napi=node_modules/node-api-headers
out=out/win32-x64
target=prebuilds/win32-x64/bsd-sockets.node

rm -rf "$out"
mkdir -p "$out" "$(dirname "$target")"

objects=()
for source in native/*.cc native/platform/win32*.cc; do
  object="$out/$(basename "$source" .cc).o"
  $tool-g++-posix -c "$source" -o "$object" -std=c++17 -O2 -Wall -Wextra -Werror \
    -fno-exceptions -fno-rtti -fvisibility=hidden -ffunction-sections -fdata-sections \
    -D_WIN32_WINNT=0x0A00 -DNAPI_VERSION=8 -DNAPI_DISABLE_CPP_EXCEPTIONS \
    -DNODE_ADDON_API_DISABLE_DEPRECATED -DBUILDING_NODE_EXTENSION \
    -I"$napi/include" -I"$(node -p "require('node-addon-api').include_dir")" \
    -isystem "$nodedir/include/node"
  objects+=("$object")
done

# What is taken from Node: functions of Node-API, which its headers' list must know, and of libuv.
$tool-nm -u "${objects[@]}" | sed -nE 's/^ *U (__imp_)?((napi|node_api|uv)_[a-z0-9_]+)$/\2/p' | sort -u > "$out/names"
unknown=$(grep -v '^uv_' "$out/names" | grep -vxFf <(cat "$napi"/def/*.def) || true)
[ -z "$unknown" ] || { echo "not in Node-API: $unknown" >&2; exit 1; }
{ printf 'NAME node.exe\nEXPORTS\n'; cat "$out/names"; } > "$out/node.def"
$tool-dlltool -d "$out/node.def" --output-delaylib "$out/libnode.a" -D node.exe

$tool-g++-posix -shared -static -s -Wl,--gc-sections -o "$target" "${objects[@]}" \
  "$out/libnode.a" -lws2_32 -liphlpapi

# Nothing but the system's own libraries may be needed, and Node by the delay import.
needed=$($tool-objdump -p "$target" | sed -n 's/^\s*DLL Name: //p' | sort -fu)
echo "$needed"
strangers=$(echo "$needed" | grep -vixE 'kernel32\.dll|msvcrt\.dll|ws2_32\.dll|iphlpapi\.dll' || true)
[ -z "$strangers" ] || { echo "$target needs $strangers" >&2; exit 1; }
ls -l "$target"
