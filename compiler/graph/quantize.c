/* QUANTIZE: int16 to int8 or int8/vector. Only packed graphs have it, so there is no float form. */
#include "compiler/graph/operator.h"

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const uint32_t length = mote_op_input(g, op, MOTE_QUANTIZE_X)->dims[0];
    *y = mote_vector_of(length, MOTE_BIT(MOTE_I8) | MOTE_BIT(MOTE_I8V));
    return mote_expect(g, op, MOTE_QUANTIZE_X, length, 0, MOTE_BIT(MOTE_I16), error);
}

const mote_operator mote_operator_quantize = {.infer = infer};
