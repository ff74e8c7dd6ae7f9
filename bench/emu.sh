#!/bin/sh
# Instructions per second of the emulator on three programs, without and with the timing model, and compared with
# qemu-system-xtensa on a fourth if that and the cross compiler are installed. Prints Markdown. All times are processor
# time. Usage: bench/emu.sh BUILD
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O2 -std=c11 -D_GNU_SOURCE -I"$root" "$root/bench/bench_emu.c" "$build/xtensa/libmote_xtensa.a" \
    "$build/base/libmote_base.a" -lm -o "$work/bench_emu"
"$work/bench_emu" 200 >"$work/lines"
grep -m1 '^model name' /proc/cpuinfo | sed 's/.*: //'
echo
echo "| program | million instructions a second | with timing | cycles an instruction |"
echo "| --- | --- | --- | --- |"
awk '{
    name = substr($0, 1, 10); gsub(/ +$/, "", name)
    for (k = 1; k <= NF; k++) {
        if ($k == "million") rate = $(k - 1)
        if ($k == "cycles") cycles = $(k - 1)
    }
    if ($0 ~ /without timing/) { plain[name] = rate; order[n++] = name } else { timed[name] = rate; per[name] = cycles }
} END {
    for (k = 0; k < n; k++) printf "| %s | %s | %s | %s |\n", order[k], plain[order[k]], timed[order[k]], per[order[k]]
}' "$work/lines"

specs=/usr/lib/xtensa-lx106-elf/picolibc.specs
if ! command -v qemu-system-xtensa >/dev/null || ! command -v xtensa-lx106-elf-gcc >/dev/null || [ ! -f $specs ]; then
    echo "bench/emu.sh: no comparison with QEMU: needs qemu-system-xtensa, gcc-xtensa-lx106, picolibc-xtensa-lx106-elf" >&2
    exit 0
fi

# One program linked for two memory maps. QEMU's `sim` board starts at its reset address.
programs=$root/xtensa/programs
cross="xtensa-lx106-elf-gcc -mlongcalls -mtext-section-literals --specs=$specs"
printf '    .section .reset, "ax"\n    j _start\n' >"$work/reset.S"
cat >"$work/sim.ld" <<'END'
MEMORY
{
    code (rx) : ORIGIN = 0x50000000, LENGTH = 512K
    constants (r) : ORIGIN = 0x60800000, LENGTH = 64K
    iram (rwx) : ORIGIN = 0x60900000, LENGTH = 64K
    dram (rw) : ORIGIN = 0x60000000, LENGTH = 1M
}
SECTIONS { .reset : { KEEP(*(.reset)) } > code }
INCLUDE sections.ld
END
for source in "$root/bench/emu_crc.c" "$programs/start.c" "$programs/wide.c" "$programs/crt0.S" "$work/reset.S"; do
    $cross -O2 -ffreestanding -I"$root" -I"$root/include" -c "$source" -o "$work/$(basename "$source").o"
done
"$build/mote" asm --abi call0 "$programs/divide.S" -o "$work/divide.S.o"
$cross -nostartfiles -L"$programs" -T "$work/sim.ld" -Wl,--gc-sections "$work"/*.o -o "$work/sim.elf"
rm "$work/reset.S.o"
$cross -nostartfiles -L"$programs" -T "$programs/esp32s3.ld" -Wl,--gc-sections "$work"/*.o -o "$work/mote.elf"

# seconds COMMAND...: user time of a command that exits by itself
seconds() {
    (
        "$@" </dev/null >/dev/null 2>&1 || true
        times
    ) | awk 'NR == 2 { split($1, t, /[ms]/); print t[1] * 60 + t[2] }'
}
count=$("$build/mote" emu --timing "$work/mote.elf" 2>&1 | awk '/instructions/ { print $1; exit }')
ours=$(seconds "$build/mote" emu "$work/mote.elf")
theirs=$(seconds timeout 60 qemu-system-xtensa -M sim -cpu de212 -m 16M -semihosting -nographic -monitor none \
    -serial none -kernel "$work/sim.elf")
echo
echo "A CRC in C by xtensa-lx106-elf-gcc -O2, $count instructions, on one core; QEMU translates to host code:"
echo
echo "| | seconds | million instructions a second |"
echo "| --- | --- | --- |"
awk -v n="$count" -v a="$ours" -v b="$theirs" 'BEGIN {
    printf "| mote emu | %.2f | %.0f |\n", a, n / a / 1e6
    printf "| qemu-system-xtensa | %.2f | %.0f |\n", b, n / b / 1e6
}'
