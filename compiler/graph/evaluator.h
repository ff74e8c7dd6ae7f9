/* Runs a float language model on one sequence of tokens, for `mote eval` and `mote run`. Weights are quantized by the
 * quantizers that they were trained with. */
#ifndef MOTE_COMPILER_EVALUATOR_H
#define MOTE_COMPILER_EVALUATOR_H

#include "compiler/graph/executor.h"

typedef struct mote_evaluator {
    mote_executor executor;
    uint32_t chunk, vocabulary;
} mote_evaluator;

/* Prepares to run `g` and begins a sequence. `chunk` is the most tokens of one call: 1 to generate, about 256 to read a
 * text fast. Copies what it needs of `g`. Errors: MOTE_E_UNSUPPORTED for a network that is not a language model. On
 * failure there is nothing to free. */
bool mote_evaluator_init(mote_evaluator *e, const mote_graph *g, uint32_t chunk, mote_error *error);
void mote_evaluator_free(mote_evaluator *e);
void mote_evaluator_reset(mote_evaluator *e); /* begins a new sequence */

/* Feeds count ≤ chunk tokens, each below the vocabulary. Returns logits [count, vocabulary] in nats, valid until the
 * next call: row i has the scores of the token after tokens[i]. */
const float *mote_evaluator_feed(mote_evaluator *e, const uint16_t *tokens, uint32_t count);

#endif
