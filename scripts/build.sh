#!/usr/bin/env bash
# Configures (once) and builds, incrementally.
#
#   scripts/build.sh [TARGET...]               into build/
#   scripts/build.sh --sanitize [TARGET...]    with ASan, UBSan and all assertions, into build-sanitize/
#   scripts/build.sh --gcc [TARGET...]         with g++, into build-gcc/, to see its warnings. What it builds does not run
#                                              with a libMLIR that clang built, as apt's is: MLIR tells traits apart by the
#                                              names of types as the compiler spells them
#
# The sanitizers' build, and any that is configured with LAMBENT_UNITY=1, compiles several files at once: half the time
# from nothing, more after a change.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=build
options=(-DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22)
case "${1:-}" in
  --sanitize)
    shift
    folder=build-sanitize
    LAMBENT_UNITY=1
    options+=(-DLAMBENT_SANITIZE=ON -DLAMBENT_CHECKED=ON) ;;
  --gcc)
    shift
    folder=build-gcc
    options=(-DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++) ;;
esac

# clang's precompiled headers need -fno-pch-timestamp and these relaxations to be cached.
export CCACHE_DIR=${CCACHE_DIR:-$PWD/build/ccache} CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
if command -v ccache >/dev/null; then
  options+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi
[ "${LAMBENT_UNITY:-0}" = 1 ] && options+=(-DCMAKE_UNITY_BUILD=ON)
if [ ! -f $folder/build.ninja ]; then
  mkdir -p $folder
  cmake -G Ninja -B $folder "${options[@]}" -DLAMBENT_PYTHON="$PWD/build/venv/bin/python" >$folder/configure.log 2>&1 ||
    { cat $folder/configure.log; exit 1; }
fi
ninja -C $folder "$@"
