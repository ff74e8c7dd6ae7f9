/* Lowers elementwise products. The product of the input scales is shifted to the scale of the result. */
#include "compiler/quantize/affine.h"

static void demand_mul(mote_lowering *l, const mote_op *op)
{
    mote_lowering_ask_range(l, op->inputs[MOTE_MUL_A], 1);
    mote_lowering_ask_range(l, op->inputs[MOTE_MUL_B], 1);
}

static bool lower_mul(mote_lowering *l, const mote_op *op)
{
    const mote_lowered a = l->lowered[op->inputs[MOTE_MUL_A]], b = l->lowered[op->inputs[MOTE_MUL_B]];
    if (a.tensor < 0 || b.tensor < 0 || a.dtype != MOTE_I16 || b.dtype != MOTE_I16)
        return mote_lowering_refuse(l, op, "its inputs have no int16 form");
    float unit = mote_lowering_unit(l, mote_op_result(op));
    const int exact = mote_unit_exponent(a.scale) + mote_unit_exponent(b.scale);
    if (l->lowered[mote_op_result(op)].dtype == MOTE_F32 && mote_unit_exponent(unit) > exact)
        unit = a.scale * b.scale;
    const int shift = exact - mote_unit_exponent(unit);
    if (shift < 0 || shift > 30)
        return mote_lowering_refuse(l, op, "the ranges of its inputs and of their product are too far apart");
    const int y = mote_lowering_value(l, mote_op_result(op), MOTE_I16, unit), inputs[] = {a.tensor, b.tensor};
    const int added = y < 0 ? -1 : mote_graph_op(l->to, op->name, MOTE_OP_MUL, 2, inputs, 1, &y);
    if (added >= 0)
        l->to->ops[added].params[MOTE_MUL_SHIFT] = shift;
    return added >= 0;
}

const mote_lowering_rule mote_lower_mul = {.demand = demand_mul, .lower = lower_mul, .affine = mote_affine_mul};
