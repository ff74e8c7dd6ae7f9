/* Operators whose float form another file will define: refused until then. */
#include "compiler/graph/operator.h"

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    (void)g, (void)y;
    return mote_fail(error, MOTE_E_UNSUPPORTED, "operator %s is not supported", op->name);
}

__attribute__((weak)) const mote_operator mote_operator_conv = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_conv_transpose = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_max_pool = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_average_pool = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_matmul = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_sub = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_div = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_minimum = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_maximum = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_scaled_add = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_scaled_mul = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_rescale = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_map = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_prelu = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_softmax = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_reduce = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_concat = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_slice = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_pad = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_resize = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_reshape = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_transpose = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_gather = {.infer = infer};
__attribute__((weak)) const mote_operator mote_operator_argmax = {.infer = infer};
