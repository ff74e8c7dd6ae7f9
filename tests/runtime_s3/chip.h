/* Helpers of tests: call one assembly routine of the runtime in the emulated chip. */
#ifndef TESTS_RUNTIME_S3_CHIP_H
#define TESTS_RUNTIME_S3_CHIP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/esp32s3/offsets.h"
#include "xtensa/asm/asm.h"
#include "xtensa/asm/elf.h"
#include "xtensa/emu/machine.h"

enum { CHIP_CODE = 0x40380000, CHIP_CALL = 0x4037f000, CHIP_DATA = 0x3fca0000, CHIP_STACK = 0x3fcf0000 };

/* Callers of a function of either calling convention, with arguments in a2..a7 and the function's address in a8. */
static const char chip_call0[] = "callx0 a8\nbreak 0, 0\n";
static const char chip_windowed[] =
    "mov a10, a2\nmov a11, a3\nmov a12, a4\nmov a13, a5\nmov a14, a6\nmov a15, a7\ncallx8 a8\n"
    "break 0, 0\n";

typedef struct chip {
    uint32_t entry;
    mote_xt_machine *machine;
    uint32_t call_end; /* end of the caller */
    bool windowed;
} chip;

static inline void chip_die(const char *what, const mote_error *error)
{
    fprintf(stderr, "%s: %s\n", what, error->text);
    abort();
}

/* Returns the size in bytes of the literals of the first function. */
static inline uint32_t chip_literals(const mote_xt_elf *elf)
{
    const char *of = "";
    for (size_t i = elf->section_count; i-- > 0;)
        if (strncmp(elf->sections[i].name, ".text", 5) == 0 && elf->sections[i].size > 0)
            of = elf->sections[i].name + 5;
    for (size_t i = 0; i < elf->section_count; i++)
        if (strncmp(elf->sections[i].name, ".literal", 8) == 0 && strcmp(elf->sections[i].name + 8, of) == 0)
            return elf->sections[i].size;
    return 0;
}

/* Assembles code to be loaded at `base`. *entry gets the address of the first function, which is after its literals. */
static inline mote_bytes chip_assemble(const char *name, const char *text, size_t size, uint32_t base, uint32_t *entry)
{
    mote_error error = {0};
    mote_xt_asm_options options = {.name = name, .chips = MOTE_XT_ESP32S3};
    mote_bytes code;
    mote_xt_assembly *a = mote_xt_assemble(text, size, &options, &error);
    if (!a)
        chip_die(name, &error);
    mote_xt_assembly_report(a, stderr);
    mote_bytes object;
    mote_xt_elf elf;
    if (!mote_xt_assembly_raw(a, base, &code, &error) || !mote_xt_assembly_elf(a, &object, &error) ||
        !mote_xt_elf_open(object.data, object.size, name, &elf, &error))
        chip_die(name, &error);
    *entry = base + chip_literals(&elf);
    mote_xt_elf_close(&elf);
    free(object.data);
    mote_xt_assembly_free(a);
    return code;
}

/* Returns the preprocessed source of the routine in `path`, followed by rows_close.S if it is a product of rows or of
 * blocks16. */
static inline mote_bytes chip_source(const char *path, bool windowed)
{
    const char *arguments[] = {windowed ? "-D__XTENSA_WINDOWED_ABI__=1" : "-D__XTENSA_CALL0_ABI__=1", NULL, path, NULL};
    const bool of_rows =
        strstr(path, "/gemv_rows_") || strstr(path, "/gemv_unaligned_") || strstr(path, "/gemv_blocks16_");
    mote_error error = {0};
    mote_bytes text;
    if (of_rows)
        arguments[1] = "-include";
    if (!mote_xt_preprocess(of_rows ? MOTE_SOURCE_DIR "/runtime/esp32s3/rows_close.S" : path, arguments, &text, &error))
        chip_die(path, &error);
    return text;
}

/* Returns a chip with the routine of runtime/`file` loaded. */
static inline chip chip_with(const char *file, bool windowed)
{
    mote_error error = {0};
    char path[512];
    snprintf(path, sizeof path, "%s/runtime/%s", MOTE_SOURCE_DIR, file);
    mote_bytes text = chip_source(path, windowed);
    chip c = {.machine = mote_xt_create(MOTE_XT_ESP32S3, &error), .windowed = windowed};
    if (!c.machine)
        chip_die("machine", &error);
    mote_bytes code = chip_assemble(path, (const char *)text.data, text.size, CHIP_CODE, &c.entry);
    const char *caller = windowed ? chip_windowed : chip_call0;
    mote_bytes call = chip_assemble("caller", caller, strlen(caller), CHIP_CALL, &c.call_end);
    mote_xt_write(c.machine, CHIP_CODE, code.data, code.size);
    mote_xt_write(c.machine, CHIP_CALL, call.data, call.size);
    c.call_end = CHIP_CALL + (uint32_t)call.size - 3;
    mote_xt_breakpoint(c.machine, c.call_end, true);
    free(text.data), free(code.data), free(call.data);
    return c;
}

/* Runs the routine and returns its cycles, including the call and the return. */
static inline uint64_t chip_run(chip *c, const uint32_t arguments[6])
{
    static const char *const names[6] = {"a2", "a3", "a4", "a5", "a6", "a7"};
    mote_xt_reset(c->machine);
    mote_xt_set(c->machine, "ps", 0x40020);
    mote_xt_set(c->machine, "pc", CHIP_CALL);
    mote_xt_set(c->machine, "a1", CHIP_STACK);
    mote_xt_set(c->machine, "a8", c->entry);
    for (int i = 0; i < 6; i++)
        mote_xt_set(c->machine, names[i], arguments[i]);
    for (uint32_t i = 12; i < 16 && !c->windowed; i++)
        mote_xt_set(c->machine, (const char *[]){"a12", "a13", "a14", "a15"}[i - 12], 0x5afe0000 + i);
    const uint64_t start = mote_xt_cycles(c->machine);
    const mote_xt_stop stop = mote_xt_run(c->machine, 100000000);
    if (stop != MOTE_XT_STOP_BREAK || mote_xt_get(c->machine, "pc") != c->call_end) {
        fprintf(stderr, "stopped (%d) at %#x: %s\n", (int)stop, (unsigned)mote_xt_get(c->machine, "pc"),
                mote_xt_fault_text(c->machine));
        abort();
    }
    bool kept = mote_xt_get(c->machine, "a1") == CHIP_STACK;
    for (uint32_t i = 12; i < 16 && !c->windowed; i++)
        kept = kept && mote_xt_get(c->machine, (const char *[]){"a12", "a13", "a14", "a15"}[i - 12]) == 0x5afe0000 + i;
    if (!kept) {
        fprintf(stderr, "the routine did not keep its caller's registers\n");
        abort();
    }
    return mote_xt_cycles(c->machine) - start;
}

/* A mote_gemv in the chip and the data that it points to, each aligned to 16 bytes. */
typedef struct chip_gemv {
    const void *weights, *x, *bias, *multiplier;
    size_t weights_size, x_size, bias_size, multiplier_size, y_size;
    uint32_t rows, columns, narrow;
    int32_t shift, gain;
    uint32_t y; /* out: address of the outputs */
} chip_gemv;

static inline uint32_t chip_put(const chip *c, uint32_t *at, const void *data, size_t size)
{
    const uint32_t address = *at;
    if (!data)
        return 0;
    mote_xt_write(c->machine, address, data, size);
    *at = (address + (uint32_t)size + 15) & ~15u;
    return address;
}

static inline uint32_t chip_put_gemv(const chip *c, chip_gemv *g)
{
    uint32_t at = CHIP_DATA + 64;
    uint32_t fields[10];
    fields[GEMV_WEIGHTS / 4] = chip_put(c, &at, g->weights, g->weights_size);
    fields[GEMV_X / 4] = chip_put(c, &at, g->x, g->x_size);
    fields[GEMV_ROWS / 4] = g->rows;
    fields[GEMV_COLUMNS / 4] = g->columns;
    fields[GEMV_BIAS / 4] = chip_put(c, &at, g->bias, g->bias_size);
    fields[GEMV_MULTIPLIER / 4] = chip_put(c, &at, g->multiplier, g->multiplier_size);
    fields[GEMV_Y / 4] = g->y = at + 16;
    fields[GEMV_SHIFT / 4] = (uint32_t)g->shift;
    fields[GEMV_GAIN / 4] = (uint32_t)g->gain;
    fields[GEMV_NARROW / 4] = g->narrow;
    mote_xt_write(c->machine, CHIP_DATA, fields, sizeof fields);
    uint8_t *poison = malloc(g->y_size + 64);
    memset(poison, 0xa5, g->y_size + 64);
    mote_xt_write(c->machine, at, poison, g->y_size + 64);
    free(poison);
    return CHIP_DATA;
}

#endif
