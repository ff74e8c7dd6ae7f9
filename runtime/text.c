/* Implements mote_text.h: tokens and text of language models. */
#include <mote_text.h>

#include "model.h"
#include "sample.h"
#include "tokenizer.h"

int mote_is_language_model(const mote_model *m)
{
    return m->vocabulary != 0;
}

uint32_t mote_vocabulary(const mote_model *m)
{
    return m->vocabulary;
}

void mote_step(mote_session *s, uint32_t token)
{
    uint16_t *ids = mote_data_mutable(s, s->model->input);
    ids[0] = token < mote_vocabulary(s->model) ? (uint16_t)token : 0;
    mote_run(s);
}

const int16_t *mote_logits(const mote_session *s)
{
    return mote_data(s, s->model->output);
}

uint32_t mote_unknown_token(const mote_model *m)
{
    const mote_tokenizer *t = m->tokenizer;
    return t ? t->unknown : MOTE_NO_INDEX;
}

uint32_t mote_sample(mote_session *s, mote_sampler *sampler)
{
    return mote_sample_scores(s->kernels, mote_logits(s), mote_vocabulary(s->model), mote_unknown_token(s->model),
                              sampler);
}

int32_t mote_encode(const mote_model *m, const void *text, size_t size, uint16_t *tokens, size_t capacity)
{
    if (m->tokenizer)
        return mote_tokenizer_encode(m->tokenizer, text, size, tokens, capacity);
    if (size > capacity || size > INT32_MAX)
        return MOTE_TOO_SMALL;
    for (size_t i = 0; i < size; i++) {
        const uint8_t byte = ((const uint8_t *)text)[i];
        tokens[i] = byte < mote_vocabulary(m) ? byte : 0;
    }
    return (int32_t)size;
}

int32_t mote_encode_prompt(const mote_model *m, const void *text, size_t size, uint16_t *tokens, size_t capacity)
{
    const size_t before = !size || (m->tokenizer && mote_tokenizer_starts_first(m->tokenizer));
    if (capacity < before)
        return MOTE_TOO_SMALL;
    if (before)
        tokens[0] = (uint16_t)mote_start_token(m);
    const int32_t count = mote_encode(m, text, size, tokens + before, capacity - before);
    return count < 0 ? count : count + (int32_t)before;
}

const uint8_t *mote_decode(const mote_model *m, uint32_t previous, uint32_t token, size_t *size)
{
    *size = 0;
    return m->tokenizer ? mote_tokenizer_decode(m->tokenizer, previous, token, size) : m->file;
}

int mote_ends_text(const mote_model *m, uint32_t token)
{
    return m->tokenizer && mote_tokenizer_ends_text(m->tokenizer, token);
}

uint32_t mote_start_token(const mote_model *m)
{
    const mote_tokenizer *t = m->tokenizer;
    return t ? t->start : 0;
}
