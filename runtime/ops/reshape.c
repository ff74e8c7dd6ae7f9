/* RESHAPE: the same bytes. params: dims, which the shape of y repeats. */
#include "../memory.h"
#include "affine.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    const mote_tensor_record *x = mote_record(m, op->inputs[MOTE_RESHAPE_X]);
    const mote_tensor_record *y = mote_record(m, op->outputs[MOTE_RESHAPE_Y]);
    return mote_values_fit(m, op->inputs[MOTE_RESHAPE_X], MOTE_WHOLE) &&
           mote_values_fit(m, op->outputs[MOTE_RESHAPE_Y], MOTE_WHOLE) && mote_same_affine(x, y) && x->size == y->size;
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    (void)params;
    const uint32_t y = operands[MOTE_OUT(RESHAPE, Y)];
    const void *from = mote_data(s, operands[MOTE_RESHAPE_X]);
    void *to = mote_data_mutable(s, y);
    if (to != from)
        memcpy(to, from, mote_record(s->model, y)->size);
}

const mote_op_kind mote_op_reshape = {.fits = fits, .run = run};
