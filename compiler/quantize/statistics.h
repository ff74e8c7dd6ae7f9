/* What enters every matrix of a float graph while samples run through it: second moments for GPTQ, means for the
 * correction of biases. */
#ifndef MOTE_COMPILER_STATISTICS_H
#define MOTE_COMPILER_STATISTICS_H

#include "compiler/graph/graph.h"
#include "compiler/quantize/hessian.h"
#include "compiler/task/source.h"

typedef struct mote_statistics {
    int count;              /* tensors of the graph */
    mote_hessian *hessians; /* per tensor; those that no product reads have no columns */
    double **sums;          /* per tensor: Σ x [columns], or NULL */
} mote_statistics;

/* A text begins anew whenever a window of it would not fit the context. On failure there is nothing to free. */
bool mote_statistics_init(mote_statistics *s, const mote_graph *g, const mote_source *source, mote_error *error);
void mote_statistics_free(mote_statistics *s);

#endif
