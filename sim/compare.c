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

/* Activations and states are int8 or int16. */
static int32_t value_at(const uint8_t *data, mote_dtype dtype, uint32_t index)
{
    return dtype == MOTE_I8 ? ((const int8_t *)data)[index] : (int16_t)(data[2 * index] | data[2 * index + 1] << 8);
}

/* False at the end of the traces or at a difference. */
static bool same_tensor(traces *t, uint32_t tensor)
{
    const mote_tensor_record *record = mote_record(t->model, tensor);
    if (record->size > t->size - t->used)
        return false;
    const uint8_t *a = t->a + t->used, *b = t->b + t->used;
    t->used += record->size;
    if (memcmp(a, b, record->size) == 0)
        return true;
    mote_sim_difference *d = t->difference;
    d->found = true;
    d->tensor = string_at(t->model, record->name);
    while (value_at(a, record->dtype, d->channel) == value_at(b, record->dtype, d->channel))
        d->channel++;
    d->values[0] = value_at(a, record->dtype, d->channel);
    d->values[1] = value_at(b, record->dtype, d->channel);
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
    traces t = {m, a->window + MOTE_SIM_TRACE, b->window + MOTE_SIM_TRACE, 0, size_a < size_b ? size_a : size_b, &d};
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
