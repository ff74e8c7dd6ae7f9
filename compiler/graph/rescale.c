/* RESCALE: the same values with another scale, zero point and type. Packed graphs only. */
#include "compiler/graph/operator.h"

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const bool fits = mote_infer_same(g, op, MOTE_RESCALE_X, MOTE_AFFINE_OF(g), y, error);
    y->dtypes = MOTE_AFFINE_OF(g);
    return fits;
}

const mote_operator mote_operator_rescale = {.infer = infer};
