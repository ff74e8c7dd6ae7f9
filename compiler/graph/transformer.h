/* A decoder transformer for text: token embedding, layers of attention and feed-forward around a residual stream, a
 * norm, a head. Training and importers build their transformers by mote_transformer_build. */
#ifndef MOTE_COMPILER_TRANSFORMER_H
#define MOTE_COMPILER_TRANSFORMER_H

#include "compiler/graph/graph.h"

typedef struct mote_transformer_shape {
    uint32_t vocabulary, dim, layers;
    uint32_t heads, kv_heads; /* kv_heads divides heads, heads divides dim; dim/heads is even with rotary positions */
    uint32_t hidden;          /* width of the feed-forward layer */
    uint32_t context;         /* positions of the key/value cache */
    bool tied;                /* the head's weights are the embedding */
    bool biased;              /* linear operators of the layers have biases; the norms of layer_norm always have */
    bool layer_norm;          /* LayerNorm, else RMSNorm */
    bool gelu;                /* down(gelu(up(x))), else SwiGLU: down(silu(gate(x)) · up(x)) */
    bool learned_positions;   /* a table of `context` rows is added to the embedding, else rotary positions */
    float theta;              /* rotary angle of pair i: theta^(-2i/w) radians per position, w = dim/heads */
    float epsilon;            /* epsilon of the norms */
} mote_transformer_shape;

#define MOTE_TRANSFORMER_DEFAULTS ((mote_transformer_shape){.theta = 10000, .epsilon = 1e-5f})

/* Checks the shape; the message names the invalid numbers. Errors: MOTE_E_USAGE. */
bool mote_transformer_valid(const mote_transformer_shape *shape, mote_error *error);

/* Returns the number of weights, biases and gains of a valid shape. */
uint64_t mote_transformer_parameters(const mote_transformer_shape *shape);

/* Initializes `g` and builds the network: input "ids"; constants "embedding.weight" [vocabulary, dim],
 * "positions.weight" [context, dim]; per layer i, with L = "layer<i>", "L.attention.norm.gain", "L.q.weight"
 * [dim, dim], "L.k.weight" and "L.v.weight" [kv_heads·w, dim], "L.o.weight" [dim, dim], "L.feed.norm.gain",
 * "L.gate.weight" and "L.up.weight" [hidden, dim], "L.down.weight" [dim, hidden]; "norm.gain", "head.weight"
 * [vocabulary, dim]; with biases "L.q.bias" and so on, for norms "...norm.bias"; "turns" I32 [w/2]; states "L.keys" and
 * "L.values" [context, kv_heads·w]; output "logits". Operators have the name of their output: "embedding",
 * "L.attention.norm", "L.q", "L.attention", "L.o", "L.residual", "L.feed.norm", "L.gate", "L.silu" ("L.gelu"), "L.up",
 * "L.product", "L.down", "L", "norm", "logits"; with learned positions also "positions" and "embedded".
 * Weights are drawn from `seed`, normal with deviation 1/√columns. "L.o" and "L.down" have this times 1/√(2·layers);
 * the embedding has 0.5, or 1/√dim when tied, and positions a quarter of that. With seed 0 the weights stay zero for an
 * importer to fill. On failure there is nothing to free. */
bool mote_transformer_build(mote_graph *g, const mote_transformer_shape *shape, uint64_t seed, mote_error *error);

#endif
