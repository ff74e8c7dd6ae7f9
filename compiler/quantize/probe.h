/* How well a float graph does its task when some of its matrices are replaced: what quantizing each of them costs. */
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

/* The samples have targets. `graph` and what the source has outlive the probe, which stays where it is. Matrices
 * trained with a quantizer are seen through it until replaced. On failure there is nothing to free. */
bool mote_probe_init(mote_probe *p, const mote_graph *graph, const mote_source *source, mote_error *error);
void mote_probe_free(mote_probe *p);

void mote_probe_replace(mote_probe *p, int tensor, const float *values);
void mote_probe_restore(mote_probe *p, int tensor);

/* Adds what the whole source scores; all tokens of a text count, the first of a sequence after the start token. */
void mote_probe_add(mote_probe *p, mote_tally *tally);
/* The mean loss. Fails when it is infinite or undefined. */
bool mote_probe_loss(mote_probe *p, double *loss, mote_error *error);

#endif
