/* SCALED_MUL: the product of two values. params: the factor, ENDING_PARAMS. */
#include "pair.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    return mote_pair_fits(m, op, MOTE_AFFINE, MOTE_AFFINE) && mote_factor_fits(op->params) &&
           mote_ending_fits(m, op->outputs[MOTE_SCALED_MUL_Y], op->params + MOTE_SCALED_MUL_LOW);
}

static int32_t multiply(const mote_pair *p, int32_t a, int32_t b)
{
    return mote_ended(&p->ending, mote_scaled((a - p->a_zero) * (b - p->b_zero), p->params[MOTE_SCALED_MUL_MULTIPLIER],
                                              p->params[MOTE_SCALED_MUL_SHIFT], p->ending.rounding));
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    mote_pair_run(s, operands, params, params + MOTE_SCALED_MUL_LOW, multiply);
}

const mote_op_kind mote_op_scaled_mul = {.fits = fits, .run = run};
