/* A decoder transformer for text: token embedding, layers of attention and feed-forward around a residual stream, a
 * norm, a head. Whether trained here or imported, every such model is built by this one function. */
#ifndef MOTE_COMPILER_TRANSFORMER_H
#define MOTE_COMPILER_TRANSFORMER_H

#include "compiler/graph/graph.h"

typedef struct mote_transformer_shape {
    uint32_t vocabulary, dim, layers;
    uint32_t heads, kv_heads; /* kv_heads divides heads, heads divides dim; dim/heads is even with rotary positions */
    uint32_t hidden;          /* of the feed-forward */
    uint32_t context;         /* positions of the key/value cache */
    bool tied;                /* the head's weights are the embedding */
    bool biased;              /* linear operators have biases; norms of a layer_norm model always have */
    bool layer_norm;          /* LayerNorm, else RMSNorm */
    bool gelu;                /* down(gelu(up(x))), else SwiGLU: down(silu(gate(x)) · up(x)) */
    bool learned_positions;   /* a table of `context` rows is added to the embedding, else rotary positions */
    float theta;              /* of rotary positions: pair i turns by theta^(-2i/w) radians a position, w = dim/heads */
    float epsilon;            /* of the norms */
} mote_transformer_shape;

#define MOTE_TRANSFORMER_DEFAULTS ((mote_transformer_shape){.theta = 10000, .epsilon = 1e-5f})

/* Names the numbers that cannot work. Errors: MOTE_E_USAGE. */
bool mote_transformer_valid(const mote_transformer_shape *shape, mote_error *error);

/* Of a valid shape: how many weights it has. */
uint64_t mote_transformer_parameters(const mote_transformer_shape *shape);

/* Initialises `g` and fills it: input "ids"; constants "embedding.weight" [vocabulary, dim], "positions.weight"
 * [context, dim]; per layer i, with L = "layer<i>", "L.attention.norm.gain", "L.q.weight" [dim, dim], "L.k.weight" and
 * "L.v.weight" [kv_heads·w, dim], "L.o.weight" [dim, dim], "L.feed.norm.gain", "L.gate.weight" and "L.up.weight"
 * [hidden, dim], "L.down.weight" [dim, hidden]; "norm.gain", "head.weight" [vocabulary, dim]; where biased "L.q.bias"
 * and so on, of norms "...norm.bias"; "turns" I32 [w/2]; states "L.keys" and "L.values" [context, kv_heads·w]; output
 * "logits". Operators are named as their output: "embedding", "L.attention.norm", "L.q", "L.attention", "L.o",
 * "L.residual", "L.feed.norm", "L.gate", "L.silu" ("L.gelu"), "L.up", "L.product", "L.down", "L", "norm", "logits".
 * Weights are drawn from `seed`: normal, deviation 0.02-like (see the source); with seed 0 they stay zero, and an
 * importer fills them.
 * On failure there is nothing to free. */
bool mote_transformer_build(mote_graph *g, const mote_transformer_shape *shape, uint64_t seed, mote_error *error);

#endif
