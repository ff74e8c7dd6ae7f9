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
    if (trains && (!trains->constant || mote_onnx_at(trains->constant, 0) != 0))
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
    if (!number(p, 1, &exponent) || (exponent != 2 && exponent != 0.5f))
        return mote_onnx_refuse(p, "an exponent other than 2 and 0.5");
    return mote_onnx_finish_like(p, x,
                                 map(p, x->tensor, exponent == 2 ? MOTE_FUNCTION_SQUARE : MOTE_FUNCTION_SQRT, 0, 0));
}

static const struct {
    const char *name;
    mote_opcode opcode;
} binaries[] = {{"Add", MOTE_OP_ADD}, {"Sub", MOTE_OP_SUB},     {"Mul", MOTE_OP_MUL},
                {"Div", MOTE_OP_DIV}, {"Min", MOTE_OP_MINIMUM}, {"Max", MOTE_OP_MAXIMUM}};

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

/* Both operands are taken in the order of the one with more dimensions. */
bool mote_onnx_op_binary(mote_onnx_import *p)
{
    const mote_onnx_value *a = mote_onnx_in(p, 0), *b = mote_onnx_in(p, 1);
    size_t k = 0;
    while (strcmp(binaries[k].name, p->node->operator_) != 0)
        k++;
    if (p->node->n_inputs != 2 || !a || !b || (a->constant && b->constant))
        return mote_onnx_refuse(p, "of other than two values, or of constants");
    const int rank = a->rank > b->rank ? a->rank : b->rank;
    const mote_onnx_value x = widened(a, rank), y = widened(b, rank);
    const mote_onnx_value *main = a->constant || (!b->constant && b->rank > a->rank) ? &y : &x;
    int64_t dims[MOTE_ONNX_RANK];
    for (int i = 0; i < rank; i++) {
        dims[i] = x.dims[i] == 1 ? y.dims[i] : x.dims[i];
        if (x.dims[i] != y.dims[i] && x.dims[i] != 1 && y.dims[i] != 1)
            return mote_onnx_fail(p, "has operands whose shapes do not match");
    }
    const int inputs[] = {mote_onnx_ordered(p, &x, main->order), mote_onnx_ordered(p, &y, main->order)};
    const int32_t none[MOTE_RANK] = {0};
    return mote_onnx_finish(p, 0, mote_onnx_make(p, binaries[k].opcode, 2, inputs, none), rank, dims, main->order);
}
