/* QUANTISE: packed graphs only, where a device computes it. */
#include "compiler/graph/operator.h"

static bool check(const mote_graph *g, const mote_op *op, mote_error *error)
{
    const mote_tensor *y = mote_op_output(g, op, MOTE_QUANTISE_Y);
    if (!g->packed || !y)
        return mote_fail(error, MOTE_E_FORMAT, "quantise %s has no output or is in a float graph", op->name);
    return mote_expect(op, "input", mote_op_input(g, op, MOTE_QUANTISE_X), y->dims[0], 0, MOTE_BIT(MOTE_I16), error) &&
           mote_expect(op, "output", y, y->dims[0], 0, MOTE_BIT(MOTE_I8) | MOTE_BIT(MOTE_I8V), error);
}

const mote_operator mote_operator_quantise = {.check = check};
