/* Measures the loss of a float graph with some of its matrices replaced: the cost of quantizing each of them. */
#ifndef MOTE_COMPILER_PROBE_H
#define MOTE_COMPILER_PROBE_H

#include "compiler/graph/executor.h"
#include "compiler/task/source.h"

typedef struct mote_probe {
    mote_executor executor;
    const mote_graph *graph; /* not owned */
    mote_source source;
    mote_walk walk;
} mote_probe;

/* The samples must have targets. `graph` and the source's data must outlive the probe, which must not move. Matrices
 * trained with a quantizer are seen through it until they are replaced. On failure there is nothing to free. */
bool mote_probe_init(mote_probe *p, const mote_graph *graph, const mote_source *source, mote_error *error);
void mote_probe_free(mote_probe *p);

void mote_probe_replace(mote_probe *p, int tensor, const float *values);
void mote_probe_restore(mote_probe *p, int tensor);

/* Adds the results of the whole source. All tokens of a text count, the first of a sequence after the start token. */
void mote_probe_add(mote_probe *p, mote_tally *tally);
/* Measures the mean loss. Fails if it is infinite or undefined. */
bool mote_probe_loss(mote_probe *p, double *loss, mote_error *error);

#endif
