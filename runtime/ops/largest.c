/* ARGMAX: the index of the largest value along the last dimension, the first one or params[last]. */
#include "affine.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    const mote_tensor_record *x = mote_record(m, op->inputs[MOTE_ARGMAX_X]);
    const mote_tensor_record *y = mote_record(m, op->outputs[MOTE_ARGMAX_Y]);
    const uint32_t last = x->dims[x->rank - 1];
    return mote_values_fit(m, op->inputs[MOTE_ARGMAX_X], MOTE_WHOLE) && y->dtype == MOTE_U16 &&
           y->layout == MOTE_ROWS && last <= UINT16_MAX && mote_in_range(op->params[MOTE_ARGMAX_LAST], 0, 1) &&
           y->size / sizeof(uint16_t) == mote_count_of(x) / last;
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const mote_tensor_record *t = mote_record(s->model, operands[MOTE_ARGMAX_X]);
    const void *x = mote_data(s, operands[MOTE_ARGMAX_X]);
    uint16_t *y = mote_data_mutable(s, operands[MOTE_OUT(ARGMAX, Y)]);
    const uint32_t length = t->dims[t->rank - 1], count = mote_count_of(t);
    for (uint32_t row = 0; row < count; row += length) {
        uint32_t best = 0;
        for (uint32_t i = 1; i < length; i++) {
            const int32_t v = mote_value_at(x, t->dtype, row + i), old = mote_value_at(x, t->dtype, row + best);
            if (v > old || (v == old && params[MOTE_ARGMAX_LAST]))
                best = i;
        }
        *y++ = (uint16_t)best;
    }
}

const mote_op_kind mote_op_argmax = {.fits = fits, .run = run};
