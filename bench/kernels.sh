#!/bin/sh
# Cycles of the ESP32-S3 kernels in the emulator compared with portable C compiled by gcc -O2 for the same core: whole
# calls with requantization, everything in SRAM. Prints Markdown. Usage: bench/kernels.sh BUILD
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mote=$1/mote
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cross=xtensa-lx106-elf-
specs=/usr/lib/xtensa-lx106-elf/picolibc.specs
command -v ${cross}gcc >/dev/null && [ -f $specs ] || {
    echo "bench/kernels.sh: needs gcc-xtensa-lx106 and picolibc-xtensa-lx106-elf" >&2
    exit 6
}
target="-mlongcalls -mtext-section-literals --specs=$specs"
flags="-O2 -std=gnu11 -DMOTE_CHIP_ESP32S3=1 -I$root -I$root/include -Wall -Wextra -Werror -Wno-error=format"
# shellcheck disable=SC2086 # lists of options
for source in "$root"/runtime/*.c "$root"/runtime/ops/*.c "$root"/runtime/esp32/*.c "$root"/runtime/esp32s3/*.c "$root"/bench/bench_kernels.c \
    "$root"/xtensa/programs/start.c "$root"/xtensa/programs/wide.c "$root"/xtensa/programs/crt0.S; do
    ${cross}gcc $target $flags -ffreestanding -ffunction-sections -fdata-sections -c "$source" \
        -o "$work/$(basename "$source").o"
done
for source in "$root"/runtime/esp32/*.S "$root"/runtime/esp32s3/*.S "$root"/xtensa/programs/divide.S; do
    "$mote" asm --abi call0 "$source" -o "$work/$(basename "$source").o"
done
# shellcheck disable=SC2086
${cross}gcc $target -nostartfiles -L"$root/xtensa/programs" -T "$root/xtensa/programs/esp32s3.ld" -Wl,--gc-sections \
    "$work"/*.o -o "$work/kernels.elf"
"$mote" emu --timing "$work/kernels.elf" >"$work/lines" 2>"$work/messages" || {
    cat "$work/messages" >&2
    echo "bench/kernels.sh: the kernels' bytes differ from the portable C's, or the program failed" >&2
    exit 1
}
${cross}gcc --version | head -1
echo
echo "Portable C as gcc -O2 for the LX106 makes it, which knows no loop, sext, min and max instructions."
echo
echo "| weights, scale, output | size | portable C, cycles | kernel, cycles | MAC per cycle | times faster |"
echo "| --- | --- | --- | --- | --- | --- |"
awk -F'|' '{
    size = $3 > 1 ? $2 "×" $3 : $2 " units"
    rate = $3 > 1 ? sprintf("%.1f", $2 * $3 / $5) : ""
    printf "| %s | %s | %d | %d | %s | %.0f |\n", $1, size, $4, $5, rate, $4 / $5
}' "$work/lines"
