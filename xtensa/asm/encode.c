/* Encodes instructions, and provides the section image and relocations for instructions and data. */
#include <string.h>

#include "xtensa/asm/assembler.h"

uint8_t *mote_asm_image_at(section *s, uint32_t offset, uint32_t size)
{
    return s->image && offset <= s->size && size <= s->size - offset ? s->image + offset : NULL;
}

void mote_asm_store(section *s, uint32_t offset, uint64_t bits, uint32_t size)
{
    uint8_t *at = mote_asm_image_at(s, offset, size);
    for (uint32_t i = 0; at && i < size; i++)
        at[i] = (uint8_t)(bits >> (8 * i));
}

void mote_asm_relocate(mote_xt_assembly *a, section *s, uint32_t offset, uint32_t type, value v)
{
    reloc *r = mote_arena_alloc(&a->arena, sizeof *r);
    *r = (reloc){.offset = offset, .type = type, .addend = (int32_t)v.number};
    if (v.kind == VALUE_PLACE)
        r->section = v.section;
    if (v.kind == VALUE_EXTERNAL)
        r->symbol = v.symbol;
    *s->relocs_end = r;
    s->relocs_end = &r->next;
    s->reloc_count++;
}

void mote_asm_undefined(mote_xt_assembly *a, const source_line *l, const char *at, const symbol *s)
{
    mote_asm_error_at(a, l, at, "'%s' is not defined, which raw output needs", s->name);
}

/* Returns the list of the values that an operand can have, as text for messages. */
static const char *choices(mote_xt_assembly *a, const mote_xt_operand *o)
{
    char *text = mote_asm_print(a, "%d", o->table[0]);
    for (int i = 1; i < o->table_size; i++)
        text = mote_asm_print(a, "%.300s, %d", text, o->table[i]);
    return text;
}

static void report_fault(mote_xt_assembly *a, const instruction *in, mote_xt_fault fault, int operand, int64_t given,
                         uint32_t pc)
{
    const mote_xt_insn *insn = in->insn;
    if (operand < 0 || operand >= insn->operand_count)
        operand = 0;
    const mote_xt_operand *o = &insn->operands[operand];
    const char *at = in->at[operand] ? in->at[operand] : in->at[MOTE_XT_MAX_OPERANDS];
    if (fault == MOTE_XT_SAME_REGISTER)
        mote_asm_error_at(a, in->line, at, "%s would write two results to one register; choose another",
                          insn->mnemonic);
    else if (o->kind == MOTE_XT_LABEL && fault == MOTE_XT_OUT_OF_RANGE)
        mote_asm_error_at(a, in->line, at, "the target is %lld bytes away and %s reaches %d to %d",
                          (long long)(int32_t)((uint32_t)given - pc), insn->mnemonic, o->min, o->max);
    else if (o->kind == MOTE_XT_LABEL)
        mote_asm_error_at(a, in->line, at, "the target of %s must be aligned to %d bytes", insn->mnemonic, o->step);
    else if (o->table && fault == MOTE_XT_OUT_OF_RANGE && given >= o->min && given <= o->max)
        mote_asm_error_at(a, in->line, at, "%s of %s is %lld and goes beyond bit 31", o->name, insn->mnemonic,
                          (long long)given);
    else if (o->table)
        mote_asm_error_at(a, in->line, at, "%s of %s is %lld and can only be %s", o->name, insn->mnemonic,
                          (long long)given, choices(a, o));
    else if (fault == MOTE_XT_OUT_OF_RANGE)
        mote_asm_error_at(a, in->line, at, "%s of %s is %lld; expected %d to %d", o->name, insn->mnemonic,
                          (long long)given, o->min, o->max);
    else
        mote_asm_error_at(a, in->line, at, "%s of %s is %lld; expected a multiple of %d", o->name, insn->mnemonic,
                          (long long)given, o->step);
}

/* Sets the last operand to a placeholder address whose encoded field is zero; the linker fills in the address. Returns
 * that address. */
static int32_t stand_in(const mote_xt_insn *insn, int32_t *values, int last, uint32_t pc)
{
    const uint32_t tries[] = {pc + 4, (pc & ~3U) + 4, ((pc + 3) & ~3U) - (1U << 18)};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        uint32_t word;
        int operand;
        values[last] = (int32_t)tries[i];
        if (mote_xt_encode(insn, values, pc, &word, &operand) == MOTE_XT_FINE)
            break;
    }
    return values[last];
}

/* Evaluates one operand. Sets *external when it is an address that only the linker knows, or that the linker may move.
 * Returns false after reporting an error. */
static bool operand_value(mote_xt_assembly *a, const section *s, const instruction *in, int i, int64_t *number,
                          value *external)
{
    const mote_xt_operand *o = &in->insn->operands[i];
    value v = mote_asm_eval(a, in->operands[i]);
    *number = v.number;
    if (v.kind == VALUE_ERROR) {
        mote_asm_error_at(a, in->line, in->at[i], "%s", v.problem);
        return false;
    }
    if (o->kind != MOTE_XT_LABEL) {
        if (v.kind == VALUE_EXTERNAL)
            mote_asm_error_at(a, in->line, in->at[i], "'%s' is not defined; %s must be a number", v.symbol->name,
                              o->name);
        else if (v.kind == VALUE_PLACE)
            mote_asm_error_at(a, in->line, in->at[i], "%s must be a number, and this is an address", o->name);
        else if (v.number < INT32_MIN || v.number > UINT32_MAX)
            mote_asm_error_at(a, in->line, in->at[i], "%s does not fit in 32 bits", o->name);
        else
            return true;
        return false;
    }
    if (a->placed && v.kind == VALUE_EXTERNAL) {
        mote_asm_undefined(a, in->line, in->at[i], v.symbol);
        return false;
    }
    bool here = v.kind == VALUE_PLACE && v.section == s;
    if (!a->placed && (!here || a->options.link_relax))
        *external = v;
    return true;
}

void mote_asm_emit_instruction(mote_xt_assembly *a, section *s, uint32_t offset, const instruction *in)
{
    const mote_xt_insn *insn = in->insn;
    uint32_t pc = a->placed ? s->address + offset : offset, word = insn->match;
    int64_t numbers[MOTE_XT_MAX_OPERANDS] = {0};
    int32_t values[MOTE_XT_MAX_OPERANDS] = {0};
    value external = {.kind = VALUE_ERROR};
    for (int i = 0; i < insn->operand_count; i++) {
        if (!operand_value(a, s, in, i, &numbers[i], &external))
            return;
        values[i] = (int32_t)numbers[i];
    }
    int last = insn->operand_count - 1, operand = 0;
    bool here = external.kind == VALUE_PLACE && external.section == s;
    mote_xt_fault fault = MOTE_XT_FINE;
    if (here)
        fault = mote_xt_encode(insn, values, pc, &word, &operand);
    if (external.kind != VALUE_ERROR) {
        if (mote_asm_is_loop(insn) && !here) {
            mote_asm_error_at(a, in->line, in->at[last], "the end of a loop must be in the same section");
            return;
        }
        values[last] = stand_in(insn, values, last, pc);
        mote_asm_relocate(a, s, offset, R_XTENSA_SLOT0_OP, external);
    }
    if (fault == MOTE_XT_FINE)
        fault = mote_xt_encode(insn, values, pc, &word, &operand);
    if (fault != MOTE_XT_FINE)
        report_fault(a, in, fault, operand, numbers[operand < 0 || operand > last ? 0 : operand], pc);
    mote_asm_store(s, offset, word, insn->size);
}
