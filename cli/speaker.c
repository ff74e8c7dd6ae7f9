#include "cli/speaker.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/graph/check.h"
#include "compiler/graph/language.h"
#include "compiler/pack/container.h"
#include "runtime/sample.h"
#include "runtime/tokenizer.h"

#define LARGEST_FILE ((size_t)1 << 30)

static bool start_packed(mote_speaker *s, const char *path, mote_error *error)
{
    s->vocabulary = mote_vocabulary(&s->model);
    s->arena = aligned_alloc(MOTE_ALIGNMENT, mote_arena_size(&s->model));
    s->state = aligned_alloc(MOTE_ALIGNMENT, mote_state_size(&s->model) + MOTE_ALIGNMENT);
    if (!s->arena || !s->state)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for its arena and state", path);
    mote_start(&s->session, &s->model, s->arena, mote_arena_size(&s->model), s->state, mote_state_size(&s->model));
    return true;
}

/* Fails if a weight is not finite: NaN scores would draw an arbitrary token. */
static bool check_finite(const mote_graph *g, const char *path, mote_error *error)
{
    mote_error why;
    return mote_graph_check_finite(g, &why) || mote_fail(error, why.code, "%s: %.400s", path, why.text);
}

static bool start_float(mote_speaker *s, const char *path, mote_error *error)
{
    mote_graph g;
    if (!mote_graph_decode(&g, s->file.data, s->file.size, path, error))
        return false;
    const bool started = check_finite(&g, path, error) && mote_evaluator_init(&s->evaluator, &g, s->chunk, error);
    s->vocabulary = started ? s->evaluator.vocabulary : 0;
    mote_graph_free(&g);
    return started;
}

/* Sets the error for a network that cannot generate text. */
static bool refuse(const mote_speaker *s, const char *path, const char *verb, mote_error *error)
{
    mote_graph g;
    if (!mote_graph_decode(&g, s->file.data, s->file.size, path, error))
        return false;
    if (mote_graph_need_language_model(&g, path, verb, error))
        mote_fail(error, MOTE_E_UNSUPPORTED,
                  "%s: a language model without a tokenizer, but %s needs one; import the model with --tokenizer", path,
                  verb);
    mote_graph_free(&g);
    return false;
}

static bool start(mote_speaker *s, const char *path, const char *verb, mote_error *error)
{
    const mote_status status = mote_open(&s->model, s->file.data, s->file.size);
    s->packed = status == MOTE_SUCCESS;
    if (!s->packed && status != MOTE_NOT_PACKED)
        return mote_fail_open(error, status, s->file.data, s->file.size, path);
    if (!s->model.tokenizer)
        return refuse(s, path, verb, error);
    s->tokenizer = s->model.tokenizer;
    if (s->packed ? !start_packed(s, path, error) : !start_float(s, path, error))
        return false;
    if (s->tokenizer->vocabulary != s->vocabulary)
        return mote_fail(error, MOTE_E_FORMAT, "%s: the sizes of tokenizer and vocabulary differ", path);
    s->scores = malloc((size_t)s->chunk * s->vocabulary * sizeof *s->scores);
    return s->scores || mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for its scores", path);
}

bool mote_speaker_open(mote_speaker *s, const char *path, const char *verb, uint32_t chunk, mote_error *error)
{
    *s = (mote_speaker){.chunk = chunk};
    if (!mote_file_read(path, LARGEST_FILE, &s->file, error))
        return false;
    if (start(s, path, verb, error))
        return true;
    mote_speaker_close(s);
    return false;
}

void mote_speaker_close(mote_speaker *s)
{
    if (!s->packed && s->vocabulary)
        mote_evaluator_free(&s->evaluator);
    free(s->file.data);
    free(s->arena);
    free(s->state);
    free(s->scores);
    *s = (mote_speaker){0};
}

bool mote_speaker_encode(const mote_speaker *s, const char *prompt, size_t size, mote_token_list *tokens,
                         mote_error *error)
{
    const bool starts = !size || mote_tokenizer_starts_first(s->tokenizer);
    if (starts && !mote_token_list_add(tokens, s->tokenizer->start))
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for a prompt of %zu bytes", size);
    return mote_encode_text(s->tokenizer, (const uint8_t *)prompt, size, tokens, error);
}

void mote_speaker_reset(mote_speaker *s)
{
    if (s->packed)
        mote_reset(&s->session);
    else
        mote_evaluator_reset(&s->evaluator);
}

const float *mote_speaker_feed(mote_speaker *s, const uint16_t *tokens, uint32_t count)
{
    if (!s->packed)
        return mote_evaluator_feed(&s->evaluator, tokens, count);
    for (uint32_t i = 0; i < count; i++) {
        mote_step(&s->session, tokens[i]);
        for (uint32_t v = 0; v < s->vocabulary; v++)
            s->scores[(size_t)i * s->vocabulary + v] = (float)mote_logits(&s->session)[v] / 1024;
    }
    return s->scores;
}

/* Rounds scores to a chip's units of 1/1024 nat. Only differences matter, so the highest score becomes 0. */
static void round_scores(const float *scores, uint32_t count, int16_t *rounded)
{
    float highest = scores[0];
    for (uint32_t i = 1; i < count; i++)
        highest = fmaxf(highest, scores[i]);
    for (uint32_t i = 0; i < count; i++)
        rounded[i] = (int16_t)fmaxf(-32768, rintf((scores[i] - highest) * 1024));
}

uint32_t mote_speaker_next(mote_speaker *s, uint32_t token, mote_sampler *sampler)
{
    if (s->packed) {
        mote_step(&s->session, token);
        return mote_sample(&s->session, sampler);
    }
    int16_t rounded[UINT16_MAX];
    round_scores(mote_evaluator_feed(&s->evaluator, &(uint16_t){(uint16_t)token}, 1), s->vocabulary, rounded);
    return mote_sample_scores(&mote_portable_kernels, rounded, s->vocabulary, s->tokenizer->unknown, sampler);
}
