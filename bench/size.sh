#!/bin/sh
# Bytes of the runtime on RV32IMC: what a program links that opens a model, checks its golden output and generates text,
# with what it takes from libgcc and libc and nothing else. Prints Markdown. Usage: bench/size.sh [BUILD]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cross=riscv64-unknown-elf-
command -v ${cross}gcc >/dev/null || {
    echo "bench/size.sh: needs gcc-riscv64-unknown-elf and picolibc-riscv64-unknown-elf" >&2
    exit 6
}

cat >"$work/main.c" <<'END'
#include <mote.h>
extern const uint8_t file[];
extern uint8_t arena[], state[];
extern volatile uint8_t serial;
void _start(void);
void _start(void)
{
    mote_model model;
    mote_session s;
    if (mote_open(&model, file, 200000) || mote_start(&s, &model, arena, 4096, state, 4096) || mote_selftest(&s))
        for (;;)
            ;
    mote_sampler sampler = mote_sampler_init(1);
    mote_step(&s, mote_start_token(&model));
    for (;;) {
        uint32_t token = mote_sample(&s, &sampler);
        serial = mote_byte_of_token(&model, token);
        mote_step(&s, token);
    }
}
END
target="-march=rv32imc -mabi=ilp32 --specs=picolibc.specs"
flags="-Os -std=c99 -ffreestanding -ffunction-sections -fdata-sections -Wall -Wextra -Wshadow -Wconversion -Werror"
for source in "$root"/runtime/*.c "$root"/runtime/ops/*.c "$root"/runtime/scalar/*.c "$work/main.c"; do
    # shellcheck disable=SC2086 # lists of options
    ${cross}gcc $target $flags -I"$root/include" -c "$source" -o "$work/$(basename "${source%.c}").o"
done
cat >"$work/link.ld" <<'END'
ENTRY(_start)
SECTIONS {
    .text 0x42010000 : { *(.text*) *(.rodata*) *(.srodata*) }
    .data 0x3fc82000 : { *(.data*) *(.sdata*) }
    .bss : { *(.bss*) *(.sbss*) *(COMMON) }
}
END
# shellcheck disable=SC2086
${cross}gcc $target -nostartfiles -T "$work/link.ld" -Wl,--gc-sections -Wl,--defsym=file=0x42000000 \
    -Wl,--defsym=arena=0x3fc80000,--defsym=state=0x3fc81000,--defsym=serial=0x60000000 "$work"/*.o -o "$work/runtime"

${cross}gcc --version | head -1
echo
echo "| | text and constants | data | bss |"
echo "| --- | --- | --- | --- |"
${cross}size "$work/runtime" | awk 'NR == 2 { printf "| open, selftest, step, sample on RV32IMC | %d | %d | %d |\n", $1, $2, $3 }'
