/* TRANSPOSE: axis i of y is axis params[i] of x. */
#include "moves.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    const mote_tensor_record *x = mote_record(m, op->inputs[MOTE_TRANSPOSE_X]);
    const mote_tensor_record *y = mote_record(m, op->outputs[MOTE_TRANSPOSE_Y]);
    uint32_t seen = 0;
    int fits = mote_values_fit(m, op->inputs[MOTE_TRANSPOSE_X], MOTE_WHOLE) &&
               mote_values_fit(m, op->outputs[MOTE_TRANSPOSE_Y], MOTE_WHOLE) && mote_same_affine(x, y) &&
               x->rank == y->rank;
    for (uint32_t i = 0; fits && i < x->rank; i++) {
        fits = mote_in_range(op->params[i], 0, (int32_t)x->rank - 1) && x->dims[op->params[i]] == y->dims[i];
        seen |= fits ? 1u << op->params[i] : 0;
    }
    return fits && seen == (1u << x->rank) - 1;
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const mote_tensor_record *x = mote_record(s->model, operands[MOTE_TRANSPOSE_X]);
    const mote_tensor_record *y = mote_record(s->model, operands[MOTE_OUT(TRANSPOSE, Y)]);
    mote_move move;
    int32_t steps[MOTE_RANK];
    mote_steps_of(x, steps);
    mote_steps_of(y, move.to);
    for (uint32_t i = 0; i < MOTE_RANK; i++) {
        move.dims[i] = y->dims[i];
        move.from[i] = i < y->rank ? steps[params[i]] : 0;
    }
    mote_move_run(&move, mote_data_mutable(s, operands[MOTE_OUT(TRANSPOSE, Y)]),
                  mote_data(s, operands[MOTE_TRANSPOSE_X]), mote_type_bytes(x->dtype));
}

const mote_op_kind mote_op_transpose = {.fits = fits, .run = run};
