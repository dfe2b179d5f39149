#!/usr/bin/env bash
# Makes a static program that times one model on another machine, see Standalone.c.
#
#   benchmarks/standalone.sh MODEL.onnx CPU OUT      CPU as for lambent compile --cpu; OUT.weights lies beside OUT
set -euo pipefail
[ $# -eq 3 ] || { sed -n '2,4s/^# \?//p' "$0"; exit 1; }
root=$(cd "$(dirname "$0")/.." && pwd)
"$root/build/bin/lambent" compile "$1" -o "$3.o" --emit=bundle --name=measured --cpu="$2"
"${CC:-cc}" -O2 -static -s -I"$root/include" "$root/benchmarks/Standalone.c" "$3.o" \
  "$root/build/lib/liblambent-runtime.a" -lpthread -lm -o "$3"
rm "$3.o" "$3.h"
