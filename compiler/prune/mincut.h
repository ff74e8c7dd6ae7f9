/* Maximum flow and minimum cut, exact on integers: push-relabel (Goldberg and Tarjan 1988), the highest node first,
 * with gap and global relabelling (Cherkassky and Goldberg 1997). */
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
    int64_t value;     /* of the maximum flow, and the capacity of the cut */
    int64_t *edge;     /* [edge_count], owned: what each edge carries */
    bool *source_side; /* [nodes], owned: of a minimum cut, the one nearest to the sink. Cut are the edges that leave it
                        */
} mote_flow;

/* All memory, some 45 bytes an edge, is taken at the beginning. On failure there is nothing to free. Errors:
 * MOTE_E_FORMAT a node out of range, source and sink the same, a negative capacity, or capacities that together leave
 * the source and exceed int64. */
bool mote_flow_solve(const mote_flow_network *network, mote_flow *flow, mote_error *error);
void mote_flow_free(mote_flow *flow);

#endif
