#!/bin/sh
# Bytes of the runtime in a program that opens a model and generates text, including its part of libgcc and libc and
# nothing else; on RV32IMC, and with BUILD on the ESP32-S3. Prints Markdown. Usage: bench/size.sh [BUILD]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mote=${1:+$(realpath "$1/mote")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cross=riscv64-unknown-elf-
command -v ${cross}gcc >/dev/null || {
    echo "bench/size.sh: needs gcc-riscv64-unknown-elf and picolibc-riscv64-unknown-elf" >&2
    exit 6
}

cat >"$work/main.c" <<'END'
#include <mote_text.h>
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
    uint16_t token, last = 0, prompt[8];
    const int32_t count = mote_encode_prompt(&model, "Once", 4, prompt, 8);
    for (int32_t i = 0; i < count; i++)
        mote_step(&s, last = prompt[i]);
    while (!mote_ends_text(&model, token = (uint16_t)mote_sample(&s, &sampler))) {
        size_t size;
        const uint8_t *text = mote_decode(&model, last, token, &size);
        for (size_t i = 0; i < size; i++)
            serial = text[i];
        mote_step(&s, last = token);
    }
}
END
target="-march=rv32imc -mabi=ilp32 --specs=picolibc.specs"
flags="-Os -std=c99 -ffreestanding -ffunction-sections -fdata-sections -Wall -Wextra -Wshadow -Wconversion -Werror"
cat >"$work/link.ld" <<'END'
ENTRY(_start)
SECTIONS {
    .text 0x42010000 : { *(.text*) *(.rodata*) *(.srodata*) }
    .data 0x3fc82000 : { *(.data*) *(.sdata*) }
    .bss : { *(.bss*) *(.sbss*) *(COMMON) }
}
END

riscv() { # WHAT FLAGS...
    what=$1
    shift
    for source in "$root"/runtime/*.c "$root"/runtime/ops/*.c "$root"/runtime/scalar/*.c "$work/main.c"; do
        # shellcheck disable=SC2086 # lists of options
        ${cross}gcc $target $flags "$@" -I"$root/include" -c "$source" -o "$work/$(basename "${source%.c}").o"
    done
    # shellcheck disable=SC2086
    ${cross}gcc $target -nostartfiles -T "$work/link.ld" -Wl,--gc-sections -Wl,--defsym=file=0x42000000 \
        -Wl,--defsym=arena=0x3fc80000,--defsym=state=0x3fc81000,--defsym=serial=0x60000000 "$work"/*.o \
        -o "$work/runtime"
    ${cross}size "$work/runtime" |
        awk -v what="$what" 'NR == 2 { printf "| RV32IMC | %s | %d | %d | %d |\n", what, $1, $2, $3 }'
}

# The simulated chip reports the bytes of the runtime in its program.
s3() { # WHAT FLAGS...
    what=$1
    shift
    (cd "$work" && "$root/sim/device/build-program" esp32s3 "$root" "$mote" "$@")
    code=$(MOTE_SIM_DIR="$work" "$mote" sim "$work/m.mote" --chip esp32s3 --tokens 1 --json |
        sed -n 's/.*"code_bytes": \([0-9]*\).*/\1/p')
    echo "| ESP32-S3 | $what | $code | | |"
}

# Parts of the runtime that a ternary TinyLM with a byte tokenizer needs.
# shellcheck disable=SC2086 # $operators is a list
types="-DMOTE_TYPES=1<<MOTE_I8|1<<MOTE_TERNARY2"
operators="-DMOTE_ONLY_OPERATORS -DMOTE_WITH_EMBEDDING -DMOTE_WITH_LINEAR -DMOTE_WITH_GRU"
bytes="-DMOTE_TOKENIZERS=1<<MOTE_TOKENIZER_BYTES"
rows="-DMOTE_LAYOUTS=1<<MOTE_ROWS"
lanes="-DMOTE_LAYOUTS=1<<MOTE_LANES16"
echo "$(${cross}gcc --version | head -1), -Os"
echo
echo "| chip | what is linked | text and constants | data | bss |"
echo "| --- | --- | --- | --- | --- |"
riscv "open, selftest, step, sample; int8 and ternary rows: what a ternary TinyLM needs" \
    "$types" $operators "$bytes" "$rows" -DMOTE_ONLY_PLAIN
mobilenet="-DMOTE_ONLY_OPERATORS"
for operator in CONV AVERAGE_POOL RESHAPE SOFTMAX SCALED_ADD PAD; do
    mobilenet="$mobilenet -DMOTE_WITH_$operator"
done
riscv "the operators of a MobileNet: conv, average_pool, scaled_add, pad, reshape, softmax; int8 rows" \
    "-DMOTE_TYPES=1<<MOTE_I8" $mobilenet "$rows" -DMOTE_ONLY_PLAIN -DMOTE_TOKENIZERS=0
riscv "every type, layout and operator: transformers too"
riscv "the same without the words of GPT-2's tokenizers" "$bytes|1<<MOTE_TOKENIZER_BPE"
if [ -n "${mote:-}" ] && command -v xtensa-lx106-elf-gcc >/dev/null; then
    "$mote" train "$root/examples/stories/stories.txt" -o "$work/float.mote" --dim 16 --embed 16 --steps 1 \
        --weights ternary >/dev/null 2>&1
    "$mote" quantize "$work/float.mote" --chip esp32s3 -o "$work/m.mote" >/dev/null 2>&1
    s3 "open, step, sample, vector kernels included; int8 and ternary, in lanes and rows" \
        "$types" $operators "$bytes" "$lanes|1<<MOTE_ROWS" -DMOTE_ONLY_PLAIN
    s3 "the same in lanes alone" "$types" $operators "$bytes" "$lanes" -DMOTE_ONLY_PLAIN
    s3 "the same with every type, layout and operator"
fi
