/* The smallest transformers that have every operand: with grouped heads, gated units and rotated positions, or with the
 * other form of each. */
#ifndef MOTE_TESTS_SMALL_TRANSFORMER_H
#define MOTE_TESTS_SMALL_TRANSFORMER_H

#include "compiler/graph/transformer.h"

static inline mote_transformer_shape small_transformer(bool gelu)
{
    return (mote_transformer_shape){.vocabulary = 9,
                                    .dim = 8,
                                    .layers = 1,
                                    .heads = 2,
                                    .kv_heads = gelu ? 2 : 1,
                                    .hidden = 12,
                                    .context = 3,
                                    .biased = gelu,
                                    .layer_norm = gelu,
                                    .gelu = gelu,
                                    .learned_positions = gelu,
                                    .theta = 10000,
                                    .epsilon = 1e-5f};
}

#endif
