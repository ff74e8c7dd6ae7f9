/* Generates a short text with the model, to be shown during training. */
#include <math.h>
#include <string.h>

#include "compiler/graph/evaluator.h"
#include "compiler/graph/random.h"
#include "compiler/train/trainer.h"
#include "runtime/tokenizer.h"

static uint16_t draw(const float *logits, uint32_t vocabulary, uint16_t never, float temperature, mote_random *random)
{
    float most = logits[0], sum = 0;
    for (uint32_t j = 1; j < vocabulary; j++)
        most = fmaxf(most, logits[j]);
    for (uint32_t j = 0; j < vocabulary; j++)
        sum += j == never ? 0 : expf((logits[j] - most) / temperature);
    float left = sum * mote_random_unit(random);
    uint16_t last = 0;
    for (uint32_t j = 0; j < vocabulary && left >= 0; j++) {
        if (j == never)
            continue;
        last = (uint16_t)j;
        left -= expf((logits[j] - most) / temperature);
    }
    return last;
}

bool mote_trainer_sample(const mote_trainer *t, char *text, size_t size, mote_error *error)
{
    mote_evaluator e;
    if (!mote_evaluator_init(&e, &t->graph, 1, error))
        return false;
    mote_random random = {t->options.seed + t->at.step};
    const mote_tokenizer *tokenizer = t->corpus.tokenizer;
    uint16_t token = tokenizer->start;
    size_t length = 0;
    for (size_t drawn = 0; drawn < size && length + 1 < size; drawn++) {
        const float *logits = mote_evaluator_feed(&e, &token, 1);
        const uint16_t previous = token;
        token = draw(logits, tokenizer->vocabulary, tokenizer->unknown, 0.7f, &random);
        size_t n;
        const uint8_t *bytes = mote_tokenizer_decode(tokenizer, previous, token, &n);
        n = n < size - 1 - length ? n : size - 1 - length;
        memcpy(text + length, bytes, n);
        length += n;
    }
    text[length] = 0;
    mote_evaluator_free(&e);
    return true;
}
