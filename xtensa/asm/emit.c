/* Bytes and relocations, once every address within the sections is known. */
#include <string.h>

#include "xtensa/asm/assembler.h"

static uint8_t *image_at(section *s, uint32_t offset, uint32_t size)
{
    return s->image && offset <= s->size && size <= s->size - offset ? s->image + offset : NULL;
}

static void store(section *s, uint32_t offset, uint64_t bits, uint32_t size)
{
    uint8_t *at = image_at(s, offset, size);
    for (uint32_t i = 0; at && i < size; i++)
        at[i] = (uint8_t)(bits >> (8 * i));
}

static void relocate(mote_xt_assembly *a, section *s, uint32_t offset, uint32_t type, value v)
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

static void emit_number(mote_xt_assembly *a, section *s, const fixup *f, uint32_t offset, int64_t number)
{
    int bits = 8 * f->size;
    if (bits < 64 && (number < -(INT64_C(1) << (bits - 1)) || number >= INT64_C(1) << bits)) {
        const source_line *before = a->line;
        a->line = f->line;
        if (!a->placed)
            mote_asm_warn(a, f->at, "%lld does not fit in %d bits and is cut off", (long long)number, bits);
        a->line = before;
    }
    store(s, offset, (uint64_t)number, f->size);
}

static void undefined(mote_xt_assembly *a, const source_line *l, const char *at, const symbol *s)
{
    mote_asm_error_at(a, l, at, "'%s' is not defined, which raw output needs", s->name);
}

static void emit_data(mote_xt_assembly *a, section *s, const fixup *f, uint32_t offset)
{
    value v = mote_asm_eval(a, f->value);
    if (v.kind == VALUE_ERROR)
        mote_asm_error_at(a, f->line, f->at, "%s", v.problem);
    else if (v.kind == VALUE_NUMBER)
        emit_number(a, s, f, offset, v.number);
    else if (a->placed)
        undefined(a, f->line, f->at, v.symbol);
    else if (f->size != 4)
        mote_asm_error_at(a, f->line, f->at, "an address takes 4 bytes (.word); here are %d", f->size);
    else
        relocate(a, s, offset, R_XTENSA_32, v);
}

/* "-1, 1..8, 10, 12, ..." would be long: the list itself, up to a dozen numbers. */
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

/* An address that the instruction can hold, to be replaced by the linker. */
static int32_t stand_in(const mote_xt_insn *insn, int32_t *values, int last, uint32_t pc)
{
    const uint32_t tries[] = {pc + 4, (pc & ~3U) + 4, ((pc + 3) & ~3U) - 4};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        uint32_t word;
        int operand;
        values[last] = (int32_t)tries[i];
        if (mote_xt_encode(insn, values, pc, &word, &operand) == MOTE_XT_FINE)
            break;
    }
    return values[last];
}

/* Evaluates one operand; false after a message. An address that only the linker knows sets *external. */
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
        undefined(a, in->line, in->at[i], v.symbol);
        return false;
    }
    if (!a->placed && !(v.kind == VALUE_PLACE && v.section == s))
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
    if (external.kind != VALUE_ERROR) {
        if (strncmp(insn->mnemonic, "loop", 4) == 0) {
            mote_asm_error_at(a, in->line, in->at[last], "the end of a loop must be in the same section");
            return;
        }
        values[last] = stand_in(insn, values, last, pc);
        relocate(a, s, offset, R_XTENSA_SLOT0_OP, external);
    }
    mote_xt_fault fault = mote_xt_encode(insn, values, pc, &word, &operand);
    if (fault != MOTE_XT_FINE)
        report_fault(a, in, fault, operand, numbers[operand < 0 || operand > last ? 0 : operand], pc);
    store(s, offset, word, insn->size);
}

static void emit_item(mote_xt_assembly *a, section *s, item *it)
{
    uint8_t *at = image_at(s, it->address, it->size);
    switch (it->kind) {
    case ITEM_DATA:
    case ITEM_POOL:
        if (at && it->size)
            memcpy(at, it->bytes, it->size);
        break;
    case ITEM_BRANCH:
        mote_asm_emit_branch(a, s, it);
        break;
    case ITEM_LOOP_PADDING:
        mote_asm_emit_loop_padding(a, s, it);
        break;
    default:
        if (at)
            memset(at, (int)(it->fill & 0xff), it->size);
        break;
    }
}

/* A section that has no bytes in the file may be given zeros only. */
static void check_no_bytes(mote_xt_assembly *a, const section *s)
{
    for (const fixup *f = s->fixups; f; f = f->next) {
        value v = f->value ? mote_asm_eval(a, f->value) : (value){.kind = VALUE_ERROR};
        if (v.kind != VALUE_NUMBER || v.number != 0)
            mote_asm_error_at(a, f->line, f->at, "section %s holds no bytes, only space", s->name);
    }
    for (const item *it = s->first; it; it = it->next) {
        bool zero = it->kind != ITEM_BRANCH && it->kind != ITEM_LOOP_PADDING;
        for (uint32_t i = 0; it->kind == ITEM_DATA && zero && !s->fixups && i < it->size; i++)
            zero = it->bytes[i] == 0;
        if (!zero)
            mote_asm_error_at(a, it->line, NULL, "section %s holds no bytes, only space", s->name);
    }
}

static void emit_section(mote_xt_assembly *a, section *s)
{
    s->relocs = NULL;
    s->relocs_end = &s->relocs;
    s->reloc_count = 0;
    s->image = s->type == SHT_NOBITS ? NULL : mote_arena_alloc(&a->arena, s->size + 1);
    for (item *it = s->first; it; it = it->next)
        emit_item(a, s, it);
    if (s->type == SHT_NOBITS) {
        check_no_bytes(a, s);
        return;
    }
    for (const fixup *f = s->fixups; f; f = f->next) {
        uint32_t offset = f->item->address + f->offset;
        if (f->insn)
            mote_asm_emit_instruction(a, s, offset, f->insn);
        else
            emit_data(a, s, f, offset);
    }
}

void mote_asm_emit(mote_xt_assembly *a)
{
    for (section *s = a->sections; s; s = s->next)
        emit_section(a, s);
}
