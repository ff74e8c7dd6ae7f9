#!/bin/sh
# Time of a minimum cut through dense layers with a million edges or more, on one core. Prints Markdown.
# Usage: bench/mincut.sh BUILD
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
${CC:-cc} -O2 -std=c11 -D_GNU_SOURCE -Wall -Wextra -I"$root" "$root/bench/bench_mincut.c" \
    "$build/compiler/libmote_compiler.a" "$build/base/libmote_base.a" -lm -o "$work/mincut"
echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), one core:"
echo
"$work/mincut"
