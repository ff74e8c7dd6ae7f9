/* LEB128: numbers as groups of seven bits. */
#include "xtensa/asm/assembler.h"

#define MOST 10 /* bytes that 64 bits need */

/* Encodes a number as groups of seven bits; the last group has bit 7 clear. Returns the number of bytes. */
static unsigned encode(int64_t number, bool is_signed, uint8_t bytes[MOST])
{
    unsigned n = 0;
    for (;;) {
        uint8_t group = number & 0x7f;
        uint64_t rest = (uint64_t)number >> 7;
        number = is_signed ? number >> 7 : (int64_t)rest;
        bool last = is_signed ? number == ((group & 0x40) ? -1 : 0) : number == 0;
        bytes[n++] = group | (last ? 0 : 0x80);
        if (last)
            return n;
    }
}

/* The size never shrinks, so that layout ends. */
uint32_t mote_asm_leb128_size(mote_xt_assembly *a, const item *it)
{
    uint8_t bytes[MOST];
    value v = mote_asm_eval(a, it->count);
    unsigned size = v.kind == VALUE_NUMBER ? encode(v.number, it->fill != 0, bytes) : 1;
    return size > it->size ? size : it->size;
}

void mote_asm_emit_leb128(mote_xt_assembly *a, section *s, const item *it)
{
    uint8_t bytes[MOST] = {0};
    value v = mote_asm_eval(a, it->count);
    if (v.kind != VALUE_NUMBER) {
        mote_asm_error_at(a, it->line, it->line->text, "%s",
                          v.kind == VALUE_ERROR ? v.problem : "this must be a number, and is an address");
        return;
    }
    unsigned n = encode(v.number, it->fill != 0, bytes);
    uint8_t more = it->fill && v.number < 0 ? 0x7f : 0;
    for (unsigned i = 0; i < it->size; i++) { /* surplus groups repeat the sign */
        uint8_t group = i < n ? bytes[i] & 0x7f : more;
        mote_asm_store(s, it->address + i, group | (i + 1 < it->size ? 0x80U : 0U), 1);
    }
}
