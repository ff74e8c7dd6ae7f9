#!/bin/sh
# Cycles of memcpy on the emulated ESP32-S3 compared with a copy by its vector unit, which loads and stores 16 bytes at
# a time, and the possible saving. Prints Markdown. Usage: bench/copies.sh BUILD
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mote=$(realpath "$1")/mote
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cross=xtensa-lx106-elf-
specs=/usr/lib/xtensa-lx106-elf/picolibc.specs
command -v ${cross}gcc >/dev/null && [ -f $specs ] || {
    echo "bench/copies.sh: needs gcc-xtensa-lx106 and picolibc-xtensa-lx106-elf" >&2
    exit 6
}
target="-mlongcalls -mtext-section-literals --specs=$specs"
programs=$root/xtensa/programs
for source in "$root/bench/bench_copies.c" "$programs/start.c" "$programs/wide.c" "$programs/crt0.S"; do
    # shellcheck disable=SC2086 # lists of options
    ${cross}gcc $target -O2 -std=gnu11 -ffreestanding -I"$root" -Wall -Wextra -c "$source" \
        -o "$work/$(basename "$source").o"
done
for source in "$root/bench/copy.S" "$programs/divide.S"; do
    "$mote" asm --abi call0 --chip esp32s3 -I "$root" "$source" -o "$work/$(basename "$source").o"
done
# shellcheck disable=SC2086
${cross}gcc $target -nostartfiles -L"$programs" -T "$programs/esp32s3.ld" "$work"/*.o -o "$work/copies.elf"
"$mote" emu --timing "$work/copies.elf" 2>"$work/messages" >"$work/lines" || {
    cat "$work/messages" >&2
    echo "bench/copies.sh: a copy differs, or the program failed" >&2
    exit 1
}
echo "| bytes | memcpy, cycles | from a multiple of 4 | vectors, cycles | times faster |"
echo "| --- | --- | --- | --- | --- |"
awk -F'|' '{ printf "| %d | %d | %d | %d | %.1f |\n", $1, $2, $3, $4, $2 / $4 }' "$work/lines"

data=$root/../shared/data
[ -f "$data/stories260K.bin" ] || exit 0
"$mote" import "$data/stories260K.bin" --tokenizer "$data/tok512.bin" -o "$work/s.mote" >/dev/null 2>&1
"$mote" quantize "$work/s.mote" --cache int16 --context 64 --chip esp32s3 -o "$work/q.mote" >/dev/null 2>&1
"$mote" sim "$work/q.mote" --chip esp32s3 --tokens 40 --json >"$work/sim"
attention=$(awk '/"operator": "attention"/ { getline; gsub(/[^0-9.]/, ""); print; exit }' "$work/sim")
echo
awk -F'|' -v attention="$attention" '$1 == 64 {
    printf "Most is copied where keys and values are kept in int16: a row of each a layer and token. In stories260K that is twice\n"
    printf "64 bytes, and vectors would save %d of the %d cycles of an attention, %.1f %%.\n", 2 * ($2 - $4), attention,
        200 * ($2 - $4) / attention
}' "$work/lines"
