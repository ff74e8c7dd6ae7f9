/* x = row `id` of the table. int8: the stored bytes. Ternary and binary: weight · multiplier[id], in -127..127. params:
 * none. */
#include "../requantise.h"
#include "ops.h"
#include "ternary.h"

#include <string.h>

static int fits(const mote_model *m, const mote_op_record *op)
{
    const uint32_t ids = op->inputs[0], table = op->inputs[1], multiplier = op->inputs[2], x = op->outputs[0];
    const mote_dtype dtype = mote_record(m, table)->dtype;
    if (dtype == MOTE_I8
            ? multiplier != MOTE_NO_INDEX
            : (dtype != MOTE_TERNARY2 && dtype != MOTE_TERNARY5 && dtype != MOTE_BINARY) || multiplier == MOTE_NO_INDEX)
        return 0;
    const uint32_t vocabulary = m->vocabulary, dim = mote_record(m, x)->dims[0];
    return ids == m->token_tensor && mote_record(m, table)->layout == MOTE_ROWS &&
           mote_is(m, table, dtype, vocabulary, dim) && mote_is_constant(m, table) &&
           (multiplier == MOTE_NO_INDEX ||
            (mote_is(m, multiplier, MOTE_I16, vocabulary, 0) && mote_is_constant(m, multiplier))) &&
           mote_is(m, x, MOTE_I8, dim, 0) && mote_is_scratch(m, x);
}

static void run(const mote_session *s, const mote_op_record *op)
{
    const mote_tensor_record *table = mote_record(s->model, op->inputs[1]);
    const uint32_t id = *(const uint16_t *)mote_data(s, op->inputs[0]), dim = table->dims[1];
    const uint8_t *row = (const uint8_t *)mote_data(s, op->inputs[1]) + id * (table->size / table->dims[0]);
    int8_t *x = mote_data_mutable(s, op->outputs[0]);
    if (table->dtype == MOTE_I8) {
        memcpy(x, row, dim);
        return;
    }
    const int32_t multiplier = ((const int16_t *)mote_data(s, op->inputs[2]))[id];
    for (uint32_t c = 0; c < dim; c++)
        x[c] = (int8_t)mote_clamp8(mote_packed_weight(table->dtype, row, c) * multiplier);
}

const mote_op_kind mote_op_embedding = {.required = 3, .optional = 4, .outputs = 1, .fits = fits, .run = run};
