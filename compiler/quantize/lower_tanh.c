/* Lowers tanh. The scale of the input comes from calibration. The scale of the result is 2^-14, or coarser if asked. */
#include <math.h>

#include "compiler/quantize/affine.h"

enum { LEAST_UNIT = 4, MOST_UNIT = 14, RESULT_UNIT = 14 };

static void demand(mote_lowering *l, const mote_op *op)
{
    mote_lowering_ask_range(l, op->inputs[MOTE_TANH_X], 1);
    mote_lowered *x = &l->lowered[op->inputs[MOTE_TANH_X]];
    x->scale = fminf(fmaxf(x->scale, ldexpf(1, -MOST_UNIT)), ldexpf(1, -LEAST_UNIT));
}

static bool lower(mote_lowering *l, const mote_op *op)
{
    const mote_lowered x = l->lowered[op->inputs[MOTE_TANH_X]], asked = l->lowered[mote_op_result(op)];
    if (x.tensor < 0 || x.dtype != MOTE_I16)
        return mote_lowering_refuse(l, op, "its input has no int16 form");
    const int unit = mote_unit_exponent(x.scale);
    const int shift = asked.dtype == MOTE_I16 ? RESULT_UNIT - mote_unit_exponent(asked.scale) : 0;
    if (unit < LEAST_UNIT || unit > MOST_UNIT)
        return mote_lowering_refuse(l, op, "the unit of its input is beyond 2^-14 to 2^-4");
    if (shift < 0 || shift > RESULT_UNIT)
        return mote_lowering_refuse(l, op, "the unit of its result is beyond 2^-14 to 1");
    const int y = mote_lowering_value(l, mote_op_result(op), MOTE_I16, ldexpf(1, shift - RESULT_UNIT));
    const int added = y < 0 ? -1 : mote_graph_op(l->to, op->name, MOTE_OP_TANH, 1, &x.tensor, 1, &y);
    if (added >= 0) {
        l->to->ops[added].params[MOTE_TANH_UNIT] = unit;
        l->to->ops[added].params[MOTE_TANH_SHIFT] = shift;
    }
    return added >= 0;
}

const mote_lowering_rule mote_lower_tanh = {
    .demand = demand, .lower = lower, .affine = mote_affine_tanh, .range = mote_affine_signed};
