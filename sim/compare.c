#include <string.h>

#include "runtime/model.h"
#include "sim/device/generate.h"
#include "sim/sim.h"

typedef struct traces {
    const mote_model *model;
    const uint8_t *a, *b;
    size_t used, size;
    mote_sim_difference *difference;
} traces;

static const char *string_at(const mote_model *m, uint32_t offset)
{
    return (const char *)m->file + mote_header_of(m)->string_offset + offset;
}

const char *mote_sim_layer(const mote_model *m, uint32_t op)
{
    return string_at(m, ((const mote_op_record *)m->ops)[op].name);
}

static bool of_bytes(mote_dtype dtype)
{
    return dtype == MOTE_I8 || dtype == MOTE_I8V || dtype == MOTE_U8;
}

/* Returns a value of an activation or a state, which is int8 or int16. */
static int32_t value_at(const uint8_t *data, mote_dtype dtype, uint32_t index)
{
    return of_bytes(dtype) ? ((const int8_t *)data)[index] : (int16_t)(data[2 * index] | data[2 * index + 1] << 8);
}

/* Returns the number of values of a tensor. Excludes the bytes between the codes and the scale of an I8V, which are
 * undefined. */
static uint32_t count_of(const mote_tensor_record *record)
{
    return record->dtype == MOTE_I8V ? record->dims[0] : record->size / (of_bytes(record->dtype) ? 1 : 2);
}

/* Returns the index of the first value that differs, count_of if only the scale of an I8V differs, UINT32_MAX if
 * nothing does. */
static uint32_t first_difference(const mote_tensor_record *record, const uint8_t *a, const uint8_t *b)
{
    const uint32_t count = count_of(record), scale = record->size - (uint32_t)sizeof(mote_vector_scale);
    for (uint32_t i = 0; i < count; i++)
        if (value_at(a, record->dtype, i) != value_at(b, record->dtype, i))
            return i;
    const bool same = record->dtype != MOTE_I8V || memcmp(a + scale, b + scale, sizeof(mote_vector_scale)) == 0;
    return same ? UINT32_MAX : count;
}

/* Returns the part of the scale that differs: the mantissa, or the exponent if the mantissas are equal. */
static int32_t scale_at(const mote_tensor_record *record, const uint8_t *data, const uint8_t *other)
{
    mote_vector_scale x, y;
    memcpy(&x, data + record->size - sizeof x, sizeof x);
    memcpy(&y, other + record->size - sizeof y, sizeof y);
    return x.mantissa != y.mantissa ? x.mantissa : x.exponent;
}

/* Compares a tensor. Returns false at a difference or at the end of the traces. */
static bool same_tensor(traces *t, uint32_t tensor)
{
    const mote_tensor_record *record = mote_record(t->model, tensor);
    if (record->size > t->size - t->used)
        return false;
    const uint8_t *a = t->a + t->used, *b = t->b + t->used;
    t->used += record->size;
    const uint32_t at = first_difference(record, a, b);
    if (at == UINT32_MAX)
        return true;
    const bool scale = at == count_of(record);
    *t->difference = (mote_sim_difference){
        .found = true,
        .compared = t->difference->compared,
        .step = t->difference->step,
        .op = t->difference->op,
        .tensor = string_at(t->model, record->name),
        .channel = at,
        .values = {scale ? scale_at(record, a, b) : value_at(a, record->dtype, at),
                   scale ? scale_at(record, b, a) : value_at(b, record->dtype, at)},
    };
    return false;
}

static bool same_operator(traces *t, uint32_t index)
{
    for (uint32_t i = 0; i < mote_sim_operands(t->model, index); i++) {
        const uint32_t tensor = mote_sim_traced(t->model, index, i);
        if (tensor != MOTE_NO_INDEX && !same_tensor(t, tensor))
            return false;
    }
    return true;
}

mote_sim_difference mote_sim_compare(const mote_model *m, const mote_sim_result *a, const mote_sim_result *b)
{
    mote_sim_difference d = {.layer = "", .tensor = ""};
    const uint32_t steps = a->token_count < b->token_count ? a->token_count : b->token_count;
    const uint32_t size_a = a->box->reply.trace_used, size_b = b->box->reply.trace_used;
    traces t = {m, mote_sim_trace(a), mote_sim_trace(b), 0, size_a < size_b ? size_a : size_b, &d};
    for (d.step = 0; d.step < steps; d.step++)
        for (d.op = 0; d.op < mote_header_of(m)->op_count; d.op++) {
            if (!same_operator(&t, d.op)) {
                d.layer = mote_sim_layer(m, d.op);
                return d;
            }
            d.compared++;
        }
    return d;
}
