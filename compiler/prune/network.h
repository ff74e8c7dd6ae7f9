/* A float graph as a flow network, from inputs to outputs: what information must pass (docs/pruning.md). */
#ifndef MOTE_COMPILER_NETWORK_H
#define MOTE_COMPILER_NETWORK_H

#include "compiler/prune/activity.h"

typedef struct mote_network_report {
    size_t nodes, edges;
    double seconds; /* of the maximum flow */
    size_t cut;     /* weights that the minimum cut goes through */
} mote_network_report;

/* Adds to importance[tensor][i], [elements] of each matrix of a product that the caller wants (others NULL), what a
 * maximum flow carries over the weight, in units of |w|·mean|x|; for the weights that the minimum cut goes through the
 * largest such flow of the matrix more. Errors: MOTE_E_INTERNAL out of memory, MOTE_E_UNSUPPORTED too many weights. */
bool mote_network_importance(const mote_graph *g, const mote_activity *c, float **importance,
                             mote_network_report *report, mote_error *error);

#endif
