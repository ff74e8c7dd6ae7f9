/* Encodes operand values into instruction words and decodes them. */
#include <string.h>

#include "xtensa/isa/decoded.h"
#include "xtensa/isa/isa.h"

static unsigned width_of(const mote_xt_operand *o)
{
    unsigned width = 0;
    for (unsigned k = 0; o->bits[k][1]; k++)
        width += o->bits[k][1];
    return width;
}

static uint32_t spread(const mote_xt_operand *o, uint32_t raw)
{
    uint32_t word = 0;
    for (unsigned k = 0; o->bits[k][1]; k++) {
        word |= (raw & ((1u << o->bits[k][1]) - 1)) << o->bits[k][0];
        raw >>= o->bits[k][1];
    }
    return word;
}

static uint32_t gather(const mote_xt_operand *o, uint32_t word)
{
    uint32_t raw = 0;
    unsigned at = 0;
    for (unsigned k = 0; o->bits[k][1]; k++) {
        raw |= (word >> o->bits[k][0] & ((1u << o->bits[k][1]) - 1)) << at;
        at += o->bits[k][1];
    }
    return raw;
}

/* Returns the address to which the offset of a label is added. */
static uint32_t label_base(const mote_xt_operand *o, uint32_t pc)
{
    switch (o->base) {
    case BASE_NEXT:
        return pc + 4;
    case BASE_NEXT_WORD:
        return (pc & ~3u) + 4;
    case BASE_LITERAL:
        return (pc + 3) & ~3u;
    default:
        return 0;
    }
}

/* Checks the range and the step. The range of a label is relative to an instruction on a word boundary. */
static mote_xt_fault check_range(const mote_xt_operand *o, int32_t value)
{
    if (value < o->min || value > o->max)
        return MOTE_XT_OUT_OF_RANGE;
    if (value % o->step)
        return MOTE_XT_MISALIGNED;
    return MOTE_XT_FINE;
}

static mote_xt_fault encode_operand(const mote_xt_operand *o, int32_t value, uint32_t pc, uint32_t *word)
{
    uint32_t raw = 0;
    if (o->table) {
        while (raw < o->table_size && o->table[raw] != value)
            raw++;
        if (raw == o->table_size)
            return value < o->min || value > o->max ? MOTE_XT_OUT_OF_RANGE : MOTE_XT_MISALIGNED;
    } else {
        uint32_t base = label_base(o, pc);
        /* min and max of a label are relative to an aligned instruction; the base is 4 after it, or 0 for l32r */
        int32_t aligned = o->base == BASE_NEXT || o->base == BASE_NEXT_WORD ? 4 : 0;
        int32_t offset = (int32_t)((uint32_t)value - base);
        if (o->base != BASE_NONE && (offset < o->min - aligned || offset > o->max - aligned))
            return MOTE_XT_OUT_OF_RANGE;
        mote_xt_fault fault = o->base != BASE_NONE ? check_range(o, offset + aligned) : check_range(o, value);
        if (fault)
            return fault;
        raw = (uint32_t)((o->base != BASE_NONE ? offset : value) / o->step);
    }
    *word |= spread(o, raw);
    return MOTE_XT_FINE;
}

static int32_t decode_operand(const mote_xt_operand *o, uint32_t word, uint32_t pc)
{
    uint32_t raw = gather(o, word);
    if (o->table)
        return o->table[raw];
    int32_t base = o->base == BASE_NEXT || o->base == BASE_NEXT_WORD ? 4 : 0;
    int32_t value = (int32_t)raw * o->step;
    if (value > o->max - base)
        value -= o->step << width_of(o);
    return (int32_t)((uint32_t)value + label_base(o, pc));
}

static bool same_register(const mote_xt_insn *insn, const int32_t *values, int k)
{
    const mote_xt_operand *o = insn->operands;
    for (int j = 0; j < k; j++)
        if ((o[j].direction & o[k].direction & MOTE_XT_WRITE) && o[j].kind == o[k].kind && values[j] == values[k])
            return true;
    return false;
}

mote_xt_fault mote_xt_encode(const mote_xt_insn *insn, const int32_t *values, uint32_t pc, uint32_t *word, int *operand)
{
    uint32_t w = insn->match;
    for (int k = 0; k < insn->operand_count; k++) {
        mote_xt_fault fault = encode_operand(&insn->operands[k], values[k], pc, &w);
        if (!fault && same_register(insn, values, k))
            fault = MOTE_XT_SAME_REGISTER;
        /* The bit field of extui, given by position and width, must end inside the word. */
        if (!fault && insn->id == INSN_extui && k == 3 && values[2] + values[3] > 32)
            fault = MOTE_XT_OUT_OF_RANGE;
        if (fault) {
            *operand = k;
            return fault;
        }
    }
    *word = w;
    return MOTE_XT_FINE;
}

unsigned mote_xt_size(uint8_t first_byte)
{
    unsigned op0 = first_byte & 15;
    return op0 < 8 ? 3 : op0 < 14 ? 2 : 4;
}

const mote_xt_insn *mote_xt_decode(const uint8_t *bytes, size_t available, unsigned chips, uint32_t pc, int32_t *values)
{
    if (available == 0)
        return NULL;
    unsigned size = mote_xt_size(bytes[0]);
    if (available < size)
        return NULL;
    uint32_t word = 0;
    for (unsigned k = 0; k < size; k++)
        word |= (uint32_t)bytes[k] << 8 * k;
    for (size_t n = 0; n < mote_xt_count(); n++) {
        const mote_xt_insn *insn = mote_xt_at(n);
        if (insn->size != size || (word & insn->mask) != insn->match || !(insn->chips & chips))
            continue;
        for (int k = 0; k < insn->operand_count; k++)
            values[k] = decode_operand(&insn->operands[k], word, pc);
        return insn;
    }
    return NULL;
}
