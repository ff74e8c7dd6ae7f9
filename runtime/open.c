/* What holds, beyond the container, for a file a device may run. */
#include "ops/ops.h"
#include "tokenizer.h"

/* Arena tensors lie in the arena, state tensors one after another in the state; there is one input and one output. */
static int places_fit(mote_model *m)
{
    const mote_header *h = mote_header_of(m);
    uint64_t state_end = 0;
    m->token_tensor = m->logits_tensor = MOTE_NO_INDEX;
    for (uint32_t i = 0; i < h->tensor_count; i++) {
        const mote_tensor_record *t = mote_record(m, i);
        if (t->role == MOTE_CONSTANT)
            continue;
        if (t->offset % MOTE_ALIGNMENT != 0 || mote_end_of(t) > (t->role == MOTE_STATE ? h->state_size : h->arena_size))
            return 0;
        if (t->role == MOTE_STATE) {
            if (t->offset < state_end)
                return 0;
            state_end = mote_end_of(t);
        }
        uint16_t *unique = t->role == MOTE_INPUT ? &m->token_tensor : t->role == MOTE_OUTPUT ? &m->logits_tensor : NULL;
        if (unique && *unique != MOTE_NO_INDEX)
            return 0;
        if (unique)
            *unique = (uint16_t)i;
    }
    return m->token_tensor != MOTE_NO_INDEX && m->logits_tensor != MOTE_NO_INDEX;
}

mote_status mote_open(mote_model *m, const void *file, size_t size)
{
    mote_status status = mote_check_container(m, file, size);
    if (status != MOTE_SUCCESS)
        return status;
    if (!(mote_header_of(m)->flags & MOTE_FLAG_PACKED))
        return MOTE_NOT_PACKED;
    if (!places_fit(m))
        return MOTE_BAD_TABLE;
    m->vocabulary = mote_record(m, m->logits_tensor)->dims[0];
    if (!mote_is(m, m->token_tensor, MOTE_U16, 1, 0) || !mote_is(m, m->logits_tensor, MOTE_I16, m->vocabulary, 0) ||
        m->vocabulary >= MOTE_NO_INDEX)
        return MOTE_BAD_OPERATOR;
    const mote_tokenizer *tokenizer = m->tokenizer;
    if (tokenizer && tokenizer->vocabulary != m->vocabulary)
        return MOTE_BAD_TABLE;
    if (tokenizer && mote_tokenizer_is_left_out(tokenizer))
        return MOTE_NO_KERNEL;
    return mote_operators_fit(m);
}
