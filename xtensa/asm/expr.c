/* Expression trees: construction and evaluation. */
#include "xtensa/asm/assembler.h"

#define MAX_STEPS 10000     /* nodes visited in one evaluation: chains of .set share subtrees, and can be exponential */
#define MAX_WORK  300000000 /* nodes visited in all evaluations */

const expr *mote_asm_number(mote_xt_assembly *a, int64_t number)
{
    expr *e = mote_arena_alloc(&a->arena, sizeof *e);
    *e = (expr){.op = EXPR_NUMBER, .number = number};
    return e;
}

const expr *mote_asm_symbol_expr(mote_xt_assembly *a, symbol *s)
{
    expr *e = mote_arena_alloc(&a->arena, sizeof *e);
    *e = (expr){.op = EXPR_SYMBOL, .symbol = s};
    s->referenced = true;
    return e;
}

/* Computes on numbers modulo 2^64. Returns false on division by zero. Comparisons give -1 for true, as in GNU as. */
static bool compute(enum expr_op op, int64_t x, int64_t y, int64_t *out)
{
    uint64_t ux = (uint64_t)x, uy = (uint64_t)y;
    switch (op) {
    case EXPR_MUL:
        *out = (int64_t)(ux * uy);
        break;
    case EXPR_DIV:
    case EXPR_MOD:
        if (y == 0)
            return false;
        if (y == -1)
            *out = op == EXPR_DIV ? (int64_t)(0 - ux) : 0;
        else
            *out = op == EXPR_DIV ? x / y : x % y;
        break;
    case EXPR_SHL:
        *out = uy < 64 ? (int64_t)(ux << uy) : 0;
        break;
    case EXPR_SHR:
        *out = uy < 64 ? (int64_t)(ux >> uy) : 0;
        break;
    case EXPR_OR:
        *out = x | y;
        break;
    case EXPR_AND:
        *out = x & y;
        break;
    case EXPR_XOR:
        *out = x ^ y;
        break;
    case EXPR_ORNOT:
        *out = x | ~y;
        break;
    case EXPR_ADD:
        *out = (int64_t)(ux + uy);
        break;
    case EXPR_SUB:
        *out = (int64_t)(ux - uy);
        break;
    case EXPR_EQ:
        *out = -(int64_t)(x == y);
        break;
    case EXPR_NE:
        *out = -(int64_t)(x != y);
        break;
    case EXPR_LT:
        *out = -(int64_t)(x < y);
        break;
    case EXPR_LE:
        *out = -(int64_t)(x <= y);
        break;
    case EXPR_GT:
        *out = -(int64_t)(x > y);
        break;
    case EXPR_GE:
        *out = -(int64_t)(x >= y);
        break;
    case EXPR_LAND:
        *out = x && y;
        break;
    case EXPR_LOR:
        *out = x || y;
        break;
    case EXPR_NEGATE:
        *out = (int64_t)(0 - uy);
        break;
    case EXPR_NOT:
        *out = !y;
        break;
    case EXPR_COMPLEMENT:
        *out = ~y;
        break;
    default:
        return false;
    }
    return true;
}

/* Unary operators have no left operand. Operators on numbers are folded. */
const expr *mote_asm_binary(mote_xt_assembly *a, enum expr_op op, const expr *left, const expr *right)
{
    int64_t number;
    if ((!left || left->op == EXPR_NUMBER) && right->op == EXPR_NUMBER &&
        compute(op, left ? left->number : 0, right->number, &number))
        return mote_asm_number(a, number);
    uint16_t depth = left && left->depth > right->depth ? left->depth : right->depth;
    if (depth >= MAX_TREE) {
        mote_asm_error(a, a->at, "the expression is nested too deeply; split it with .set");
        return NULL;
    }
    expr *e = mote_arena_alloc(&a->arena, sizeof *e);
    *e = (expr){.op = op, .depth = (uint16_t)(depth + 1), .left = left, .right = right};
    return e;
}

static value problem(const char *text)
{
    return (value){.kind = VALUE_ERROR, .problem = text};
}

static value evaluate(mote_xt_assembly *a, const expr *e, int *steps, int depth);

static value evaluate_symbol(mote_xt_assembly *a, symbol *s, int *steps, int depth)
{
    switch (s->kind) {
    case SYMBOL_VALUE:
        return evaluate(a, s->value, steps, depth + 1);
    case SYMBOL_PLACE: {
        const place *p = &s->place;
        uint32_t offset = p->item->address + p->offset;
        if (a->placed)
            return (value){.kind = VALUE_NUMBER, .number = p->section->address + offset, .settled = true};
        if (p->section->absolute)
            return (value){.kind = VALUE_NUMBER,
                           .number = p->section->address + offset,
                           .settled = a->laid_out || p->item->epoch == 0};
        if (s->binding == STB_WEAK)
            break;
        return (value){.kind = VALUE_PLACE,
                       .number = offset,
                       .section = p->section,
                       .epoch = p->item->epoch,
                       .settled = a->laid_out};
    }
    default:
        break;
    }
    return (value){.kind = VALUE_EXTERNAL, .symbol = s, .settled = s->kind == SYMBOL_COMMON || a->laid_out};
}

static value combine(const mote_xt_assembly *a, enum expr_op op, value x, value y)
{
    value out = x;
    out.settled = x.settled && y.settled;
    if (x.kind == VALUE_NUMBER && y.kind == VALUE_NUMBER) {
        if (!compute(op, x.number, y.number, &out.number))
            return problem("division by zero");
        return out;
    }
    if ((op == EXPR_ADD || op == EXPR_SUB) && y.kind == VALUE_NUMBER) {
        compute(op, x.number, y.number, &out.number);
        return out;
    }
    if (op == EXPR_ADD && x.kind == VALUE_NUMBER) {
        out = y;
        out.settled = x.settled && y.settled;
        compute(op, x.number, y.number, &out.number);
        return out;
    }
    if (x.kind == VALUE_PLACE && y.kind == VALUE_PLACE && x.section == y.section && op >= EXPR_SUB && op <= EXPR_GE) {
        out = (value){.kind = VALUE_NUMBER, .settled = a->laid_out || x.epoch == y.epoch};
        compute(op, x.number, y.number, &out.number);
        return out;
    }
    if (x.kind == VALUE_PLACE && y.kind == VALUE_PLACE && op == EXPR_SUB)
        return problem("the difference of symbols in two sections is not known to the assembler");
    return problem("an address can only be added to and subtracted from");
}

static value evaluate(mote_xt_assembly *a, const expr *e, int *steps, int depth)
{
    if (++*steps > MAX_STEPS || depth > 2 * MAX_TREE)
        return problem("the expression refers to itself, or is too large");
    if (++a->work > MAX_WORK)
        return problem("the expressions of this file are too much work; make them simpler");
    if (e->op == EXPR_NUMBER)
        return (value){.kind = VALUE_NUMBER, .number = e->number, .settled = true};
    if (e->symbol)
        return evaluate_symbol(a, e->symbol, steps, depth);
    value left = {.kind = VALUE_NUMBER, .settled = true};
    if (e->left)
        left = evaluate(a, e->left, steps, depth + 1);
    if (left.kind == VALUE_ERROR)
        return left;
    value right = evaluate(a, e->right, steps, depth + 1);
    if (right.kind == VALUE_ERROR)
        return right;
    return combine(a, e->op, left, right);
}

value mote_asm_eval(mote_xt_assembly *a, const expr *e)
{
    int steps = 0;
    return evaluate(a, e, &steps, 0);
}
