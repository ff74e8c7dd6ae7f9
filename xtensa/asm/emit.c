/* Emits bytes and relocations when every address within the sections is known. */
#include <string.h>

#include "xtensa/asm/assembler.h"

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
    mote_asm_store(s, offset, (uint64_t)number, f->size);
}

/* Adds a relocation to the difference of two places in code, which changes if the linker moves code between them. */
static void relocate_difference(mote_xt_assembly *a, section *s, const fixup *f, uint32_t offset)
{
    static const uint8_t steps[] = {[1] = 0, [2] = 1, [4] = 2};
    if (!a->options.link_relax || a->placed || f->value->op != EXPR_SUB || f->size > 4)
        return;
    value to = mote_asm_eval(a, f->value->left), from = mote_asm_eval(a, f->value->right);
    if (to.kind != VALUE_PLACE || from.kind != VALUE_PLACE || !(from.section->flags & SHF_EXECINSTR))
        return;
    uint32_t first = to.number < from.number ? R_XTENSA_NDIFF8 : R_XTENSA_PDIFF8;
    mote_asm_relocate(a, s, offset, first + steps[f->size], from);
}

static void emit_data(mote_xt_assembly *a, section *s, const fixup *f, uint32_t offset)
{
    value v = mote_asm_eval(a, f->value);
    if (v.kind == VALUE_ERROR)
        mote_asm_error_at(a, f->line, f->at, "%s", v.problem);
    else if (v.kind == VALUE_NUMBER) {
        emit_number(a, s, f, offset, v.number);
        relocate_difference(a, s, f, offset);
    } else if (a->placed)
        mote_asm_undefined(a, f->line, f->at, v.symbol);
    else if (f->size != 4)
        mote_asm_error_at(a, f->line, f->at, "an address takes 4 bytes (.word); here are %d", f->size);
    else
        mote_asm_relocate(a, s, offset, R_XTENSA_32, v);
}

static void emit_item(mote_xt_assembly *a, section *s, item *it)
{
    uint8_t *at = mote_asm_image_at(s, it->address, it->size);
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
    case ITEM_LOOP_TAIL:
        mote_asm_emit_loop_tail(a, s, it);
        break;
    case ITEM_NARROW:
        mote_asm_emit_narrow(a, s, it);
        break;
    case ITEM_LEB128:
        mote_asm_emit_leb128(a, s, it);
        break;
    default: /* zeros, then as many whole fill elements as fit */
        for (uint32_t i = 0, n = it->fill_size ? it->fill_size : 1, first = it->size % n; at && i < it->size; i++)
            at[i] = (uint8_t)(i < first ? 0 : (uint64_t)it->fill >> 8 * ((i - first) % n));
        break;
    }
}

/* Reports contents other than zeros of a section that has no bytes in the file. */
static void check_no_bytes(mote_xt_assembly *a, const section *s)
{
    for (const fixup *f = s->fixups; f; f = f->next) {
        value v = f->value ? mote_asm_eval(a, f->value) : (value){.kind = VALUE_ERROR};
        if (v.kind != VALUE_NUMBER || v.number != 0)
            mote_asm_error_at(a, f->line, f->at, "section %s holds no bytes, only space", s->name);
    }
    for (const item *it = s->first; it; it = it->next) {
        bool zero = it->kind != ITEM_BRANCH && it->kind != ITEM_LOOP_PADDING && it->kind != ITEM_NARROW;
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
    for (const fixup *f = s->fixups; f && !a->placed; f = f->next)
        if (f->insn && mote_asm_is_loop(f->insn->insn))
            mote_asm_check_loop(a, s, f->item->address + f->offset, f->insn);
    for (const item *it = s->first; it && !a->placed; it = it->next)
        if (it->kind == ITEM_LOOP_TAIL && it->size)
            mote_asm_check_loop(a, s, it->address - it->insn->insn->size, it->insn);
}

void mote_asm_emit(mote_xt_assembly *a)
{
    for (section *s = a->sections; s; s = s->next)
        emit_section(a, s);
}
