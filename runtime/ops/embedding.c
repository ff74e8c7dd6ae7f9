/* EMBEDDING: y = row `id` of the table. An id past the last row selects row 0. Without ids the position selects the
 * row, the last row for positions past it. int8 outputs are the stored bytes, or for ternary and binary tables weight ·
 * multiplier[row] clamped to -127..127. int16 outputs are weight · multiplier[row] / 2^MOTE_EMBEDDING_SHIFT.
 */
#include "../memory.h"
#include "../requantize.h"
#include "ops.h"
#include "weight.h"

static int multiplier_fits(const mote_model *m, uint32_t multiplier, uint32_t rows)
{
    return multiplier != MOTE_NO_INDEX && mote_is(m, multiplier, MOTE_I16, rows, 0);
}

static int types_fit(const mote_model *m, const mote_op_view *op, uint32_t rows)
{
    const mote_dtype table = mote_record(m, op->inputs[MOTE_EMBEDDING_TABLE])->dtype,
                     x = mote_record(m, op->outputs[MOTE_EMBEDDING_Y])->dtype;
    const uint32_t multiplier = op->inputs[MOTE_EMBEDDING_MULTIPLIER];
    if (x == MOTE_I16)
        return mote_is_integer_weight(table) && multiplier_fits(m, multiplier, rows) &&
               mote_multipliers_fit(m, multiplier, rows) && mote_in_range(op->params[MOTE_EMBEDDING_SHIFT], 0, 30);
    if (x != MOTE_I8)
        return 0;
    if (table == MOTE_I8)
        return multiplier == MOTE_NO_INDEX;
    return (table == MOTE_TERNARY2 || table == MOTE_TERNARY5 || table == MOTE_BINARY) &&
           multiplier_fits(m, multiplier, rows);
}

static int fits(const mote_model *m, const mote_op_view *op)
{
    const uint32_t ids = op->inputs[MOTE_EMBEDDING_IDS], table = op->inputs[MOTE_EMBEDDING_TABLE],
                   x = op->outputs[MOTE_EMBEDDING_Y];
    const mote_tensor_record *t = mote_record(m, table);
    const uint32_t rows = t->dims[0], dim = mote_record(m, x)->dims[0];
    if (ids != MOTE_NO_INDEX && !mote_is(m, ids, MOTE_U16, 1, 0))
        return 0;
    return t->layout == MOTE_ROWS && mote_is(m, table, t->dtype, rows, dim) && types_fit(m, op, rows) &&
           mote_is(m, x, mote_record(m, x)->dtype, dim, 0);
}

static uint32_t row_of(const mote_session *s, const uint16_t *operands, uint32_t rows)
{
    if (operands[MOTE_EMBEDDING_IDS] == MOTE_NO_INDEX)
        return s->position < rows ? s->position : rows - 1;
    const uint32_t id = *(const uint16_t *)mote_data(s, operands[MOTE_EMBEDDING_IDS]);
    return id < rows ? id : 0;
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const mote_tensor_record *table = mote_record(s->model, operands[MOTE_EMBEDDING_TABLE]);
    const uint32_t id = row_of(s, operands, table->dims[0]), dim = table->dims[1];
    const uint8_t *const data = mote_data(s, operands[MOTE_EMBEDDING_TABLE]);
    const mote_row row = {data + id * (table->size / table->dims[0]), dim, table->dtype, 0};
    void *x = mote_data_mutable(s, operands[MOTE_OUT(EMBEDDING, Y)]);
    const int16_t *multipliers = mote_constant(s->model, operands[MOTE_EMBEDDING_MULTIPLIER]);
    if (!multipliers) {
        memcpy(x, row.data, dim);
        return;
    }
    const int wide = mote_record(s->model, operands[MOTE_OUT(EMBEDDING, Y)])->dtype == MOTE_I16;
    int16_t w[MOTE_UNPACKED];
    for (uint32_t c = 0, end = 0; c < dim; c++) {
        if (c == end)
            end += mote_unpack(&row, c, w);
        const int32_t value = w[c % MOTE_UNPACKED] * multipliers[id];
        if (wide)
            ((int16_t *)x)[c] = (int16_t)mote_clamp16(mote_round(value, (uint32_t)params[MOTE_EMBEDDING_SHIFT]));
        else
            ((int8_t *)x)[c] = (int8_t)mote_clamp8(value);
    }
}

static int left_out(const mote_model *m, const mote_op_view *op)
{
    return mote_type_is_left_out(mote_record(m, op->inputs[MOTE_EMBEDDING_TABLE])->dtype);
}

const mote_op_kind mote_op_embedding = {.left_out = left_out, .fits = fits, .run = run};
