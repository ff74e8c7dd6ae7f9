/* The instruction table: expands the lines of insns.def into operands and instructions. */
#include "xtensa/isa/isa.h"

#include <string.h>

#include "xtensa/isa/decoded.h"
#include "xtensa/isa/operands.h"

enum {
    OPTION_ALL = MOTE_XT_ESP32 | MOTE_XT_ESP32S2 | MOTE_XT_ESP32S3,
    OPTION_LX7 = MOTE_XT_ESP32S2 | MOTE_XT_ESP32S3,
    OPTION_LOOPS = MOTE_XT_ESP32 | MOTE_XT_ESP32S3,
    OPTION_BOOL = MOTE_XT_ESP32 | MOTE_XT_ESP32S3,
    OPTION_MAC16 = MOTE_XT_ESP32 | MOTE_XT_ESP32S3,
    OPTION_FP = MOTE_XT_ESP32 | MOTE_XT_ESP32S3,
    OPTION_S32C1I = MOTE_XT_ESP32 | MOTE_XT_ESP32S3,
    OPTION_PIE = MOTE_XT_ESP32S3,
    OPTION_GPIO = MOTE_XT_ESP32S3,
    OPTION_GPIO_S2 = MOTE_XT_ESP32S2,
};

enum {
    COPROCESSOR_ALL = 0,
    COPROCESSOR_LX7 = 0,
    COPROCESSOR_LOOPS = 0,
    COPROCESSOR_BOOL = 0,
    COPROCESSOR_MAC16 = 0,
    COPROCESSOR_S32C1I = 0,
    COPROCESSOR_GPIO = 0,
    COPROCESSOR_GPIO_S2 = 0,
    COPROCESSOR_FP = 1,
    COPROCESSOR_PIE = 8,
};

/* Operands and state uses of every instruction, in two arrays each. An empty last entry keeps the size from being 0. */
#define STRIP(...)                           __VA_ARGS__
#define R(o)                                 OPERAND(MOTE_XT_READ, 1, 0, OP_##o)
#define R2(o)                                OPERAND(MOTE_XT_READ, 2, 0, OP_##o)
#define W(o)                                 OPERAND(MOTE_XT_WRITE, 0, 1, OP_##o)
#define W2(o)                                OPERAND(MOTE_XT_WRITE, 0, 2, OP_##o)
#define W4(o)                                OPERAND(MOTE_XT_WRITE, 0, 4, OP_##o)
#define RW(o)                                OPERAND(MOTE_XT_READ | MOTE_XT_WRITE, 1, 1, OP_##o)
#define RW12(o)                              OPERAND(MOTE_XT_READ | MOTE_XT_WRITE, 1, 2, OP_##o)
#define RW14(o)                              OPERAND(MOTE_XT_READ | MOTE_XT_WRITE, 1, 4, OP_##o)
#define OPERAND(direction, read, write, ...) OPERAND_FIELDS(direction, read, write, __VA_ARGS__)
#define OPERAND_FIELDS(direction, read, write, name, kind, least, most, step, list, list_size, base, slot, ...)        \
    {name, kind, direction, read, write, least, most, step, list, list_size, base, SLOT_##slot, {__VA_ARGS__}},
#define S(position, width)       {position, width},
#define USES(state, read, write) {MOTE_XT_STATE_##state, read, write},
#define EXTRA(kind, cycles)
#define FLOW(flow)
#define LANES(ready)
#define INSN(id, text, size, word, option, operands, timing, help, ...)                                                \
    static const mote_xt_operand operands_##id[] = {STRIP operands{0}};                                                \
    static const mote_xt_state_use states_##id[] = {STRIP timing{0}};
#include "xtensa/isa/insns.def"
#undef INSN
#undef EXTRA
#undef FLOW
#undef USES
#undef S
#undef OPERAND_FIELDS

#define OPERAND_FIELDS(direction, read, write, name, kind, least, most, step, list, list_size, base, slot, ...)        \
    __VA_ARGS__
#define S(position, width) | ((1u << (width)) - 1) << (position)
#define USES(state, read, write)
#define EXTRA(kind, cycles) , .extra_kind = MOTE_XT_STALL_##kind, .extra_cycles = cycles
#define FLOW(what)          , .flow = what
#define SIZE_MASK(size)     (0xffffffffu >> (32 - 8 * (size)))
#define COUNT(array)        (uint8_t)(sizeof(array) / sizeof(array[0]) - 1)
#define INSN(ident, text, size_in_bytes, opcode, option, operand_list, timing, help_text, ...)                         \
    {.mnemonic = text,                                                                                                 \
     .id = INSN_##ident,                                                                                               \
     .size = size_in_bytes,                                                                                            \
     .chips = OPTION_##option,                                                                                         \
     .operand_count = COUNT(operands_##ident),                                                                         \
     .match = opcode,                                                                                                  \
     .mask = SIZE_MASK(size_in_bytes) & ~(0u STRIP operand_list),                                                      \
     .operands = operands_##ident,                                                                                     \
     .help = help_text,                                                                                                \
     .states = states_##ident,                                                                                         \
     .state_count = COUNT(states_##ident),                                                                             \
     .coprocessor = COPROCESSOR_##option STRIP timing},
static const mote_xt_insn table[] = {
#include "xtensa/isa/insns.def"
};

size_t mote_xt_count(void)
{
    return sizeof(table) / sizeof(table[0]);
}

const mote_xt_insn *mote_xt_at(size_t index)
{
    return index < mote_xt_count() ? &table[index] : NULL;
}

const mote_xt_insn *mote_xt_find(const char *mnemonic)
{
    return mote_xt_find_for(mnemonic, 0);
}

const mote_xt_insn *mote_xt_find_for(const char *mnemonic, unsigned chips)
{
    const mote_xt_insn *first = NULL;
    for (size_t k = 0; k < mote_xt_count(); k++)
        if (strcmp(table[k].mnemonic, mnemonic) == 0) {
            if ((table[k].chips & chips) == chips)
                return &table[k];
            first = first ? first : &table[k];
        }
    return first;
}
