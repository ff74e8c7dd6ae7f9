/* Zero-overhead loops: the no-ops before a loop, and the check of its last instruction. The core fetches a loop's first
 * instruction again in every iteration, and needs it within one aligned word to do so at once. */
#include <string.h>

#include "xtensa/asm/assembler.h"

static unsigned nop_size(uint32_t left)
{
    return left == 2 || left == 4 ? 2 : 3;
}

unsigned mote_asm_first_size(const item *it)
{
    bool behind_loop = it->kind == ITEM_LOOP_PADDING;
    for (it = it->next; it; it = it->next) {
        if (it->size == 0 && it->kind != ITEM_ALIGN && it->kind != ITEM_ORG)
            continue;
        if (it->kind == ITEM_LOOP_PADDING)
            return nop_size(it->size);
        if (it->kind == ITEM_NARROW)
            return it->size;
        if (it->kind == ITEM_BRANCH)
            return it->size == 2 ? 2 : 3;
        if (it->kind != ITEM_DATA)
            return 0;
        uint32_t first = mote_xt_size(it->bytes[0]);
        if (!behind_loop)
            return first;
        behind_loop = false;
        if (it->size > first)
            return mote_xt_size(it->bytes[first]);
    }
    return 0;
}

uint8_t mote_asm_loop_padding(const item *it)
{
    unsigned first = mote_asm_first_size(it);
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
        nop.insn = mote_xt_find(nop_size(left) == 2 ? "nop.n" : "nop");
        mote_asm_emit_instruction(a, s, at, &nop);
    }
}

bool mote_asm_is_loop(const mote_xt_insn *insn)
{
    return strncmp(insn->mnemonic, "loop", 4) == 0;
}

/* True if the instruction must not be the last of a loop: it leaves the loop's registers or the pipeline in a state
 * that breaks the jump back. */
static bool cannot_end(const mote_xt_insn *insn)
{
    static const char *const names[] = {"ret", "ret.n", "retw", "retw.n", "waiti", "rsr.lcount", "isync"};
    if (strncmp(insn->mnemonic, "call", 4) == 0 || mote_asm_is_loop(insn))
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(insn->mnemonic, names[i]) == 0)
            return true;
    return false;
}

void mote_asm_check_loop(mote_xt_assembly *a, section *s, uint32_t offset, const instruction *in)
{
    int last = in->insn->operand_count - 1;
    value end = mote_asm_eval(a, in->operands[last]);
    if (end.kind != VALUE_PLACE || end.section != s || end.number > s->size)
        return;
    uint32_t at = offset + in->insn->size, to = (uint32_t)end.number, previous = offset;
    while (at < to) {
        previous = at;
        at += mote_xt_size(s->image[at]);
    }
    int32_t values[MOTE_XT_MAX_OPERANDS];
    const mote_xt_insn *insn = mote_xt_decode(s->image + previous, to - previous, a->options.chips, previous, values);
    if (at == to && previous > offset && insn && cannot_end(insn))
        mote_asm_error_at(a, in->line, in->at[last], "%s cannot be the last instruction of a loop; put a nop behind it",
                          insn->mnemonic);
}
