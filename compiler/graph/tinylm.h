/* TinyLM, the built-in language model: embedding, GRU layers, linear head. */
#ifndef MOTE_COMPILER_TINYLM_H
#define MOTE_COMPILER_TINYLM_H

#include "compiler/graph/graph.h"

typedef struct mote_tinylm_shape {
    uint32_t vocabulary, embed, dim, layers;
    bool tied; /* the head's weights are the embedding; needs embed = dim */
} mote_tinylm_shape;

/* Initializes `g` and builds the network: input "ids", constants "embedding.weight" [vocabulary, embed], per layer i
 * "layer<i>.input.weight" [3·dim, in], "layer<i>.input.bias", "layer<i>.recurrent.weight" [3·dim, dim],
 * "layer<i>.recurrent.bias", and "head.weight" [vocabulary, dim], "head.bias"; output "logits". Weights and biases are
 * drawn from `seed`, uniform in ±1/√dim. The embedding is normal with deviation 1, or 1/√dim when tied. The head bias
 * is zero. On failure there is nothing to free. */
bool mote_tinylm_build(mote_graph *g, const mote_tinylm_shape *shape, uint64_t seed, mote_error *error);

#endif
