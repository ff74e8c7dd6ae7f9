/* Chooses the form of branches and calls: narrow (16-bit), as written, or a sequence that reaches further. */
#include <string.h>

#include "xtensa/asm/forms.h"

enum form { FORM_NARROW, FORM_PLAIN, FORM_FAR };

static bool has_label(const instruction *in)
{
    int n = in->insn->operand_count;
    return n && in->insn->operands[n - 1].kind == MOTE_XT_LABEL;
}

/* Allows a call to go through a register: under longcalls when the target is in another section, and always when it is
 * in this section but out of reach. The register is the one that the window rotation makes the callee's a0. */
static void allow_long_call(mote_xt_assembly *a, instruction *in)
{
    static const struct {
        const char *call, *far;
        int reg;
    } calls[] = {{"call0", "callx0", 0}, {"call4", "callx4", 4}, {"call8", "callx8", 8}, {"call12", "callx12", 12}};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (mote_asm_is(in, calls[i].call)) {
            in->far = mote_xt_find(calls[i].far);
            in->scratch = mote_asm_number(a, calls[i].reg);
            in->near = !a->modes.longcalls;
        }
}

/* Replaces a comparison with zero, which cannot be encoded: beqi a2, 0 becomes beqz a2. */
static void compare_with_zero(mote_xt_assembly *a, instruction *in)
{
    static const char *const branches[][2] = {{"beqi", "beqz"}, {"bnei", "bnez"}, {"blti", "bltz"}, {"bgei", "bgez"}};
    for (size_t i = 0; i < sizeof branches / sizeof *branches; i++) {
        if (!mote_asm_is(in, branches[i][0]))
            continue;
        value v = mote_asm_eval(a, in->operands[1]);
        if (v.kind != VALUE_NUMBER || !v.settled || v.number != 0)
            return;
        in->insn = mote_xt_find(branches[i][1]);
        in->operands[1] = in->operands[2];
        in->at[1] = in->at[2];
        return;
    }
}

/* Marks a label as the target of a branch or the end of a loop, on which its alignment depends. Targets of jumps and
 * calls are not marked. */
static void mark_target(const instruction *in)
{
    const expr *e = in->operands[in->insn->operand_count - 1];
    if (e->op != EXPR_SYMBOL)
        return;
    e->symbol->loop_end |= mote_asm_is_loop(in->insn);
    e->symbol->branched_to |= mote_asm_shape(in->insn) != NULL;
}

static void place_branch(mote_xt_assembly *a, instruction *in)
{
    if (!in->exact)
        compare_with_zero(a, in);
    if (!in->exact)
        allow_long_call(a, in);
    mark_target(in);
    const shape *forms = mote_asm_shape(in->insn);
    if (in->exact || !(forms || in->scratch)) {
        if (!in->exact && mote_asm_is_loop(in->insn))
            mote_asm_place_loop(a, in);
        else
            mote_asm_put(a, in);
        return;
    }
    bool asked = forms && forms->narrow && mote_asm_is(in, forms->narrow);
    bool narrow = forms && forms->narrow && (in->density || asked);
    if (forms)
        in->insn = mote_xt_find(forms->wide);
    if (a->section->align < 4)
        a->section->align = 4;
    item *it = mote_asm_item(a, a->section, ITEM_BRANCH);
    it->insn = in;
    if (in->scratch && !in->near)
        it->reserved = mote_asm_reserve_literal(a, a->section);
    it->form = narrow ? FORM_NARROW : FORM_PLAIN;
    it->size = narrow ? 2 : 3;
}

/* Appends items for alignment: the return point after a call, and room for zeros after an instruction that never goes
 * on to the next one. */
static void note_what_follows(mote_xt_assembly *a, const mote_xt_insn *insn)
{
    static const char *const leaving[] = {"j",   "jx",   "ret", "ret.n", "retw", "retw.n",
                                          "rfe", "rfde", "rfi", "rfwo",  "rfwu", NULL};
    if (a->modes.target_align && strncmp(insn->mnemonic, "call", 4) == 0)
        mote_asm_item(a, a->section, ITEM_TARGET)->aligns = true;
    for (const char *const *name = leaving; *name; name++)
        if (strcmp(insn->mnemonic, *name) == 0)
            mote_asm_item(a, a->section, ITEM_UNREACHABLE);
}

void mote_asm_place_instruction(mote_xt_assembly *a, instruction *in)
{
    const mote_xt_insn *written = in->insn;
    if (mote_asm_is(in, "entry") && !in->exact)
        mote_asm_pool(a, true);
    if (has_label(in))
        place_branch(a, in);
    else
        mote_asm_put_plain(a, in);
    if (!in->exact)
        note_what_follows(a, written);
}

static const mote_xt_insn *inverse_of(const instruction *in)
{
    const shape *forms = mote_asm_shape(in->insn);
    const mote_xt_insn *inverse = mote_xt_find(forms->inverse);
    const shape *other = in->density ? mote_asm_shape(inverse) : NULL;
    return other && other->narrow ? mote_xt_find(other->narrow) : inverse;
}

static const mote_xt_insn *insn_of(const item *it)
{
    const instruction *in = it->insn;
    bool narrow = it->form == FORM_NARROW && it->size == 2; /* size 3: widened to align what follows */
    return narrow ? mote_xt_find(mote_asm_shape(in->insn)->narrow) : in->insn;
}

static uint32_t form_size(const item *it)
{
    if (it->form < FORM_FAR)
        return it->form == FORM_NARROW ? 2 : 3;
    return it->insn->scratch ? 6 : inverse_of(it->insn)->size + 3U; /* l32r and the far jump; or branch and j */
}

/* Returns the item to which an address is relative, or NULL. */
static const item *anchor(const expr *e)
{
    for (int depth = 0; depth < MAX_TREE && e; depth++) {
        if (e->op == EXPR_ADD || e->op == EXPR_SUB)
            e = e->left;
        else if (e->op != EXPR_SYMBOL || e->symbol->kind != SYMBOL_VALUE)
            return e->op == EXPR_SYMBOL && e->symbol->kind == SYMBOL_PLACE ? e->symbol->place.item : NULL;
        else
            e = e->symbol->value;
    }
    return NULL;
}

/* True if the current form reaches the target. A target in another section is assumed to be reached if `near` is set,
 * and otherwise needs the far form. */
static bool reaches(mote_xt_assembly *a, const section *s, const item *it, uint32_t stretch)
{
    const instruction *in = it->insn;
    int32_t values[MOTE_XT_MAX_OPERANDS] = {0};
    int last = in->insn->operand_count - 1;
    value target = mote_asm_eval(a, in->operands[last]);
    if (target.kind == VALUE_ERROR)
        return true; /* reported when it is emitted */
    if (target.kind != VALUE_PLACE || target.section != s)
        return in->near;
    for (int i = 0; i < last; i++)
        values[i] = (int32_t)mote_asm_eval(a, in->operands[i]).number;
    const item *at = anchor(in->operands[last]);
    if (a->pass == 1 && at && at->pass != a->pass)
        return true; /* later items have no addresses in the first pass */
    values[last] = (int32_t)target.number + (at && at->pass != a->pass ? (int32_t)stretch : 0);
    uint32_t word;
    int operand;
    mote_xt_fault fault = mote_xt_encode(insn_of(it), values, it->address, &word, &operand);
    return fault == MOTE_XT_FINE || operand != last;
}

void mote_asm_relax(mote_xt_assembly *a, section *s, item *it, uint32_t stretch, bool force)
{
    while (it->form != FORM_FAR && !reaches(a, s, it, stretch)) {
        it->form = force ? FORM_FAR : it->form + 1;
        it->size = form_size(it);
        if (it->form != FORM_FAR || !it->insn->scratch || it->literal)
            continue;
        a->line = it->line;
        it->literal = mote_asm_literal(a, s, it->reserved, it->insn->operands[0], it->insn->at[0]);
    }
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
    if (!mote_asm_is(it->insn, "j") && !a->placed)
        mote_asm_relocate(a, s, it->address, R_XTENSA_ASM_EXPAND, mote_asm_eval(a, it->insn->operands[0]));
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
