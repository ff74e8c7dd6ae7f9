/* Lowers SiLU and GELU. Input and output have the same scale. */
#include <math.h>

#include "compiler/quantize/affine.h"

enum { LEAST_CURVE_UNIT = 4, MOST_CURVE_UNIT = 14 };

static void demand_curve(mote_lowering *l, const mote_op *op)
{
    const mote_lowered y = l->lowered[mote_op_result(op)];
    mote_lowering_ask_range(l, op->inputs[MOTE_SILU_X], 1);
    mote_lowered *x = &l->lowered[op->inputs[MOTE_SILU_X]];
    if (y.dtype == MOTE_I16)
        x->scale = y.scale;
    else
        x->scale = fminf(fmaxf(x->scale, ldexpf(1, -MOST_CURVE_UNIT)), ldexpf(1, -LEAST_CURVE_UNIT));
}

static bool lower_curve(mote_lowering *l, const mote_op *op)
{
    const mote_lowered x = l->lowered[op->inputs[MOTE_SILU_X]];
    if (x.tensor < 0 || x.dtype != MOTE_I16)
        return mote_lowering_refuse(l, op, "its input has no int16 form");
    const int unit = mote_unit_exponent(x.scale);
    if (unit < LEAST_CURVE_UNIT || unit > MOST_CURVE_UNIT)
        return mote_lowering_refuse(l, op, "the unit of its input is beyond 2^-14 to 2^-4");
    const int y = mote_lowering_value(l, mote_op_result(op), MOTE_I16, x.scale);
    const int added = y < 0 ? -1 : mote_graph_op(l->to, op->name, op->opcode, 1, &x.tensor, 1, &y);
    if (added >= 0)
        l->to->ops[added].params[MOTE_CURVE_UNIT] = unit;
    return added >= 0;
}

const mote_lowering_rule mote_lower_silu = {.demand = demand_curve, .lower = lower_curve, .affine = mote_affine_silu};
const mote_lowering_rule mote_lower_gelu = {.demand = demand_curve, .lower = lower_curve, .affine = mote_affine_gelu};
