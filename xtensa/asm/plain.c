/* Chooses the form of instructions without a label: narrow (16-bit), as written, or several that do the same. */
#include <string.h>

#include "xtensa/asm/forms.h"

static const shape shapes[] = {
    {"add", "add.n", NULL},     {"addi", "addi.n", NULL},   {"l32i", "l32i.n", NULL}, {"s32i", "s32i.n", NULL},
    {"movi", "movi.n", NULL},   {"nop", "nop.n", NULL},     {"ret", "ret.n", NULL},   {"retw", "retw.n", NULL},
    {"beqz", "beqz.n", "bnez"}, {"bnez", "bnez.n", "beqz"}, {"bltz", NULL, "bgez"},   {"bgez", NULL, "bltz"},
    {"beq", NULL, "bne"},       {"bne", NULL, "beq"},       {"beqi", NULL, "bnei"},   {"bnei", NULL, "beqi"},
    {"blt", NULL, "bge"},       {"bge", NULL, "blt"},       {"blti", NULL, "bgei"},   {"bgei", NULL, "blti"},
    {"bltu", NULL, "bgeu"},     {"bgeu", NULL, "bltu"},     {"bltui", NULL, "bgeui"}, {"bgeui", NULL, "bltui"},
    {"ball", NULL, "bnall"},    {"bnall", NULL, "ball"},    {"bany", NULL, "bnone"},  {"bnone", NULL, "bany"},
    {"bbc", NULL, "bbs"},       {"bbs", NULL, "bbc"},       {"bbci", NULL, "bbsi"},   {"bbsi", NULL, "bbci"},
    {"bf", NULL, "bt"},         {"bt", NULL, "bf"},
};

const shape *mote_asm_shape(const mote_xt_insn *insn)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strcmp(shapes[i].wide, insn->mnemonic) == 0 ||
            (shapes[i].narrow && strcmp(shapes[i].narrow, insn->mnemonic) == 0))
            return &shapes[i];
    return NULL;
}

bool mote_asm_is(const instruction *in, const char *mnemonic)
{
    return strcmp(in->insn->mnemonic, mnemonic) == 0;
}

static bool fits(const mote_xt_insn *insn, const int32_t *values)
{
    uint32_t word;
    int operand;
    return mote_xt_encode(insn, values, 0, &word, &operand) == MOTE_XT_FINE;
}

/* Evaluates the operands. Returns false when one is not a number known at this point. */
static bool known_values(mote_xt_assembly *a, const instruction *in, int32_t *values)
{
    for (int i = 0; i < in->insn->operand_count; i++) {
        value v = mote_asm_eval(a, in->operands[i]);
        if (v.kind != VALUE_NUMBER || !v.settled || v.number < INT32_MIN || v.number > UINT32_MAX)
            return false;
        values[i] = (int32_t)v.number;
    }
    return true;
}

/* Returns the 24-bit instruction that can replace a 16-bit one wherever it stands, or NULL. */
static const mote_xt_insn *widened(const instruction *in)
{
    if (mote_asm_is(in, "mov.n"))
        return mote_xt_find("or");
    const shape *forms = mote_asm_shape(in->insn);
    bool narrow = forms && forms->narrow && mote_asm_is(in, forms->narrow);
    return narrow ? mote_xt_find(forms->wide) : NULL;
}

void mote_asm_put(mote_xt_assembly *a, const instruction *in)
{
    if (a->section->align < 4)
        a->section->align = 4; /* l32r, calls and loops count words from the section's start */
    if (in->density && widened(in)) {
        item *it = mote_asm_item(a, a->section, ITEM_NARROW);
        it->insn = in;
        it->size = 2;
        return;
    }
    mote_asm_fixup(a, a->section, in->insn->size, NULL, in, in->at[MOTE_XT_MAX_OPERANDS]);
}

void mote_asm_emit_narrow(mote_xt_assembly *a, section *s, const item *it)
{
    instruction in = *it->insn;
    if (it->size == 3) {
        if (mote_asm_is(&in, "mov.n"))
            in.operands[2] = in.operands[1];
        in.insn = widened(it->insn);
    }
    mote_asm_emit_instruction(a, s, it->address, &in);
}

/* Appends another instruction of the same statement. */
static void put_other(mote_xt_assembly *a, const instruction *from, const char *mnemonic, const expr *const *operands)
{
    instruction *in = mote_arena_alloc(&a->arena, sizeof *in);
    in->insn = mote_xt_find(mnemonic);
    in->line = from->line;
    in->density = from->density;
    for (int i = 0; i <= MOTE_XT_MAX_OPERANDS; i++)
        in->at[i] = from->at[MOTE_XT_MAX_OPERANDS];
    for (int i = 0; in->insn && i < in->insn->operand_count; i++)
        in->operands[i] = operands[i];
    if (in->insn)
        mote_asm_put(a, in);
}

static void put_literal_load(mote_xt_assembly *a, const instruction *from, const expr *reg, const expr *what,
                             const char *at)
{
    symbol *literal = mote_asm_literal(a, a->section, NULL, what, at);
    if (literal)
        put_other(a, from, "l32r", (const expr *const[]){reg, mote_asm_symbol_expr(a, literal)});
}

/* Appends mov.n or nop.n for an instruction that copies a register: or a, b, b, additions of 0 and shifts by 0. Returns
 * false when it does anything else. */
static bool put_as_move(mote_xt_assembly *a, const instruction *in, const int32_t *values)
{
    bool copies = mote_asm_is(in, "or") ? values[1] == values[2]
                                        : (mote_asm_is(in, "addi") || mote_asm_is(in, "addi.n") ||
                                           mote_asm_is(in, "addmi") || mote_asm_is(in, "slli")) &&
                                              values[2] == 0;
    if (!copies)
        return false;
    bool nothing = mote_asm_is(in, "or") && values[0] == values[1];
    put_other(a, in, nothing ? "nop.n" : "mov.n", in->operands);
    return true;
}

/* Appends instructions for a load whose offset is too large; they compute the address in the register that is loaded.
 * Returns false when the instruction is no such load, or loads its own base register. */
static bool put_far_load(mote_xt_assembly *a, const instruction *in)
{
    static const char *const loads[] = {"l32i", "l32i.n", "l16si", "l16ui", "l8ui"};
    const expr *const *o = in->operands;
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
        if (!mote_asm_is(in, loads[i]) || o[0]->number == o[1]->number)
            continue;
        const expr *zero = mote_asm_number(a, 0);
        put_literal_load(a, in, o[0], o[2], in->at[2]);
        put_other(a, in, in->density ? "add.n" : "add", (const expr *const[]){o[0], o[0], o[1]});
        put_other(a, in,
                  i < 2 && in->density ? "l32i.n"
                  : i < 2              ? "l32i"
                                       : loads[i],
                  (const expr *const[]){o[0], o[0], zero});
        return true;
    }
    return false;
}

/* Appends instructions for rt = rs + sum where the sum does not fit in one addi: addmi and addi, or a literal in rt and
 * an add. Returns false when rt would need a literal but is rs. */
static bool put_sum(mote_xt_assembly *a, const instruction *in, int64_t sum)
{
    const expr *const *o = in->operands;
    int64_t low = ((sum + 128) & 255) - 128, high = sum - low; /* addi adds -128..127 */
    if (high < -32768 || high > 32512) {
        if (o[0]->number == o[1]->number)
            return false;
        put_literal_load(a, in, o[0], o[2], in->at[2]);
        put_other(a, in, in->density ? "add.n" : "add", (const expr *const[]){o[0], o[1], o[0]});
        return true;
    }
    const expr *from = o[1];
    if (high) {
        put_other(a, in, "addmi", (const expr *const[]){o[0], from, mote_asm_number(a, high)});
        from = o[0];
    }
    bool narrow = in->density && (low == -1 || (low > 0 && low < 16));
    if (low)
        put_other(a, in, narrow ? "addi.n" : "addi", (const expr *const[]){o[0], from, mote_asm_number(a, low)});
    return true;
}

/* Appends instructions that replace one whose number is out of range. Returns false when there are none. */
static bool put_widened(mote_xt_assembly *a, const instruction *in, const int32_t *values)
{
    const expr *const *o = in->operands;
    if (mote_asm_is(in, "movi") || mote_asm_is(in, "movi.n")) {
        put_literal_load(a, in, o[0], o[1], in->at[1]);
        return true;
    }
    if (mote_asm_is(in, "addi") || mote_asm_is(in, "addi.n") || mote_asm_is(in, "addmi"))
        return put_sum(a, in, values[2]);
    if (mote_asm_is(in, "srli") && values[2] >= 16 && values[2] <= 31) {
        put_other(a, in, "extui",
                  (const expr *const[]){o[0], o[1], mote_asm_number(a, values[2]), mote_asm_number(a, 32 - values[2])});
        return true;
    }
    return put_far_load(a, in);
}

/* An instruction without a label does not depend on the layout: its form is chosen at once, if the operands are known.
 */
void mote_asm_put_plain(mote_xt_assembly *a, instruction *in)
{
    int32_t values[MOTE_XT_MAX_OPERANDS] = {0};
    if (in->exact) {
        mote_asm_put(a, in);
        return;
    }
    if (!known_values(a, in, values)) {
        if (mote_asm_is(in, "movi") || mote_asm_is(in, "movi.n"))
            put_literal_load(a, in, in->operands[0], in->operands[1], in->at[1]);
        else
            mote_asm_put(a, in);
        return;
    }
    if (in->density && put_as_move(a, in, values))
        return;
    const shape *forms = mote_asm_shape(in->insn);
    if (forms) {
        const mote_xt_insn *narrow = forms->narrow ? mote_xt_find(forms->narrow) : NULL;
        bool asked = narrow == in->insn;
        if (narrow && (in->density || asked) && fits(narrow, values))
            in->insn = narrow;
        else
            in->insn = mote_xt_find(forms->wide);
    }
    if (fits(in->insn, values) || !put_widened(a, in, values))
        mote_asm_put(a, in);
}
