/* Statistics of activations and gradients of a float graph on samples, for pruning. */
#ifndef MOTE_COMPILER_ACTIVITY_H
#define MOTE_COMPILER_ACTIVITY_H

#include "compiler/graph/graph.h"
#include "compiler/quantize/hessian.h"
#include "compiler/task/source.h"

/* Statistics per tensor; arrays are NULL for tensors that they do not apply to. x are the inputs of the products with a
 * matrix. */
typedef struct mote_activity {
    const mote_graph *graph; /* not owned */
    int tensor_count;
    uint64_t samples;
    double loss;         /* mean, of the samples' task; NaN without targets */
    double **square;     /* matrices of products [columns]: mean of x² */
    double **input;      /* matrices of products [columns]: mean of |x| */
    double **activation; /* activations: mean of |value| of each element */
    float **gradient; /* matrices of products, on demand: sum over windows of at most 16 samples of |w · gradient| */
} mote_activity;

/* Runs the samples through the graph. Errors: MOTE_E_FORMAT a text of fewer than two tokens, a matrix whose inputs are
 * all 0 for every sample (named), or values, gradients or a loss that are not finite; MOTE_E_USAGE gradients without
 * targets; MOTE_E_UNSUPPORTED as mote_executor_init. On failure there is nothing to free. */
bool mote_activity_measure(mote_activity *c, const mote_graph *g, const mote_source *source, bool gradients,
                           mote_error *error);
void mote_activity_free(mote_activity *c);

/* Computes the mean loss of samples with targets; for a text, of the tokens after the first. */
bool mote_source_loss(const mote_graph *g, const mote_source *source, double *loss, mote_error *error);

/* Correlates the inputs of one matrix in `dense` and in `pruned`, graphs of one shape. Adds Σ x·xᵀ over the inputs x in
 * `pruned` to h, and Σ d·xᵀ over the inputs d in `dense` to cross [columns, columns]; row i belongs to d_i. */
bool mote_activity_pair(const mote_graph *dense, const mote_graph *pruned, int weights, const mote_source *source,
                        mote_hessian *h, float *cross, mote_error *error);

#endif
