#!/bin/sh
# Instructions a second of the emulator on three programs, without and with the timing model. Prints Markdown.
# Usage: bench/emu.sh BUILD
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O2 -std=c11 -D_GNU_SOURCE -I"$root" "$root/bench/bench_emu.c" "$build/xtensa/libmote_xtensa.a" \
    "$build/base/libmote_base.a" -lm -o "$work/bench_emu"
grep -m1 '^model name' /proc/cpuinfo | sed 's/.*: //'
echo
echo "| program | million instructions a second | with timing | cycles an instruction |"
echo "| --- | --- | --- | --- |"
"$work/bench_emu" 200 >"$work/lines"
awk '{
    name = substr($0, 1, 10); gsub(/ +$/, "", name)
    for (k = 1; k <= NF; k++) if ($k == "million") rate = $(k - 1)
    for (k = 1; k <= NF; k++) if ($k == "cycles") cycles = $(k - 1)
    if ($0 ~ /without timing/) { plain[name] = rate; order[n++] = name } else { timed[name] = rate; per[name] = cycles }
} END { for (k = 0; k < n; k++) printf "| %s | %s | %s | %s |\n", order[k], plain[order[k]], timed[order[k]], per[order[k]] }' \
    "$work/lines"
