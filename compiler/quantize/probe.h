/* How well a float graph foresees a text when some of its matrices are replaced: what quantising each of them costs. */
#ifndef MOTE_COMPILER_PROBE_H
#define MOTE_COMPILER_PROBE_H

#include "compiler/graph/evaluator.h"

typedef struct mote_probe {
    mote_evaluator evaluator;
    const mote_graph *graph;
    const uint16_t *tokens; /* not owned */
    size_t count;
    uint32_t sequence; /* tokens read before a sequence begins anew */
    uint16_t start;
} mote_probe;

/* A text of at least one token, each below the vocabulary; `graph` and `tokens` outlive the probe. Matrices trained
 * with a quantiser are seen through it until replaced. On failure there is nothing to free. */
bool mote_probe_init(mote_probe *p, const mote_graph *graph, const uint16_t *tokens, size_t count, mote_error *error);
void mote_probe_free(mote_probe *p);

void mote_probe_replace(mote_probe *p, int tensor, const float *values);
void mote_probe_restore(mote_probe *p, int tensor);

/* Mean nats a token, all tokens foreseen, the first of a sequence from the start token. Fails where it is infinite or
 * undefined. */
bool mote_probe_loss(mote_probe *p, double *loss, mote_error *error);

#endif
