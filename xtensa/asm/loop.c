/* The no-ops in front of a loop. The core fetches a loop's first instruction again at every turn, and needs it within
 * one aligned word. */
#include "xtensa/asm/assembler.h"

/* Size of the first instruction behind the loop that follows `padding`, or 0 when something else stands there. */
static unsigned body_size(const item *padding)
{
    const item *it = padding->next;
    while (it && it->kind == ITEM_DATA && it->size == 0)
        it = it->next;
    if (!it || it->kind != ITEM_DATA)
        return 0;
    uint32_t loop_size = mote_xt_size(it->bytes[0]);
    if (it->size > loop_size)
        return mote_xt_size(it->bytes[loop_size]);
    for (it = it->next; it && it->kind == ITEM_DATA; it = it->next)
        if (it->size)
            return mote_xt_size(it->bytes[0]);
    bool narrow = it && it->kind == ITEM_BRANCH && it->size == 2;
    bool other = !it || (it->kind != ITEM_BRANCH && it->kind != ITEM_LOOP_PADDING);
    return other ? 0 : narrow ? 2 : 3;
}

uint8_t mote_asm_loop_padding(const item *it)
{
    unsigned first = body_size(it);
    for (uint8_t padding = 0; first && padding <= 9; padding++) {
        bool sum_of_nops = it->insn->density ? padding != 1 : padding % 3 == 0;
        if (sum_of_nops && (it->address + padding + it->insn->insn->size) % 4 + first <= 4)
            return padding;
    }
    return 0;
}

void mote_asm_emit_loop_padding(mote_xt_assembly *a, section *s, const item *it)
{
    instruction nop = *it->insn;
    uint32_t at = it->address;
    for (uint32_t left = it->size; left; left -= nop.insn->size, at += nop.insn->size) {
        nop.insn = mote_xt_find(left == 2 || left == 4 ? "nop.n" : "nop");
        mote_asm_emit_instruction(a, s, at, &nop);
    }
}
