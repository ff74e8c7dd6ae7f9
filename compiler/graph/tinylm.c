#include "compiler/graph/tinylm.h"

#include <math.h>

#include "compiler/graph/builder.h"
#include "compiler/graph/limits.h"

enum { MAX_WIDTH = 4096, MAX_LAYERS = 16 };

static int embedding(mote_builder *b, const mote_tinylm_shape *shape, int *table)
{
    int ids = mote_build_tensor(b, "ids", MOTE_U16, MOTE_INPUT, 1, 0);
    float deviation = shape->tied ? 1 / sqrtf((float)shape->dim) : 1;
    *table = mote_build_normal(b, "embedding.weight", shape->vocabulary, shape->embed, deviation);
    return mote_build_op(b, "embedding", MOTE_OP_EMBEDDING, 2, (int[]){ids, *table}, NULL);
}

static int layer(mote_builder *b, uint32_t i, int x, uint32_t in, uint32_t d)
{
    float range = 1 / sqrtf((float)d);
    int wx = mote_build_uniform(b, mote_build_name(b, "layer%u.input.weight", i), 3 * d, in, range);
    int bx = mote_build_uniform(b, mote_build_name(b, "layer%u.input.bias", i), 3 * d, 0, range);
    int gates = mote_build_op(b, mote_build_name(b, "layer%u.input", i), MOTE_OP_LINEAR, 3, (int[]){x, wx, bx}, NULL);
    int wh = mote_build_uniform(b, mote_build_name(b, "layer%u.recurrent.weight", i), 3 * d, d, range);
    int bh = mote_build_uniform(b, mote_build_name(b, "layer%u.recurrent.bias", i), 3 * d, 0, range);
    int h = mote_build_tensor(b, mote_build_name(b, "layer%u.state", i), MOTE_F32, MOTE_STATE, d, 0);
    return mote_build_op(b, mote_build_name(b, "layer%u", i), MOTE_OP_GRU, 5, (int[]){gates, wh, bh, -1, h}, NULL);
}

static void head(mote_builder *b, const mote_tinylm_shape *shape, int x, int table)
{
    float range = 1 / sqrtf((float)shape->dim);
    int weight = shape->tied ? table : mote_build_uniform(b, "head.weight", shape->vocabulary, shape->dim, range);
    int bias = mote_build_uniform(b, "head.bias", shape->vocabulary, 0, 0);
    mote_build_output(b, mote_build_op(b, "head", MOTE_OP_LINEAR, 3, (int[]){x, weight, bias}, NULL), "logits");
}

static bool shape_valid(const mote_tinylm_shape *s, mote_error *error)
{
    if (s->vocabulary < 1 || s->vocabulary > MOTE_MOST_TOKENS || s->embed < 1 || s->embed > MAX_WIDTH || s->dim < 1 ||
        s->dim > MAX_WIDTH || s->layers < 1 || s->layers > MAX_LAYERS)
        return mote_fail(error, MOTE_E_USAGE, "a TinyLM has 1..%d layers of 1..%d units and at most %d tokens",
                         MAX_LAYERS, MAX_WIDTH, MOTE_MOST_TOKENS);
    if (s->tied && s->embed != s->dim)
        return mote_fail(error, MOTE_E_USAGE, "a tied head needs an embedding as wide as the layers: %u is not %u",
                         s->embed, s->dim);
    return true;
}

bool mote_tinylm_build(mote_graph *g, const mote_tinylm_shape *shape, uint64_t seed, mote_error *error)
{
    if (!shape_valid(shape, error))
        return false;
    mote_graph_init(g);
    mote_builder b = {.g = g, .random = {seed}};
    int table, x = embedding(&b, shape, &table);
    for (uint32_t i = 0; i < shape->layers; i++)
        x = layer(&b, i, x, i ? shape->dim : shape->embed, shape->dim);
    head(&b, shape, x, table);
    return mote_build_end(&b, "TinyLM", error);
}
