/* y = requantise(weights · x + bias). params: those of products. */
#include "ops.h"

static mote_product product_of(const mote_op_view *op)
{
    return (mote_product){.x = op->inputs[MOTE_LINEAR_X],
                          .weights = op->inputs[MOTE_LINEAR_WEIGHTS],
                          .bias = op->inputs[MOTE_LINEAR_BIAS],
                          .multiplier = op->inputs[MOTE_LINEAR_MULTIPLIER],
                          .groups = op->inputs[MOTE_LINEAR_GROUPS],
                          .y = op->outputs[MOTE_LINEAR_Y],
                          .params = op->params};
}

static int left_out(const mote_model *m, const mote_op_view *op)
{
    const mote_product p = product_of(op);
    return mote_product_is_left_out(m, &p);
}

static int fits(const mote_model *m, const mote_op_view *op)
{
    const mote_product p = product_of(op);
    return mote_product_fits(m, &p);
}

static void run(const mote_session *s, const mote_op_view *op)
{
    const mote_product p = product_of(op);
    mote_product_run(s, &p);
}

const mote_op_kind mote_op_linear = {.left_out = left_out, .fits = fits, .run = run};
