#include "compiler/plan/placement.h"

#include <stdio.h>

#include "compiler/graph/operator_info.h"
#include "runtime/model.h"

static const struct setting {
    const char *options;
    mote_dtype dtype;
} settings[] = {
    {"--weights int8", MOTE_I8},
    {"--weights ternary", MOTE_TERNARY2},
    {"--weights ternary --trits 5", MOTE_TERNARY5},
};

/* Returns the size of the file with weights of this type. The output layer and embeddings keep their type: they are
 * int8 by default for all types of weights. */
static uint64_t size_with(const mote_model *m, mote_dtype dtype)
{
    const mote_header *h = mote_header_of(m);
    uint64_t size = h->file_size;
    for (uint32_t o = 0; o < h->op_count; o++) {
        const mote_op_view op = mote_op_at(m, o);
        const int weights = mote_operator_input((mote_opcode)op.opcode, MOTE_OPERAND_WEIGHTS);
        if (weights < 0 || mote_result_of(&op) == m->output)
            continue;
        const mote_tensor_record *w = mote_record(m, op.inputs[weights]);
        size = size - w->size + w->dims[0] * mote_row_size(dtype, w->dims[1]);
    }
    return size;
}

const char *mote_smaller_setting(const mote_model *m, uint64_t limit, char advice[MOTE_ADVICE])
{
    snprintf(advice, MOTE_ADVICE, "no setting of mote quantize makes it fit: train a smaller one");
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        const uint64_t size = size_with(m, settings[i].dtype);
        if (size <= limit) {
            snprintf(advice, MOTE_ADVICE, "quantize %s would give about %llu bytes", settings[i].options,
                     (unsigned long long)size);
            break;
        }
    }
    return advice;
}

const char *mote_smaller_context(const mote_model *m, uint64_t limit, char advice[MOTE_ADVICE])
{
    const uint64_t all = mote_arena_size(m) + mote_state_size(m);
    uint64_t position = 0, context = 0; /* bytes of cache per position, and number of positions */
    for (uint32_t o = 0; o < mote_header_of(m)->op_count; o++) {
        const mote_op_view op = mote_op_at(m, o);
        for (const uint16_t *i = op.inputs; op.opcode == MOTE_OP_ATTENTION && i < op.outputs; i++)
            if (*i != MOTE_NO_INDEX && mote_record(m, *i)->role == MOTE_STATE) {
                context = mote_record(m, *i)->dims[0];
                position += mote_record(m, *i)->size / context;
            }
    }
    const uint64_t rest = all - position * context, fits = position && rest < limit ? (limit - rest) / position : 0;
    if (fits)
        snprintf(advice, MOTE_ADVICE, "quantize --context %llu would fit", (unsigned long long)fits);
    else
        snprintf(advice, MOTE_ADVICE, "take a model with smaller layers");
    return advice;
}
