/* ONNX operators whose result has an element for each of an operand. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "compiler/graph/functions.h"
#include "compiler/import/onnx_rules.h"

static int map(mote_onnx_import *p, int tensor, mote_function function, float alpha, float beta)
{
    const int32_t params[] = {(int32_t)function, mote_onnx_bits(alpha), mote_onnx_bits(beta)};
    return mote_onnx_make(p, MOTE_OP_MAP, 1, &tensor, params);
}

/* Passes a value on, a constant too. */
bool mote_onnx_op_same(mote_onnx_import *p)
{
    const mote_onnx_value *from = mote_onnx_in(p, 0);
    mote_onnx_value *to = mote_onnx_find(p, p->node->outputs[0]);
    if (from && from->constant && to != from && to->tensor < 0 && !to->constant) {
        to->constant = from->constant;
        to->rank = from->rank;
        memcpy(to->dims, from->dims, sizeof to->dims);
        memcpy(to->order, from->order, sizeof to->order);
        return true;
    }
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    return x ? mote_onnx_finish_like(p, x, x->tensor) : done;
}

bool mote_onnx_op_dropout(mote_onnx_import *p)
{
    const mote_onnx_value *trains = mote_onnx_in(p, 2);
    if (trains &&
        (!trains->constant || mote_onnx_count(trains->constant) != 1 || mote_onnx_at(trains->constant, 0) != 0))
        return mote_onnx_refuse(p, "in training");
    return mote_onnx_op_same(p);
}

/* To floats of another precision: the values stay. */
bool mote_onnx_op_cast(mote_onnx_import *p)
{
    const int64_t to = mote_onnx_int(p, "to", 0);
    return to == MOTE_ONNX_F32 || to == MOTE_ONNX_F64 ? mote_onnx_op_same(p) : mote_onnx_refuse(p, "to another type");
}

typedef struct function {
    const char *name;
    mote_function function;
    float alpha, beta; /* if the node does not state them */
} function;

static const function functions[] = {
    {"Relu", MOTE_FUNCTION_RELU, 0, 0},
    {"LeakyRelu", MOTE_FUNCTION_LEAKY_RELU, 0.01f, 0},
    {"Sigmoid", MOTE_FUNCTION_SIGMOID, 0, 0},
    {"Tanh", MOTE_FUNCTION_TANH, 0, 0},
    {"HardSigmoid", MOTE_FUNCTION_HARD_SIGMOID, 0.2f, 0.5f},
    {"HardSwish", MOTE_FUNCTION_HARD_SWISH, 0, 0},
    {"Elu", MOTE_FUNCTION_ELU, 1, 0},
    {"Exp", MOTE_FUNCTION_EXP, 0, 0},
    {"Log", MOTE_FUNCTION_LOG, 0, 0},
    {"Sqrt", MOTE_FUNCTION_SQRT, 0, 0},
    {"Abs", MOTE_FUNCTION_ABS, 0, 0},
    {"Neg", MOTE_FUNCTION_NEG, 0, 0},
    {"Erf", MOTE_FUNCTION_ERF, 0, 0},
    {"Reciprocal", MOTE_FUNCTION_RECIPROCAL, 0, 0},
    {"Softplus", MOTE_FUNCTION_SOFTPLUS, 0, 0},
    {"Sign", MOTE_FUNCTION_SIGN, 0, 0},
    {"Floor", MOTE_FUNCTION_FLOOR, 0, 0},
    {"Ceil", MOTE_FUNCTION_CEIL, 0, 0},
    {"Round", MOTE_FUNCTION_ROUND, 0, 0},
};

bool mote_onnx_op_unary(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    const function *f = functions;
    while (strcmp(f->name, p->node->operator_) != 0)
        f++;
    if (!x)
        return done;
    return mote_onnx_finish_like(
        p, x, map(p, x->tensor, f->function, mote_onnx_real(p, "alpha", f->alpha), mote_onnx_real(p, "beta", f->beta)));
}

/* Reads the number in a constant of one element; false if input i is another thing. */
static bool number(const mote_onnx_import *p, size_t i, float *out)
{
    const mote_onnx_value *v = mote_onnx_in(p, i);
    uint64_t count = 1;
    for (int k = 0; v && k < v->rank; k++)
        count *= (uint64_t)v->dims[k];
    if (v && (!v->constant || count != 1))
        return false;
    if (v)
        *out = (float)mote_onnx_at(v->constant, 0);
    return true;
}

bool mote_onnx_op_clip(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    float low = mote_onnx_real(p, "min", -FLT_MAX), high = mote_onnx_real(p, "max", FLT_MAX);
    if (!x)
        return done;
    if (!number(p, 1, &low) || !number(p, 2, &high) || !isfinite(low) || !isfinite(high))
        return mote_onnx_refuse(p, "limits that are no constants");
    return mote_onnx_finish_like(p, x, map(p, x->tensor, MOTE_FUNCTION_CLIP, low, high));
}

bool mote_onnx_op_power(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    float exponent = 0;
    if (!x)
        return done;
    if (!number(p, 1, &exponent) ||
        !(exponent == 0.5f || exponent == -0.5f || (exponent >= 1 && exponent <= 4 && exponent == floorf(exponent))))
        return mote_onnx_refuse(p, "an exponent other than 1, 2, 3, 4, 0.5 and -0.5");
    const int32_t none[MOTE_RANK] = {0};
    const bool root = fabsf(exponent) == 0.5f;
    int y = exponent == 1 ? x->tensor : map(p, x->tensor, root ? MOTE_FUNCTION_SQRT : MOTE_FUNCTION_SQUARE, 0, 0);
    if (exponent == -0.5f)
        y = map(p, y, MOTE_FUNCTION_RECIPROCAL, 0, 0);
    else if (exponent == 4)
        y = map(p, y, MOTE_FUNCTION_SQUARE, 0, 0);
    else if (exponent == 3)
        y = mote_onnx_make(p, MOTE_OP_MUL, 2, (const int[]){y, x->tensor}, none);
    return mote_onnx_finish_like(p, x, y);
}

bool mote_onnx_op_gelu(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    const bool tanh = mote_onnx_text_is(p, "approximate", "tanh", false);
    return x ? mote_onnx_finish_like(p, x, map(p, x->tensor, tanh ? MOTE_FUNCTION_GELU_TANH : MOTE_FUNCTION_GELU, 0, 0))
             : done;
}

static const struct {
    const char *name;
    mote_opcode opcode;
    bool two; /* operands, no other number */
} binaries[] = {{"Add", MOTE_OP_ADD, true},  {"Sub", MOTE_OP_SUB, true},      {"Mul", MOTE_OP_MUL, true},
                {"Div", MOTE_OP_DIV, true},  {"Min", MOTE_OP_MINIMUM, false}, {"Max", MOTE_OP_MAXIMUM, false},
                {"Sum", MOTE_OP_ADD, false}, {"Mean", MOTE_OP_ADD, false}};

/* Views a value as one of more dimensions, the first of 1. */
static mote_onnx_value widened(const mote_onnx_value *v, int rank)
{
    mote_onnx_value w = *v;
    const int added = rank - v->rank;
    for (int i = 0; i < rank; i++) {
        w.dims[i] = i < added ? 1 : v->dims[i - added];
        w.order[i] = i < added ? i : v->order[i - added] + added;
    }
    w.rank = rank;
    return w;
}

/* Makes *z of two values, in the order of the one with more dimensions. */
static bool combine(mote_onnx_import *p, mote_opcode opcode, const mote_onnx_value *a, const mote_onnx_value *b,
                    mote_onnx_value *z)
{
    const int rank = a->rank > b->rank ? a->rank : b->rank;
    const mote_onnx_value x = widened(a, rank), y = widened(b, rank);
    const mote_onnx_value *main = a->constant || (!b->constant && b->rank > a->rank) ? &y : &x;
    mote_onnx_value made = {.rank = rank};
    for (int i = 0; i < rank; i++) {
        made.dims[i] = x.dims[i] == 1 ? y.dims[i] : x.dims[i];
        made.order[i] = main->order[i];
        if (x.dims[i] != y.dims[i] && x.dims[i] != 1 && y.dims[i] != 1)
            return mote_onnx_fail(p, "has operands whose shapes do not match");
    }
    const int inputs[] = {mote_onnx_ordered(p, &x, main->order), mote_onnx_ordered(p, &y, main->order)};
    const int32_t none[MOTE_RANK] = {0};
    made.tensor = mote_onnx_make(p, opcode, 2, inputs, none);
    *z = made;
    return made.tensor >= 0;
}

/* Any number of operands, one after another. */
bool mote_onnx_op_binary(mote_onnx_import *p)
{
    size_t k = 0, last = p->node->n_inputs - 1;
    mote_onnx_value z;
    while (strcmp(binaries[k].name, p->node->operator_) != 0)
        k++;
    for (size_t i = 0; i < p->node->n_inputs; i++)
        if (!mote_onnx_in(p, i))
            return mote_onnx_fail(p, "lacks an input");
    if (!p->node->n_inputs || (binaries[k].two && p->node->n_inputs != 2))
        return mote_onnx_refuse(p, "of other than two values");
    z = *mote_onnx_in(p, last); /* the last first: constants often follow */
    for (size_t i = last; i-- > 0;) {
        const mote_onnx_value *a = mote_onnx_in(p, i);
        if (a->constant && z.constant)
            return mote_onnx_refuse(p, "of several constants");
        if (!combine(p, binaries[k].opcode, a, &z, &z))
            return false;
    }
    if (strcmp(p->node->operator_, "Mean") == 0 && last > 0) {
        const int share = mote_onnx_constant(p, 1, (const uint32_t[]){1});
        const int32_t none[MOTE_RANK] = {0};
        if (share < 0)
            return false;
        *(float *)p->g->tensors[share].data = 1 / (float)p->node->n_inputs;
        z.tensor = mote_onnx_make(p, MOTE_OP_MUL, 2, (const int[]){z.tensor, share}, none);
    }
    return z.constant ? mote_onnx_refuse(p, "of a constant") : mote_onnx_finish_like(p, &z, z.tensor);
}

bool mote_onnx_op_prelu(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done), *slope = mote_onnx_in(p, 1);
    if (!x)
        return done;
    if (!slope || !slope->constant || slope->rank > x->rank)
        return mote_onnx_refuse(p, "with slopes that are no constant");
    const mote_onnx_value wide = widened(slope, x->rank);
    const int inputs[] = {x->tensor, mote_onnx_ordered(p, &wide, x->order)};
    return mote_onnx_finish_like(p, x, mote_onnx_make(p, MOTE_OP_PRELU, 2, inputs, NULL));
}
