/* MAP: a function as a table, which is interpolated for 16-bit values. params: for the compiler only. */
#include "affine.h"

enum { BYTES = 256, SEGMENTS = 512 };

static int fits(const mote_model *m, const mote_op_view *op)
{
    const uint32_t x = op->inputs[MOTE_MAP_X], y = op->outputs[MOTE_MAP_Y];
    const mote_dtype type = mote_record(m, y)->dtype;
    const int wide = mote_record(m, x)->dtype == MOTE_I16;
    return mote_affine_fits(m, x, MOTE_AFFINE) && mote_affine_fits(m, y, wide ? 1u << MOTE_I16 : MOTE_AFFINE) &&
           mote_same_shape(mote_record(m, x), mote_record(m, y)) &&
           mote_is(m, op->inputs[MOTE_MAP_TABLE], type, wide ? SEGMENTS + 1 : BYTES, 0);
}

static int16_t interpolated(const int16_t *table, int32_t x)
{
    const int32_t at = (x >> 7) + SEGMENTS / 2, v = table[at], w = table[at + 1];
    return (int16_t)(v + (((w - v) * (x & 127) + 64) >> 7));
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    (void)params;
    const uint32_t of_y = operands[MOTE_OUT(MAP, Y)];
    const uint32_t type = mote_record(s->model, operands[MOTE_MAP_X])->dtype, to = mote_record(s->model, of_y)->dtype;
    const void *x = mote_data(s, operands[MOTE_MAP_X]), *table = mote_constant(s->model, operands[MOTE_MAP_TABLE]);
    void *y = mote_data_mutable(s, of_y);
    const uint32_t count = mote_count_of(mote_record(s->model, of_y));
    for (uint32_t i = 0; i < count; i++)
        if (type == MOTE_I16)
            ((int16_t *)y)[i] = interpolated(table, ((const int16_t *)x)[i]);
        else
            mote_value_put(y, to, i, mote_value_at(table, to, ((const uint8_t *)x)[i]));
}

const mote_op_kind mote_op_map = {.fits = fits, .run = run};
