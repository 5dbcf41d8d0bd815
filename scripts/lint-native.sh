#!/usr/bin/env bash
# clang-format on the native sources, and clang-tidy on those that are compiled here: it needs the
# compile commands that the CMake build writes.
set -euo pipefail
cd "$(dirname "$0")/.."

clang-format --dry-run -Werror native/*.cc native/platform/*.cc native/*.h native/platform/*.h
[ -f out/cmake/build/compile_commands.json ] || npm run --silent build:cmake
mapfile -t sources < <(sed -n 's/^ *"file": "\(.*\)".*/\1/p' out/cmake/build/compile_commands.json)
clang-tidy --quiet -p out/cmake/build "${sources[@]}"
