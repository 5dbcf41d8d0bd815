#!/usr/bin/env bash
# The whole test suite on an addon with AddressSanitizer and UndefinedBehaviorSanitizer. Leaks are
# not looked for: Node itself leaves much to the end of the process.
set -euo pipefail
cd "$(dirname "$0")/.."

npm run build:asan
export BSD_SOCKETS_PREBUILD="$PWD/out/asan"
LD_PRELOAD="$(gcc -print-file-name=libasan.so)"
export LD_PRELOAD
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
npx jest --testTimeout 120000 "$@"
