/* Finds how long each tensor of a packed graph needs its memory, and which tensors share memory. */
#ifndef MOTE_COMPILER_LIFETIME_H
#define MOTE_COMPILER_LIFETIME_H

#include "compiler/graph/graph.h"

typedef struct mote_lifetime {
    uint32_t size;
    int first, last; /* first and last operator that needs the bytes */
    uint32_t offset; /* set by mote_place_items */
} mote_lifetime;

/* Writes the lifetime of every tensor to lives[tensor_count] and the tensor in whose bytes it lies to
 * home[tensor_count]: itself, or a tensor of the same size that lies in its own bytes. Such a home has the lifetime of
 * all tensors in it. All other tensors that share, and tensors outside the arena, have size 0.
 *
 * An input of the network is needed from the start to its last reader, an output from the operator that makes it to the
 * end. The result of an operator with the trait VIEW lies in its input; with the trait IN_PLACE, it lies in an input
 * that no later operator reads. */
void mote_graph_lifetimes(const mote_graph *g, mote_lifetime *lives, int *home);

static inline bool mote_in_arena(const mote_tensor *t)
{
    return t->role != MOTE_CONSTANT && t->role != MOTE_STATE;
}

#endif
