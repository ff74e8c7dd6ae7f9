#!/bin/sh
# Tokens per second of the packed model on this machine compared with plain float C. Prints Markdown.
# Usage: bench/speed.sh BUILD
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc=${CC:-cc}
$cc -O3 -DPLAIN_STEP=plain_step_o3 -c "$root/bench/plain_gru.c" -o "$work/o3.o"
$cc -Ofast -march=native -DPLAIN_STEP=plain_step_fast -c "$root/bench/plain_gru.c" -o "$work/fast.o"
$cc -O2 -Wall -Wextra -D_GNU_SOURCE -I"$root" -I"$root/include" "$root/bench/speed.c" "$work/o3.o" "$work/fast.o" \
    "$build/compiler/libmote_compiler.a" "$build/runtime/libmote_runtime.a" "$build/base/libmote_base.a" \
    -lopenblas -lm -lpthread -o "$work/speed"
echo "$($cc --version | head -1), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), one core:"
echo
OPENBLAS_NUM_THREADS=1 "$work/speed" 1
