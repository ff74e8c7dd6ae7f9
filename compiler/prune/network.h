/* Models a float graph as a flow network from inputs to outputs, to find the weights that information must pass
 * (docs/pruning.md). */
#ifndef MOTE_COMPILER_NETWORK_H
#define MOTE_COMPILER_NETWORK_H

#include "compiler/prune/activity.h"

typedef struct mote_network_report {
    size_t nodes, edges;
    double seconds; /* of the maximum flow */
    size_t cut;     /* weights that the minimum cut contains */
} mote_network_report;

/* Adds the maximum flow through each weight to importance[tensor][i], [elements] of each product's matrix that the
 * caller wants (others are NULL), in units of |w|·mean|x|. Weights in the minimum cut get the largest such flow of
 * their matrix on top. Errors: MOTE_E_INTERNAL out of memory, MOTE_E_FORMAT flows that are infinite or too many
 * weights. */
bool mote_network_importance(const mote_graph *g, const mote_activity *c, float **importance,
                             mote_network_report *report, mote_error *error);

#endif
