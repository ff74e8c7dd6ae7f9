#!/bin/sh
# Bytes of the runtime on RV32IMC: everything a program needs that opens a model, generates text and checks the golden
# output, with what it takes from libgcc and libc, and nothing else. Usage: bench/bench_size.sh
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: "${CROSS:=riscv64-unknown-elf-}"

cat > "$work/main.c" <<'END'
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
flags="-march=rv32imc -mabi=ilp32 -Os -std=c99 -ffreestanding -ffunction-sections -fdata-sections -Wall -Wextra -Wshadow
 -Wconversion -Werror"
for source in "$root"/runtime/*.c "$root"/runtime/ops/*.c "$work/main.c"; do
    # shellcheck disable=SC2086 # flags is a list
    ${CROSS}gcc $flags --specs=picolibc.specs -I"$root/include" -c "$source" \
        -o "$work/$(basename "$(dirname "$source")")_$(basename "$source" .c).o"
done
libc=$(${CROSS}gcc -march=rv32imc -mabi=ilp32 --specs=picolibc.specs -print-file-name=libc.a)
${CROSS}gcc -march=rv32imc -mabi=ilp32 -nostdlib -Wl,--gc-sections -Wl,-e,_start \
    -Wl,--defsym=file=0x42000000,--defsym=arena=0x3fc80000,--defsym=state=0x3fc81000,--defsym=serial=0x60000000 \
    "$work"/*.o "$libc" -lgcc -o "$work/runtime.elf"
echo "linked, with libgcc and libc's share:"
${CROSS}size "$work/runtime.elf"
echo "by file (before unused sections are dropped):"
(cd "$work" && ${CROSS}size ./*.o)
