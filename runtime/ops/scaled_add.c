/* SCALED_ADD: the sum or the difference of two values in a common scale. params: subtracts, left, factors of a, b and
 * y, ENDING_PARAMS. */
#include "pair.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    const int32_t *p = op->params;
    const uint32_t result = op->outputs[MOTE_SCALED_ADD_Y];
    return mote_pair_fits(m, op, MOTE_AFFINE, MOTE_AFFINE) && mote_in_range(p[MOTE_SCALED_ADD_SUBTRACTS], 0, 1) &&
           mote_in_range(p[MOTE_SCALED_ADD_LEFT], 0, 20) && mote_factor_fits(p + MOTE_SCALED_ADD_A_MULTIPLIER) &&
           mote_factor_fits(p + MOTE_SCALED_ADD_B_MULTIPLIER) && mote_factor_fits(p + MOTE_SCALED_ADD_Y_MULTIPLIER) &&
           mote_ending_fits(m, result, p + MOTE_SCALED_ADD_LOW);
}

static int32_t add(const mote_pair *p, int32_t a, int32_t b)
{
    const int32_t *v = p->params;
    const int32_t rounding = p->ending.rounding, left = v[MOTE_SCALED_ADD_LEFT];
    const int32_t x = mote_scaled((int32_t)((uint32_t)(a - p->a_zero) << left), v[MOTE_SCALED_ADD_A_MULTIPLIER],
                                  v[MOTE_SCALED_ADD_A_SHIFT], rounding);
    const int32_t y = mote_scaled((int32_t)((uint32_t)(b - p->b_zero) << left), v[MOTE_SCALED_ADD_B_MULTIPLIER],
                                  v[MOTE_SCALED_ADD_B_SHIFT], rounding);
    const uint32_t sum = v[MOTE_SCALED_ADD_SUBTRACTS] ? (uint32_t)x - (uint32_t)y : (uint32_t)x + (uint32_t)y;
    return mote_ended(&p->ending,
                      mote_scaled((int32_t)sum, v[MOTE_SCALED_ADD_Y_MULTIPLIER], v[MOTE_SCALED_ADD_Y_SHIFT], rounding));
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    mote_pair_run(s, operands, params, params + MOTE_SCALED_ADD_LOW, add);
}

const mote_op_kind mote_op_scaled_add = {.fits = fits, .run = run};
