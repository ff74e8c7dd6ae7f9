/* RESCALE: x in another scale, type or both, with another factor below zero. params: two factors, ENDING_PARAMS. */
#include "affine.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    const uint32_t x = op->inputs[MOTE_RESCALE_X], y = op->outputs[MOTE_RESCALE_Y];
    return mote_affine_fits(m, x, MOTE_WHOLE) && mote_affine_fits(m, y, MOTE_WHOLE) &&
           mote_same_shape(mote_record(m, x), mote_record(m, y)) && mote_factor_fits(op->params) &&
           mote_factor_fits(op->params + MOTE_RESCALE_NEGATIVE_MULTIPLIER) &&
           mote_ending_fits(m, y, op->params + MOTE_RESCALE_LOW);
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const uint32_t of_y = operands[MOTE_OUT(RESCALE, Y)];
    const mote_tensor_record *from = mote_record(s->model, operands[MOTE_RESCALE_X]);
    const mote_tensor_record *to = mote_record(s->model, of_y);
    const mote_ending ending = mote_ending_of(s, of_y, params + MOTE_RESCALE_LOW);
    const void *x = mote_data(s, operands[MOTE_RESCALE_X]);
    void *y = mote_data_mutable(s, of_y);
    const uint32_t count = mote_count_of(from);
    for (uint32_t i = 0; i < count; i++) {
        const int32_t v = mote_value_at(x, from->dtype, i) - from->zero_point;
        const int32_t *factor = params + (v < 0 ? MOTE_RESCALE_NEGATIVE_MULTIPLIER : MOTE_RESCALE_MULTIPLIER);
        mote_value_put(y, to->dtype, i,
                       mote_ended(&ending, mote_scaled(v, factor[MOTE_FACTOR_MULTIPLIER], factor[MOTE_FACTOR_SHIFT],
                                                       ending.rounding)));
    }
}

const mote_op_kind mote_op_rescale = {.fits = fits, .run = run};
