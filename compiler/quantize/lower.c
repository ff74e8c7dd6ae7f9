#include "compiler/quantize/lower.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Int16 values have room for this many times the largest that calibration saw. */
#define HEADROOM 2.0f

enum { FINEST = 20, COARSEST = -8 }; /* int16 units are 2^-FINEST .. 2^-COARSEST */

const mote_tensor *mote_lowering_tensor(const mote_lowering *l, int index)
{
    return index < 0 ? NULL : &l->from->tensors[index];
}

bool mote_lowering_refuse(mote_lowering *l, const mote_op *op, const char *what)
{
    return mote_fail(l->error, MOTE_E_UNSUPPORTED, "operator %s: %s", op->name, what);
}

int mote_lowering_add(mote_lowering *l, const char *base, const char *suffix, mote_dtype dtype, mote_role role,
                      uint32_t rows, uint32_t columns)
{
    char name[MOTE_NAME_SIZE];
    snprintf(name, sizeof name, "%.*s%s", (int)(sizeof name - 1 - strlen(suffix)), base, suffix);
    const int index = mote_graph_tensor(l->to, name, dtype, role, columns ? 2 : 1, (uint32_t[]){rows, columns});
    if (index < 0)
        mote_fail(l->error, MOTE_E_INTERNAL, "no memory for tensor %s", name);
    return index;
}

int mote_lowering_constant(mote_lowering *l, const char *base, const char *suffix, mote_dtype dtype, uint32_t rows,
                           const void *data)
{
    const int index = mote_lowering_add(l, base, suffix, dtype, MOTE_CONSTANT, rows, 0);
    if (index >= 0)
        memcpy(l->to->tensors[index].data, data, mote_tensor_size(&l->to->tensors[index]));
    return index;
}

int mote_lowering_value(mote_lowering *l, int from, mote_dtype dtype, float scale)
{
    const mote_tensor *t = mote_lowering_tensor(l, from);
    const int index = mote_lowering_add(l, t->name, "", dtype, t->role, t->dims[0], 0);
    if (index >= 0)
        l->to->tensors[index].scale = scale;
    l->lowered[from] = (mote_lowered){.tensor = index, .dtype = dtype, .scale = scale, .narrow = -1};
    return index;
}

/* --- units --- */

void mote_lowering_ask(mote_lowering *l, int tensor, float scale)
{
    l->lowered[tensor] = (mote_lowered){.tensor = -1, .dtype = MOTE_I16, .scale = scale, .narrow = -1};
}

static float unit_of_range(float range)
{
    if (!(range > 0))
        return ldexpf(1, -FINEST);
    int exponent;
    const float fraction = frexpf(range * HEADROOM / 32767, &exponent); /* the power of two at or above */
    exponent -= fraction == 0.5f;
    return ldexpf(1, exponent < -FINEST ? -FINEST : exponent > -COARSEST ? -COARSEST : exponent);
}

void mote_lowering_ask_range(mote_lowering *l, int tensor, float wider)
{
    if (l->lowered[tensor].dtype == MOTE_F32 && l->range)
        mote_lowering_ask(l, tensor, unit_of_range(wider * l->range[tensor]));
}

float mote_lowering_unit(const mote_lowering *l, int tensor)
{
    const mote_lowered *form = &l->lowered[tensor];
    return form->dtype == MOTE_I16 ? form->scale : unit_of_range(l->range ? l->range[tensor] : 0);
}

int mote_unit_exponent(float unit)
{
    return -ilogbf(unit);
}

int mote_fixed_shift(double factor)
{
    int shift = 30;
    while (shift >= 0 && rint(ldexp(factor, shift)) > 32767)
        shift--;
    return shift;
}

/* --- add: both inputs in the form asked of the sum --- */

static void demand_add(mote_lowering *l, const mote_op *op)
{
    const mote_lowered y = l->lowered[op->outputs[0]];
    if (y.dtype != MOTE_F32) {
        mote_lowering_ask(l, op->inputs[0], y.scale);
        mote_lowering_ask(l, op->inputs[1], y.scale);
    }
}

static bool lower_add(mote_lowering *l, const mote_op *op)
{
    const mote_lowered a = l->lowered[op->inputs[0]], b = l->lowered[op->inputs[1]];
    if (a.tensor < 0 || b.tensor < 0 || a.dtype != b.dtype || a.scale != b.scale)
        return mote_lowering_refuse(l, op,
                                    "its inputs are integers of different scale; only like may be added to like");
    const int y = mote_lowering_value(l, op->outputs[0], a.dtype, a.scale), inputs[] = {a.tensor, b.tensor};
    return y >= 0 && mote_graph_op(l->to, op->name, MOTE_OP_ADD, 2, inputs, 1, &y) >= 0;
}

/* --- mul: the product of two units, shifted to the unit of the result --- */

static void demand_mul(mote_lowering *l, const mote_op *op)
{
    mote_lowering_ask_range(l, op->inputs[0], 1);
    mote_lowering_ask_range(l, op->inputs[1], 1);
}

static bool lower_mul(mote_lowering *l, const mote_op *op)
{
    const mote_lowered a = l->lowered[op->inputs[0]], b = l->lowered[op->inputs[1]];
    if (a.tensor < 0 || b.tensor < 0 || a.dtype != MOTE_I16 || b.dtype != MOTE_I16)
        return mote_lowering_refuse(l, op, "its inputs have no int16 form");
    float unit = mote_lowering_unit(l, op->outputs[0]);
    const int exact = mote_unit_exponent(a.scale) + mote_unit_exponent(b.scale);
    if (l->lowered[op->outputs[0]].dtype == MOTE_F32 && mote_unit_exponent(unit) > exact)
        unit = a.scale * b.scale;
    const int shift = exact - mote_unit_exponent(unit);
    if (shift < 0 || shift > 30)
        return mote_lowering_refuse(l, op, "the ranges of its inputs and of their product are too far apart");
    const int y = mote_lowering_value(l, op->outputs[0], MOTE_I16, unit), inputs[] = {a.tensor, b.tensor};
    const int added = y < 0 ? -1 : mote_graph_op(l->to, op->name, MOTE_OP_MUL, 2, inputs, 1, &y);
    if (added >= 0)
        l->to->ops[added].params[MOTE_PARAM_MUL_SHIFT] = shift;
    return added >= 0;
}

/* --- silu, gelu: result and argument have one unit --- */

enum { LEAST_CURVE_UNIT = 4, MOST_CURVE_UNIT = 14 };

static void demand_curve(mote_lowering *l, const mote_op *op)
{
    const mote_lowered y = l->lowered[op->outputs[0]];
    mote_lowering_ask_range(l, op->inputs[0], 1);
    mote_lowered *x = &l->lowered[op->inputs[0]];
    if (y.dtype == MOTE_I16)
        x->scale = y.scale;
    else
        x->scale = fminf(fmaxf(x->scale, ldexpf(1, -MOST_CURVE_UNIT)), ldexpf(1, -LEAST_CURVE_UNIT));
}

static bool lower_curve(mote_lowering *l, const mote_op *op)
{
    const mote_lowered x = l->lowered[op->inputs[0]];
    if (x.tensor < 0 || x.dtype != MOTE_I16)
        return mote_lowering_refuse(l, op, "its input has no int16 form");
    const int unit = mote_unit_exponent(x.scale);
    if (unit < LEAST_CURVE_UNIT || unit > MOST_CURVE_UNIT)
        return mote_lowering_refuse(l, op, "the unit of its input is beyond 2^-14 to 2^-4");
    const int y = mote_lowering_value(l, op->outputs[0], MOTE_I16, x.scale);
    const int added = y < 0 ? -1 : mote_graph_op(l->to, op->name, op->opcode, 1, &x.tensor, 1, &y);
    if (added >= 0)
        l->to->ops[added].params[MOTE_PARAM_UNIT] = unit;
    return added >= 0;
}

const mote_lowering_rule mote_lowering_rules[MOTE_OPCODE_COUNT] = {
    [MOTE_OP_EMBEDDING] = {NULL, mote_lower_embedding},
    [MOTE_OP_LINEAR] = {NULL, mote_lower_linear},
    [MOTE_OP_GRU] = {mote_demand_gru, mote_lower_gru},
    [MOTE_OP_ADD] = {demand_add, lower_add},
    [MOTE_OP_MUL] = {demand_mul, lower_mul},
    [MOTE_OP_RMSNORM] = {mote_demand_norm, mote_lower_norm},
    [MOTE_OP_LAYERNORM] = {mote_demand_norm, mote_lower_norm},
    [MOTE_OP_SILU] = {demand_curve, lower_curve},
    [MOTE_OP_GELU] = {demand_curve, lower_curve},
    [MOTE_OP_ATTENTION] = {mote_demand_attention, mote_lower_attention},
};
