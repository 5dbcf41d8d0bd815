#!/usr/bin/env bash
# clang-format and clang-tidy on the native sources; the latter needs the compile commands that the
# CMake build writes.
set -euo pipefail
cd "$(dirname "$0")/.."

sources=(native/*.cc native/platform/*.cc)
clang-format --dry-run -Werror "${sources[@]}" native/*.h native/platform/*.h
[ -f out/cmake/build/compile_commands.json ] || npm run --silent build:cmake
clang-tidy --quiet -p out/cmake/build "${sources[@]}"
