/* Maximum flow and minimum cut, exact on integers: highest-label push-relabel (Goldberg and Tarjan 1988) with gap and
 * global relabelling (Cherkassky and Goldberg 1997). */
#ifndef MOTE_COMPILER_MINCUT_H
#define MOTE_COMPILER_MINCUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct mote_flow_edge {
    uint32_t from, to;
    int64_t capacity; /* from 0 */
} mote_flow_edge;

/* Several edges may join the same nodes; an edge from a node to itself carries nothing. */
typedef struct mote_flow_network {
    uint32_t nodes, source, sink;
    size_t edge_count; /* below 2^31 */
    const mote_flow_edge *edges;
} mote_flow_network;

typedef struct mote_flow {
    int64_t value;     /* value of the maximum flow, which is the capacity of the cut */
    int64_t *edge;     /* [edge_count], owned: flow of each edge */
    bool *source_side; /* [nodes], owned: source side of the minimum cut nearest to the sink; the edges that leave it
                          are cut */
} mote_flow;

/* Computes a maximum flow and a minimum cut. Allocates all memory, about 45 bytes per edge, at the start. Errors:
 * MOTE_E_FORMAT a node out of range, equal source and sink, a negative capacity, too many edges, or capacities out of
 * the source that exceed int64 in sum; MOTE_E_INTERNAL out of memory. On failure there is nothing to free. */
bool mote_flow_solve(const mote_flow_network *network, mote_flow *flow, mote_error *error);
void mote_flow_free(mote_flow *flow);

#endif
