/* LINEAR: y = requantize(weights · x + bias). params: those of products. */
#include "ops.h"

static mote_product product_of(const uint16_t *operands, const int32_t *params)
{
    return (mote_product){.x = operands[MOTE_LINEAR_X],
                          .weights = operands[MOTE_LINEAR_WEIGHTS],
                          .bias = operands[MOTE_LINEAR_BIAS],
                          .multiplier = operands[MOTE_LINEAR_MULTIPLIER],
                          .groups = operands[MOTE_LINEAR_GROUPS],
                          .y = operands[MOTE_OUT(LINEAR, Y)],
                          .params = params};
}

static int left_out(const mote_model *m, const mote_op_view *op)
{
    const mote_product p = product_of(op->inputs, op->params);
    return mote_product_is_left_out(m, &p);
}

static int fits(const mote_model *m, const mote_op_view *op)
{
    const mote_product p = product_of(op->inputs, op->params);
    return mote_product_fits(m, &p);
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const mote_product p = product_of(operands, params);
    mote_product_run(s, &p);
}

const mote_op_kind mote_op_linear = {.left_out = left_out, .fits = fits, .run = run};
