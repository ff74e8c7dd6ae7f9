#include "compiler/quantize/own_text.h"

#include <math.h>

#include "compiler/graph/evaluator.h"
#include "compiler/graph/random.h"

enum { SEED = 1 };

uint16_t mote_graph_start_token(const mote_graph *g)
{
    const mote_tokenizer *t = (const void *)g->tokenizer;
    return t ? t->start : 0;
}

/* Draws a token with probabilities proportional to exp(logits). */
static uint16_t draw(const float *logits, uint32_t vocabulary, mote_random *random)
{
    float most = logits[0], sum = 0;
    for (uint32_t v = 1; v < vocabulary; v++)
        most = fmaxf(most, logits[v]);
    for (uint32_t v = 0; v < vocabulary; v++)
        sum += expf(logits[v] - most);
    float left = sum * mote_random_unit(random);
    uint32_t v = 0;
    while (v + 1 < vocabulary && (left -= expf(logits[v] - most)) >= 0)
        v++;
    return (uint16_t)v;
}

bool mote_own_text(const mote_graph *g, uint16_t *tokens, size_t count, mote_error *error)
{
    mote_evaluator e;
    if (!mote_evaluator_init(&e, g, 1, error))
        return false;
    mote_random random = {SEED};
    const uint32_t context = mote_graph_context(g);
    uint16_t token = mote_graph_start_token(g);
    for (size_t i = 0; i < count; i++) {
        if (context && e.executor.slices[0].position == context) {
            mote_evaluator_reset(&e);
            token = mote_graph_start_token(g);
        }
        const float *logits = mote_evaluator_feed(&e, &token, 1);
        tokens[i] = token = draw(logits, e.vocabulary, &random);
    }
    mote_evaluator_free(&e);
    return true;
}
