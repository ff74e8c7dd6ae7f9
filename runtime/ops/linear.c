/* y = requantise(weights · x + bias). params: those of products. */
#include "ops.h"

static mote_product product_of(const mote_op_record *op)
{
    return (mote_product){.x = op->inputs[0],
                          .weights = op->inputs[1],
                          .bias = op->inputs[2],
                          .multiplier = op->inputs[3],
                          .groups = op->inputs[4],
                          .y = op->outputs[0]};
}

static int left_out(const mote_model *m, const mote_op_record *op)
{
    const mote_product p = product_of(op);
    return mote_product_is_left_out(m, &p);
}

static int fits(const mote_model *m, const mote_op_record *op)
{
    mote_product p = product_of(op);
    return mote_is_scratch(m, p.y) && mote_product_fits(m, &p, op->params);
}

static void run(const mote_session *s, const mote_op_record *op)
{
    mote_product p = product_of(op);
    mote_product_run(s, &p, op->params);
}

const mote_op_kind mote_op_linear = {
    .required = 3, .optional = 28, .outputs = 1, .left_out = left_out, .fits = fits, .run = run};
