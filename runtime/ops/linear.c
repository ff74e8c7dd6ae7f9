/* y = requantise(weights · x + bias). params: MOTE_PARAM_SHIFT, MOTE_PARAM_GAIN. */
#include "ops.h"

static mote_product product_of(const mote_op_record *op)
{
    return (mote_product){op->inputs[0], op->inputs[1], op->inputs[2], op->inputs[3], op->outputs[0]};
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

const mote_op_kind mote_op_linear = {.required = 3, .optional = 12, .outputs = 1, .fits = fits, .run = run};
