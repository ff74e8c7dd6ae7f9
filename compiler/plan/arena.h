/* Plans the memory of a run: offsets of tensors in arena and state. */
#ifndef MOTE_COMPILER_ARENA_H
#define MOTE_COMPILER_ARENA_H

#include "compiler/graph/graph.h"

typedef struct mote_lifetime {
    uint32_t size;
    int first, last; /* first and last operator that needs the bytes */
    uint32_t offset; /* set by mote_place_items */
} mote_lifetime;

/* Sets the offset of every item, a multiple of 16, so that items with overlapping lifetimes share no byte. The largest
 * items come first; each gets the lowest offset that is free for its whole lifetime. Sets *size to the bytes used, a
 * multiple of 16. Errors: MOTE_E_INTERNAL when out of memory, MOTE_E_UNSUPPORTED for 2^31 bytes or more. */
bool mote_place_items(mote_lifetime *items, int count, uint32_t *size, mote_error *error);

/* Sets the offsets of the activations of a packed graph in the arena and of its states, one after another, in the
 * state; sets arena_size and state_size. Inputs keep their bytes for the whole run, outputs from the operator that
 * writes them to the end. */
bool mote_graph_plan(mote_graph *g, mote_error *error);

#endif
