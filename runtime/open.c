/* Verifies a packed file beyond its container: memory offsets, tokenizer and operators. */
#include "ops/ops.h"
#include "tokenizer.h"

/* Types of inputs and outputs. */
#define END_TYPES (1u << MOTE_I32 | 1u << MOTE_I16 | 1u << MOTE_I8 | 1u << MOTE_U16 | 1u << MOTE_U8)

/* The largest offset and size of a tensor in the arena or the state: operators count in 31 bits. */
#define MOST (0x80000000u - MOTE_ALIGNMENT)

/* Checks that the arena ends with the last tensor in it, and the state with the last of the state tensors, which lie
 * one after another; and that there are an input and an output. Counts both. */
static int places_fit(mote_model *m)
{
    const mote_header *h = mote_header_of(m);
    uint32_t state_end = 0, arena_end = 0;
    for (uint32_t i = 0; i < h->tensor_count; i++) {
        const mote_tensor_record *t = mote_record(m, i);
        if (t->role == MOTE_CONSTANT)
            continue;
        if (t->offset % MOTE_ALIGNMENT != 0 || t->offset > MOST || t->size > MOST ||
            ((t->role == MOTE_INPUT || t->role == MOTE_OUTPUT) && !(END_TYPES >> t->dtype & 1)))
            return 0;
        if (t->role == MOTE_STATE) {
            if (t->offset < state_end)
                return 0;
            state_end = mote_end_of(t);
            continue;
        }
        arena_end = mote_end_of(t) > arena_end ? mote_end_of(t) : arena_end;
        if (t->role == MOTE_INPUT) {
            if (t->size > UINT32_MAX - m->input_size)
                return 0;
            m->input_size += t->size;
            m->input_count++;
        } else if (t->role == MOTE_OUTPUT) {
            m->output_count++;
        }
    }
    m->input = (uint16_t)mote_of_role(m, MOTE_INPUT, 0);
    m->output = (uint16_t)mote_of_role(m, MOTE_OUTPUT, 0);
    return m->input_count && m->output_count && arena_end == h->arena_size && state_end == h->state_size;
}

/* Returns the number of scores of a network that takes one token and has an int16 score for each; 0 for any other
 * network. */
static uint32_t vocabulary_of(const mote_model *m)
{
    const uint32_t scores = mote_record(m, m->output)->dims[0];
    return m->input_count == 1 && m->output_count == 1 && scores < MOTE_NO_INDEX &&
                   mote_is(m, m->input, MOTE_U16, 1, 0) && mote_is(m, m->output, MOTE_I16, scores, 0)
               ? scores
               : 0;
}

mote_status mote_open(mote_model *m, const void *file, size_t size)
{
    const mote_status status = mote_check_container(m, file, size);
    if (status != MOTE_SUCCESS)
        return status;
    if (!(mote_header_of(m)->flags & MOTE_FLAG_PACKED))
        return MOTE_NOT_PACKED;
    const mote_tokenizer *tokenizer = m->tokenizer;
    const mote_golden *golden = m->golden;
    if (!places_fit(m) || (golden && golden->input_size != m->input_size))
        return MOTE_BAD_TABLE;
    m->vocabulary = vocabulary_of(m);
    if (tokenizer && tokenizer->vocabulary != m->vocabulary)
        return MOTE_BAD_TABLE;
    if (tokenizer && mote_tokenizer_is_left_out(tokenizer))
        return MOTE_NO_KERNEL;
    return mote_operators_fit(m);
}
