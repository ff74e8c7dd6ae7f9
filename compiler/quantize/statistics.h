/* Statistics of the inputs of every matrix of a float graph over samples: second moments for GPTQ, means for bias
 * correction. */
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

/* Runs the samples through the graph. A text begins a new sequence whenever a window would not fit the context. On
 * failure there is nothing to free. */
bool mote_statistics_init(mote_statistics *s, const mote_graph *g, const mote_source *source, mote_error *error);
void mote_statistics_free(mote_statistics *s);

#endif
