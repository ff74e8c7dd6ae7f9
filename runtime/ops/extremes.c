/* MINIMUM and MAXIMUM of two values with the scale and the zero point of the result. params: none. */
#include "pair.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    const mote_tensor_record *y = mote_record(m, op->outputs[0]);
    return mote_pair_fits(m, op, MOTE_WHOLE, MOTE_WHOLE) && mote_same_affine(mote_record(m, op->inputs[0]), y) &&
           mote_same_affine(mote_record(m, op->inputs[1]), y);
}

static int32_t least(const mote_pair *p, int32_t a, int32_t b)
{
    (void)p;
    return a < b ? a : b;
}

static int32_t most(const mote_pair *p, int32_t a, int32_t b)
{
    (void)p;
    return a > b ? a : b;
}

static void minimum(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    mote_pair_run(s, operands, params, NULL, least);
}

static void maximum(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    mote_pair_run(s, operands, params, NULL, most);
}

const mote_op_kind mote_op_minimum = {.fits = fits, .run = minimum};
const mote_op_kind mote_op_maximum = {.fits = fits, .run = maximum};
