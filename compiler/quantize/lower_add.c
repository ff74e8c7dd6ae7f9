/* Lowers additions. Both inputs take the form asked of the sum. */
#include "compiler/quantize/affine.h"

static void demand_add(mote_lowering *l, const mote_op *op)
{
    mote_lowering_ask_range(l, mote_op_result(op), 1);
    const mote_lowered y = l->lowered[mote_op_result(op)];
    if (y.dtype != MOTE_F32) {
        mote_lowering_ask(l, op->inputs[MOTE_ADD_A], y.scale);
        mote_lowering_ask(l, op->inputs[MOTE_ADD_B], y.scale);
    }
}

static bool lower_add(mote_lowering *l, const mote_op *op)
{
    const mote_lowered a = l->lowered[op->inputs[MOTE_ADD_A]], b = l->lowered[op->inputs[MOTE_ADD_B]];
    if (a.tensor < 0 || b.tensor < 0 || a.dtype != b.dtype || a.scale != b.scale)
        return mote_lowering_refuse(l, op,
                                    "its inputs are integers of different scale; only like may be added to like");
    const int y = mote_lowering_value(l, mote_op_result(op), a.dtype, a.scale), inputs[] = {a.tensor, b.tensor};
    return y >= 0 && mote_graph_op(l->to, op->name, MOTE_OP_ADD, 2, inputs, 1, &y) >= 0;
}

const mote_lowering_rule mote_lower_add = {.demand = demand_add, .lower = lower_add, .affine = mote_affine_add};
