#include "golden.h"

#include "crc32.h"
#include "kernels.h"
#include "model.h"

uint32_t mote_greedy(const mote_session *s)
{
    return s->kernels->argmax(mote_logits(s), s->model->vocabulary, mote_unknown_token(s->model));
}

uint32_t mote_golden_step(mote_session *s, uint32_t token, uint32_t digest)
{
    mote_step(s, token);
    return mote_crc32(digest, mote_logits(s), s->model->vocabulary * sizeof(int16_t));
}

static int replay(mote_session *s, const mote_golden *golden)
{
    const uint16_t *tokens = (const uint16_t *)(golden + 1);
    const uint32_t count = golden->prompt_count + golden->output_count;
    uint32_t digest = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i >= golden->prompt_count && mote_greedy(s) != tokens[i])
            return 0;
        digest = mote_golden_step(s, tokens[i], digest);
    }
    return digest == golden->digest;
}

mote_status mote_selftest(mote_session *s)
{
    if (!s->model->golden)
        return MOTE_SUCCESS;
    mote_reset(s);
    const int same = replay(s, s->model->golden);
    mote_reset(s);
    return same ? MOTE_SUCCESS : MOTE_BAD_GOLDEN;
}
