/* PRELU: as RESCALE; below zero the product with the slope of the channel. params: two factors, ENDING_PARAMS. */
#include "affine.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    const uint32_t x = op->inputs[MOTE_PRELU_X], slope = op->inputs[MOTE_PRELU_SLOPE], y = op->outputs[MOTE_PRELU_Y];
    const mote_tensor_record *of_x = mote_record(m, x), *of_slope = mote_record(m, slope);
    int fits = mote_affine_fits(m, x, MOTE_AFFINE) && mote_affine_fits(m, y, MOTE_AFFINE) &&
               mote_affine_fits(m, slope, MOTE_AFFINE) && mote_same_shape(of_x, mote_record(m, y)) &&
               of_slope->rank <= of_x->rank;
    for (uint32_t i = 0; fits && i < of_slope->rank; i++)
        fits = of_slope->dims[of_slope->rank - 1 - i] == of_x->dims[of_x->rank - 1 - i];
    return fits && mote_factor_fits(op->params) && mote_factor_fits(op->params + MOTE_PRELU_NEGATIVE_MULTIPLIER) &&
           mote_ending_fits(m, y, op->params + MOTE_PRELU_LOW);
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const uint32_t of_y = operands[MOTE_OUT(PRELU, Y)];
    const mote_tensor_record *x = mote_record(s->model, operands[MOTE_PRELU_X]), *y = mote_record(s->model, of_y);
    const mote_tensor_record *slope = mote_record(s->model, operands[MOTE_PRELU_SLOPE]);
    const mote_ending ending = mote_ending_of(s, of_y, params + MOTE_PRELU_LOW);
    const void *from = mote_data(s, operands[MOTE_PRELU_X]), *slopes = mote_data(s, operands[MOTE_PRELU_SLOPE]);
    void *to = mote_data_mutable(s, of_y);
    const uint32_t count = mote_count_of(x), period = mote_count_of(slope);
    for (uint32_t i = 0, k = 0; i < count; i++, k = k + 1 < period ? k + 1 : 0) {
        int32_t v = mote_value_at(from, x->dtype, i) - x->zero_point;
        const int32_t *factor = params + (v < 0 ? MOTE_PRELU_NEGATIVE_MULTIPLIER : MOTE_PRELU_MULTIPLIER);
        if (v < 0)
            v *= mote_value_at(slopes, slope->dtype, k) - slope->zero_point;
        mote_value_put(to, y->dtype, i,
                       mote_ended(&ending, mote_scaled(v, factor[MOTE_FACTOR_MULTIPLIER], factor[MOTE_FACTOR_SHIFT],
                                                       ending.rounding)));
    }
}

const mote_op_kind mote_op_prelu = {.fits = fits, .run = run};
