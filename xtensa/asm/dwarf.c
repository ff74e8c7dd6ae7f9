#include "xtensa/asm/dwarf.h"

#include <string.h>

section *mote_asm_dwarf_section(mote_xt_assembly *a, const char *name)
{
    section *s = mote_asm_section(a, name);
    return s->size || (s->last && (s->last->address || s->last->size)) ? NULL : s;
}

void mote_asm_dwarf_number(mote_xt_assembly *a, section *s, uint32_t number, size_t size)
{
    mote_asm_bytes(a, s, &number, size);
}

void mote_asm_dwarf_uleb128(mote_xt_assembly *a, section *s, uint32_t number)
{
    for (; number >= 0x80; number >>= 7)
        mote_asm_dwarf_number(a, s, number | 0x80, 1);
    mote_asm_dwarf_number(a, s, number, 1);
}

void mote_asm_dwarf_sleb128(mote_xt_assembly *a, section *s, int64_t number)
{
    for (; number < -64 || number > 63; number >>= 7)
        mote_asm_dwarf_number(a, s, (uint32_t)(number & 0x7f) | 0x80, 1);
    mote_asm_dwarf_number(a, s, (uint32_t)(number & 0x7f), 1);
}

void mote_asm_dwarf_text(mote_xt_assembly *a, section *s, const char *text)
{
    mote_asm_bytes(a, s, text, strlen(text) + 1);
}

void mote_asm_dwarf_address(mote_xt_assembly *a, section *s, symbol *at)
{
    mote_asm_fixup(a, s, 4, mote_asm_symbol_expr(a, at), NULL, NULL);
}

void mote_asm_dwarf_distance(mote_xt_assembly *a, section *s, symbol *from, symbol *to, int64_t less, uint8_t size)
{
    const expr *e = mote_asm_binary(a, EXPR_SUB, mote_asm_symbol_expr(a, to), mote_asm_symbol_expr(a, from));
    mote_asm_fixup(a, s, size, less ? mote_asm_binary(a, EXPR_SUB, e, mote_asm_number(a, less)) : e, NULL, NULL);
}

symbol *mote_asm_dwarf_begin(mote_xt_assembly *a, section *s)
{
    mote_asm_place(a, s); /* creates an item */
    symbol *begin = mote_arena_alloc(&a->arena, sizeof *begin);
    *begin = (symbol){.name = ".", .kind = SYMBOL_PLACE, .place = {s, s->first, 0}};
    return begin;
}

symbol *mote_asm_dwarf_end(mote_xt_assembly *a, section *s)
{
    section *before = a->section;
    a->section = s;
    symbol *end = mote_asm_here(a);
    a->section = before;
    return end;
}

symbol *mote_asm_dwarf_unit(mote_xt_assembly *a, section *s)
{
    symbol *begin = mote_asm_dwarf_begin(a, s), *end = mote_arena_alloc(&a->arena, sizeof *end);
    *end = *begin;
    mote_asm_dwarf_distance(a, s, begin, end, 4, 4);
    mote_asm_dwarf_number(a, s, 5, 2);
    return end;
}
