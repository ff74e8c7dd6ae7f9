/* Plans the memory of a run: offsets of tensors in arena and state. */
#ifndef MOTE_COMPILER_ARENA_H
#define MOTE_COMPILER_ARENA_H

#include "compiler/plan/lifetime.h"

/* Sets the offset of every item, a multiple of 16, so that items with overlapping lifetimes share no byte. The largest
 * items come first; each gets the lowest offset that is free for its whole lifetime. While that needs more bytes than
 * the items that are alive together, the item that ends highest comes first in another attempt, and the best attempt
 * counts. Sets *size to the bytes used, a multiple of 16. Errors: MOTE_E_INTERNAL when out of memory,
 * MOTE_E_UNSUPPORTED for 2^31 bytes or more. */
bool mote_place_items(mote_lifetime *items, int count, uint32_t *size, mote_error *error);

/* Sets the offsets of the activations of a packed graph in the arena (lifetime.h) and of its states, one after another,
 * in the state; sets arena_size and state_size. */
bool mote_graph_plan(mote_graph *g, mote_error *error);

#endif
