#!/bin/sh
# Cost of one multiply-accumulate on the chips without a vector unit, in portable C and with the chip's own kernels,
# both compiled by gcc -O2: whole calls with requantization, everything in SRAM. Cycles of the emulator's timing model
# on Xtensa, instructions in QEMU on RISC-V. Prints Markdown. Usage: bench/scalar.sh BUILD
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mote=$(realpath "$1")/mote
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for tool in xtensa-lx106-elf-gcc riscv64-unknown-elf-gcc qemu-system-riscv32; do
    command -v $tool >/dev/null || {
        echo "bench/scalar.sh: needs $tool; make bench-scalar installs it" >&2
        exit 6
    }
done

xtensa() { # CHIP
    target="-mlongcalls -mtext-section-literals --specs=/usr/lib/xtensa-lx106-elf/picolibc.specs"
    cross=xtensa-lx106-elf- more="$root/xtensa/programs/wide.c $root/xtensa/programs/crt0.S"
    script="-L$root/xtensa/programs -T $root/xtensa/programs/$1.ld"
}
riscv() {
    target="-misa-spec=2.2 -march=rv32imc -mabi=ilp32 --specs=picolibc.specs"
    cross=riscv64-unknown-elf- more=$root/sim/device/riscv/start.S
    script="-T $root/sim/device/riscv/virt.ld -Wl,--defsym=_ram_size=0x50000,--defsym=_stack_size=0x2000"
}
build() { # CHIP FOLDER
    mkdir "$work/$1"
    define=MOTE_CHIP_$(echo "$1" | tr '[:lower:]' '[:upper:]')
    for source in "$root"/runtime/*.c "$root"/runtime/ops/*.c "$root/runtime/$2"/*.c "$root"/bench/bench_scalar.c $more; do
        # shellcheck disable=SC2086 # lists of options
        ${cross}gcc $target -O2 -std=gnu99 -D"$define"=1 -I"$root" -I"$root/include" -Wall -Wextra -Werror \
            -ffreestanding -ffunction-sections -fdata-sections -c "$source" -o "$work/$1/$(basename "$source").o"
    done
    for source in "$root/runtime/$2"/*.S; do
        [ ! -e "$source" ] || "$mote" asm --abi call0 --chip "$1" "$source" -o "$work/$1/$(basename "$source").o"
    done
    case $cross in
    xtensa*) "$mote" asm --abi call0 --chip "$1" "$root/xtensa/programs/divide.S" -o "$work/$1/divide.o" ;;
    esac
    # shellcheck disable=SC2086
    ${cross}gcc $target -nostartfiles $script -Wl,--gc-sections "$work/$1"/*.o -o "$work/$1.elf"
}
rows() { # CHIP UNIT: rows from the lines on standard input
    awk -F'|' -v chip="$1" -v unit="$2" '
        $1 == "differ" { failed = 1 }
        NF == 4 {
            macs = $2 * $2
            printf "| %s | %s %s×%s | %.2f | %.2f | %s | %.1f |\n", chip, $1, $2, $2, $3 / macs, $4 / macs, unit, $3 / $4
            count++
        }
        END { exit failed || count != 4 }' || {
        echo "bench/scalar.sh: $1: the kernels' bytes differ from the portable C's, or the program failed" >&2
        exit 1
    }
}

echo "| chip | weights | portable C, a MAC | kernel, a MAC | unit | times faster |"
echo "| --- | --- | --- | --- | --- | --- |"
xtensa esp32
build esp32 esp32
"$mote" emu --chip esp32 --timing "$work/esp32.elf" 2>"$work/messages" | rows esp32 cycles
xtensa esp32s2
build esp32s2 scalar
"$mote" emu --chip esp32s2 --timing "$work/esp32s2.elf" 2>"$work/messages" | rows esp32s2 cycles
riscv
build esp32c3 scalar
qemu-system-riscv32 -machine virt -cpu rv32,a=off,f=off,d=off -bios none -display none -monitor none -serial stdio \
    -icount shift=0 -kernel "$work/esp32c3.elf" </dev/null | rows "esp32c3, esp32c6" instructions
