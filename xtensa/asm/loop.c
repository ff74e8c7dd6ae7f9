/* Zero-overhead loops: the no-ops before a loop, the check of its last instruction, and loops that are longer than the
 * loop instruction reaches. The core fetches a loop's first instruction again in every iteration, and needs it within
 * one aligned word to do so at once. */
#include <string.h>

#include "xtensa/asm/forms.h"

#define TAIL 24 /* bytes, a multiple of the word: it does not change the alignment of the loop's body */

static unsigned nop_size(uint32_t left)
{
    return left == 2 || left == 4 ? 2 : 3;
}

unsigned mote_asm_first_size(const item *it)
{
    bool behind_loop = it->kind == ITEM_LOOP_PADDING;
    for (it = it->next; it; it = it->next) {
        if ((it->size == 0 && it->kind != ITEM_ALIGN && it->kind != ITEM_ORG) || it->kind == ITEM_LOOP_TAIL)
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

/* Appends padding before a loop: after its labels, but before the position of a `.` among the operands, which is the
 * loop itself. */
static item *place_padding(mote_xt_assembly *a)
{
    const item *last = a->section->last;
    bool labelled = last && last->previous && last->previous->kind == ITEM_TARGET;
    return labelled ? mote_asm_item(a, a->section, ITEM_LOOP_PADDING)
                    : mote_asm_item_before_label(a, ITEM_LOOP_PADDING);
}

/* The end in the loop instruction is a symbol: that of the source while it is within reach, and the end of the tail
 * otherwise. */
void mote_asm_place_loop(mote_xt_assembly *a, instruction *in)
{
    instruction *written = mote_arena_alloc(&a->arena, sizeof *written);
    symbol *end = mote_arena_alloc(&a->arena, sizeof *end);
    *written = *in;
    *end = (symbol){.name = ".", .kind = SYMBOL_VALUE, .value = in->operands[1]};
    in->operands[1] = mote_asm_symbol_expr(a, end);
    item *padding = place_padding(a);
    mote_asm_put(a, in);
    item *tail = mote_asm_item(a, a->section, ITEM_LOOP_TAIL);
    padding->reserved = tail;
    padding->insn = tail->insn = written;
    tail->loop_end = end;
}

void mote_asm_relax_loop(mote_xt_assembly *a, section *s, item *tail, uint32_t stretch)
{
    const mote_xt_insn *loop = tail->insn->insn;
    value end = mote_asm_eval(a, tail->insn->operands[1]);
    if (a->pass == 1 || tail->size || end.kind != VALUE_PLACE || end.section != s)
        return;
    int64_t distance = end.number + (int32_t)stretch - (tail->address - loop->size);
    if (distance <= loop->operands[1].max)
        return;
    tail->size = TAIL;
    tail->loop_end->kind = SYMBOL_PLACE;
    tail->loop_end->place = (place){s, tail, TAIL};
}

/* Returns the size of the test that skips a loop whose count may be 0: a branch and a jump. The loop instruction
 * itself skips only its tail. */
static uint32_t test_size(const item *padding)
{
    return padding->reserved->size && !mote_asm_is(padding->insn, "loop") ? 6 : 0;
}

uint32_t mote_asm_loop_padding(const item *it)
{
    unsigned first = mote_asm_first_size(it);
    uint32_t test = test_size(it);
    for (uint32_t padding = 0; first && padding <= 9; padding++) {
        bool sum_of_nops = it->insn->density ? padding != 1 : padding % 3 == 0;
        if (sum_of_nops && (it->address + padding + test + it->insn->insn->size) % 4 + first <= 4)
            return padding + test;
    }
    return test;
}

/* Emits one instruction of a long loop. Returns the offset behind it. */
static uint32_t emit(mote_xt_assembly *a, section *s, uint32_t at, const instruction *loop, const char *mnemonic,
                     const expr *const *operands)
{
    instruction in = *loop;
    in.insn = mote_xt_find(mnemonic);
    for (int i = 0; i < in.insn->operand_count; i++)
        in.operands[i] = operands[i];
    for (int i = 0; i < MOTE_XT_MAX_OPERANDS; i++)
        in.at[i] = loop->at[1];
    mote_asm_emit_instruction(a, s, at, &in);
    return at + in.insn->size;
}

/* The branch goes over the jump, which is the end of the test. */
static uint32_t emit_test(mote_xt_assembly *a, section *s, item *it)
{
    const instruction *loop = it->insn;
    symbol begin = {.name = ".", .kind = SYMBOL_PLACE, .place = {s, it, test_size(it)}};
    const expr over = {.op = EXPR_SYMBOL, .symbol = &begin}, *count = loop->operands[0];
    uint32_t at =
        mote_asm_is(loop, "loopnez")
            ? emit(a, s, it->address, loop, "bnez", (const expr *const[]){count, &over})
            : emit(a, s, it->address, loop, "bgei", (const expr *const[]){count, mote_asm_number(a, 1), &over});
    return emit(a, s, at, loop, "j", (const expr *const[]){loop->operands[1]});
}

void mote_asm_emit_loop_padding(mote_xt_assembly *a, section *s, item *it)
{
    uint32_t at = test_size(it) ? emit_test(a, s, it) : it->address, end = it->address + it->size;
    while (at < end)
        at = emit(a, s, at, it->insn, nop_size(end - at) == 2 ? "nop.n" : "nop", NULL);
}

/* Emits the tail: the loop instruction has set the loop to the tail itself. The tail moves the loop to the body, before
 * it can repeat, and sets the register to the count again. */
void mote_asm_emit_loop_tail(mote_xt_assembly *a, section *s, const item *it)
{
    if (it->size == 0)
        return;
    const instruction *loop = it->insn;
    value begin = mote_asm_eval(a, mote_asm_symbol_expr(a, it->loop_end)), end = mote_asm_eval(a, loop->operands[1]);
    int64_t length = end.number - begin.number, low = ((length + 128) & 255) - 128;
    if (length - low > 32512) {
        mote_asm_error_at(a, loop->line, loop->at[1], "the loop is %lld bytes long; expected at most %d",
                          (long long)length, 32512 + 127);
        return;
    }
    const expr *r = loop->operands[0];
    const expr *const registers[] = {r, r, mote_asm_number(a, low)};
    const expr *const high[] = {r, r, mote_asm_number(a, length - low)}, *const one[] = {r, r, mote_asm_number(a, 1)};
    uint32_t at = emit(a, s, it->address, loop, "rsr.lend", registers);
    at = emit(a, s, at, loop, "wsr.lbeg", registers);
    at = emit(a, s, at, loop, "addi", registers);
    at = emit(a, s, at, loop, "addmi", high);
    at = emit(a, s, at, loop, "wsr.lend", registers);
    at = emit(a, s, at, loop, "isync", NULL);
    at = emit(a, s, at, loop, "rsr.lcount", registers);
    emit(a, s, at, loop, "addi", one);
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
