/* The forms an instruction can take: narrow, as written, or several instructions that do the same further away. */
#include <string.h>

#include "xtensa/asm/assembler.h"

enum form { FORM_NARROW, FORM_PLAIN, FORM_FAR };

/* What can stand for what. `inverse` makes a branch that reaches far: the opposite branch over a jump. */
static const struct shape {
    const char *wide, *narrow, *inverse;
} shapes[] = {
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

static const struct shape *shape_of(const mote_xt_insn *insn)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strcmp(shapes[i].wide, insn->mnemonic) == 0 ||
            (shapes[i].narrow && strcmp(shapes[i].narrow, insn->mnemonic) == 0))
            return &shapes[i];
    return NULL;
}

static bool is(const instruction *in, const char *mnemonic)
{
    return strcmp(in->insn->mnemonic, mnemonic) == 0;
}

static bool has_label(const instruction *in)
{
    int n = in->insn->operand_count;
    return n && in->insn->operands[n - 1].kind == MOTE_XT_LABEL;
}

static bool fits(const mote_xt_insn *insn, const int32_t *values)
{
    uint32_t word;
    int operand;
    return mote_xt_encode(insn, values, 0, &word, &operand) == MOTE_XT_FINE;
}

/* Numbers that are known now; false when one is not. */
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

/* Puts `in` down as it is, to be completed when addresses are known. */
static void put(mote_xt_assembly *a, const instruction *in)
{
    if (a->section->align < 4)
        a->section->align = 4; /* literals, calls and loops count in words from the section's start */
    mote_asm_fixup(a, a->section, in->insn->size, NULL, in, in->at[MOTE_XT_MAX_OPERANDS]);
}

/* A further instruction of the same statement. */
static void put_other(mote_xt_assembly *a, const instruction *from, const char *mnemonic, const expr *const *operands)
{
    instruction *in = mote_arena_alloc(&a->arena, sizeof *in);
    in->insn = mote_xt_find(mnemonic);
    in->line = from->line;
    for (int i = 0; i <= MOTE_XT_MAX_OPERANDS; i++)
        in->at[i] = from->at[MOTE_XT_MAX_OPERANDS];
    for (int i = 0; in->insn && i < in->insn->operand_count; i++)
        in->operands[i] = operands[i];
    if (in->insn)
        put(a, in);
}

static void put_literal_load(mote_xt_assembly *a, const instruction *from, const expr *reg, const expr *what,
                             const char *at)
{
    symbol *literal = mote_asm_literal(a, a->section, what, at);
    if (literal)
        put_other(a, from, "l32r", (const expr *const[]){reg, mote_asm_symbol_expr(a, literal)});
}

/* mov.n or nop.n for what copies a register, when the form has no shorter name: or a, b, b and additions of 0. */
static bool put_as_move(mote_xt_assembly *a, const instruction *in, const int32_t *values)
{
    bool copies = is(in, "or")
                      ? values[1] == values[2]
                      : (is(in, "addi") || is(in, "addi.n") || is(in, "addmi") || is(in, "slli")) && values[2] == 0;
    if (!copies)
        return false;
    bool nothing = is(in, "or") && values[0] == values[1];
    put_other(a, in, nothing ? "nop.n" : "mov.n", in->operands);
    return true;
}

/* A load whose offset is too large: the address is formed in the register that is loaded. */
static bool put_far_load(mote_xt_assembly *a, const instruction *in)
{
    static const char *const loads[] = {"l32i", "l32i.n", "l16si", "l16ui", "l8ui"};
    const expr *const *o = in->operands;
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
        if (!is(in, loads[i]) || o[0]->number == o[1]->number)
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

/* Instructions that do what one with too large a number should have done; false when there are none. */
static bool put_widened(mote_xt_assembly *a, const instruction *in, const int32_t *values)
{
    const expr *const *o = in->operands;
    if (is(in, "movi") || is(in, "movi.n")) {
        put_literal_load(a, in, o[0], o[1], in->at[1]);
        return true;
    }
    if (is(in, "addi") || is(in, "addi.n")) {
        int64_t low = ((values[2] + INT64_C(128)) & 255) - 128, high = values[2] - low; /* addi adds -128..127 */
        if (high < -32768 || high > 32512)
            return false;
        put_other(a, in, "addmi", (const expr *const[]){o[0], o[1], mote_asm_number(a, high)});
        bool narrow = in->density && (low == -1 || (low > 0 && low < 16));
        if (low)
            put_other(a, in, narrow ? "addi.n" : "addi", (const expr *const[]){o[0], o[0], mote_asm_number(a, low)});
        return true;
    }
    if (is(in, "srli") && values[2] >= 16 && values[2] <= 31) {
        put_other(a, in, "extui",
                  (const expr *const[]){o[0], o[1], mote_asm_number(a, values[2]), mote_asm_number(a, 32 - values[2])});
        return true;
    }
    return put_far_load(a, in);
}

/* Without labels the form can be chosen at once, if the operands are known. */
static void place_plain(mote_xt_assembly *a, instruction *in)
{
    int32_t values[MOTE_XT_MAX_OPERANDS] = {0};
    if (in->exact) {
        put(a, in);
        return;
    }
    if (!known_values(a, in, values)) {
        if (is(in, "movi"))
            put_literal_load(a, in, in->operands[0], in->operands[1], in->at[1]);
        else
            put(a, in);
        return;
    }
    if (in->density && put_as_move(a, in, values))
        return;
    const struct shape *shape = shape_of(in->insn);
    if (shape) {
        const mote_xt_insn *narrow = shape->narrow ? mote_xt_find(shape->narrow) : NULL;
        bool asked = narrow == in->insn;
        if (narrow && (in->density || asked) && fits(narrow, values))
            in->insn = narrow;
        else
            in->insn = mote_xt_find(shape->wide);
    }
    if (fits(in->insn, values) || !put_widened(a, in, values))
        put(a, in);
}

/* Under longcalls a call may go through a register: the one its window rotation makes the callee's a0. */
static void allow_long_call(mote_xt_assembly *a, instruction *in)
{
    static const struct {
        const char *call, *far;
        int reg;
    } calls[] = {{"call0", "callx0", 0}, {"call4", "callx4", 4}, {"call8", "callx8", 8}, {"call12", "callx12", 12}};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (is(in, calls[i].call)) {
            in->far = mote_xt_find(calls[i].far);
            in->scratch = mote_asm_number(a, calls[i].reg);
        }
}

static bool is_loop(const instruction *in)
{
    return is(in, "loop") || is(in, "loopnez") || is(in, "loopgtz");
}

void mote_asm_place_instruction(mote_xt_assembly *a, instruction *in)
{
    if (is(in, "entry") && !in->exact)
        mote_asm_pool(a, true);
    if (!has_label(in)) {
        place_plain(a, in);
        return;
    }
    if (!in->exact && a->modes.longcalls)
        allow_long_call(a, in);
    const struct shape *shape = shape_of(in->insn);
    if (in->exact || !(shape || in->scratch)) {
        if (!in->exact && is_loop(in))
            mote_asm_item_before_label(a, ITEM_LOOP_PADDING)->insn = in;
        put(a, in);
        return;
    }
    bool asked = shape && shape->narrow && is(in, shape->narrow);
    bool narrow = shape && shape->narrow && (in->density || asked);
    if (shape)
        in->insn = mote_xt_find(shape->wide);
    if (a->section->align < 4)
        a->section->align = 4;
    item *it = mote_asm_item(a, a->section, ITEM_BRANCH);
    it->insn = in;
    it->pool = a->section->pool;
    it->form = narrow ? FORM_NARROW : FORM_PLAIN;
    it->size = narrow ? 2 : 3;
}

static const mote_xt_insn *inverse_of(const instruction *in)
{
    const struct shape *shape = shape_of(in->insn);
    const mote_xt_insn *inverse = mote_xt_find(shape->inverse);
    const struct shape *other = in->density ? shape_of(inverse) : NULL;
    return other && other->narrow ? mote_xt_find(other->narrow) : inverse;
}

static const mote_xt_insn *insn_of(const item *it)
{
    const instruction *in = it->insn;
    return it->form == FORM_NARROW ? mote_xt_find(shape_of(in->insn)->narrow) : in->insn;
}

static uint32_t form_size(const item *it)
{
    if (it->form < FORM_FAR)
        return insn_of(it)->size;
    return it->insn->scratch ? 6 : inverse_of(it->insn)->size + 3U; /* l32r and the far jump; or branch and j */
}

/* Whether the present form reaches. Only targets in the same section are sure to be reached by anything but the far
 * form. */
static bool reaches(mote_xt_assembly *a, const section *s, const item *it)
{
    const instruction *in = it->insn;
    int32_t values[MOTE_XT_MAX_OPERANDS] = {0};
    int last = in->insn->operand_count - 1;
    value target = mote_asm_eval(a, in->operands[last]);
    if (target.kind == VALUE_ERROR)
        return true; /* said when it is emitted */
    if (target.kind != VALUE_PLACE || target.section != s)
        return false;
    for (int i = 0; i < last; i++)
        values[i] = (int32_t)mote_asm_eval(a, in->operands[i]).number;
    values[last] = (int32_t)target.number;
    uint32_t word;
    int operand;
    mote_xt_fault fault = mote_xt_encode(insn_of(it), values, it->address, &word, &operand);
    return fault == MOTE_XT_FINE || operand != last;
}

bool mote_asm_relax(mote_xt_assembly *a, section *s, item *it, bool force)
{
    if (it->form == FORM_FAR || (!force && reaches(a, s, it)))
        return false;
    it->form = force ? FORM_FAR : it->form + 1;
    it->size = form_size(it);
    if (it->form == FORM_FAR && it->insn->scratch && !it->literal) {
        item *latest = s->pool; /* the literal goes where it would have gone when the branch was read */
        a->line = it->line;
        s->pool = it->pool;
        it->literal = mote_asm_literal(a, s, it->insn->operands[0], it->insn->at[0]);
        s->pool = latest;
    }
    return true;
}

static void emit_far_jump(mote_xt_assembly *a, section *s, const item *it)
{
    if (!it->literal)
        return;
    instruction load = *it->insn, jump = *it->insn;
    load.insn = mote_xt_find("l32r");
    load.operands[0] = it->insn->scratch;
    load.operands[1] = mote_asm_symbol_expr(a, it->literal);
    jump.insn = it->insn->far;
    jump.operands[0] = it->insn->scratch;
    mote_asm_emit_instruction(a, s, it->address, &load);
    mote_asm_emit_instruction(a, s, it->address + 3, &jump);
}

void mote_asm_emit_branch(mote_xt_assembly *a, section *s, item *it)
{
    instruction first = *it->insn;
    if (it->form < FORM_FAR) {
        first.insn = insn_of(it);
        mote_asm_emit_instruction(a, s, it->address, &first);
        return;
    }
    if (it->insn->scratch) {
        emit_far_jump(a, s, it);
        return;
    }
    int last = first.insn->operand_count - 1;
    instruction jump = {
        .insn = mote_xt_find("j"), .line = first.line, .operands = {first.operands[last]}, .at = {first.at[last]}};
    symbol end = {.name = ".", .kind = SYMBOL_PLACE, .place = {s, it, it->size}};
    expr over = {.op = EXPR_SYMBOL, .symbol = &end};
    first.insn = inverse_of(it->insn);
    first.operands[last] = &over;
    mote_asm_emit_instruction(a, s, it->address, &first);
    mote_asm_emit_instruction(a, s, it->address + first.insn->size, &jump);
}
