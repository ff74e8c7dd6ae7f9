/* Where every byte of a run lives. */
#ifndef MOTE_COMPILER_ARENA_H
#define MOTE_COMPILER_ARENA_H

#include "compiler/graph/graph.h"

typedef struct mote_lifetime {
    uint32_t size;
    int first, last; /* operators during which the bytes are needed, both included */
    uint32_t offset; /* found by mote_place_items */
} mote_lifetime;

/* Gives every item an offset, a multiple of 16, such that items needed at the same time share no byte: largest first,
 * each at the lowest offset free for its whole life. *size: the bytes used, a multiple of 16. Errors: MOTE_E_INTERNAL
 * out of memory, MOTE_E_UNSUPPORTED 2^31 bytes or more. */
bool mote_place_items(mote_lifetime *items, int count, uint32_t *size, mote_error *error);

/* Offsets of a packed graph's activations in the arena and of its states, one after another, in the state; sets
 * arena_size and state_size. The input keeps its place for the whole run, the output from when it is made. */
bool mote_graph_plan(mote_graph *g, mote_error *error);

#endif
