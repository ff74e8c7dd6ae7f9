#include "compiler/graph/tinylm.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "compiler/graph/random.h"

enum { MAX_WIDTH = 4096, MAX_LAYERS = 16, MAX_VOCABULARY = 65535 };

/* A graph under construction: after a failure every call is harmless, and the end reports it. */
typedef struct builder {
    mote_graph *g;
    mote_random random;
    bool failed;
    char name[MOTE_NAME_SIZE];
} builder;

__attribute__((format(printf, 2, 3))) static const char *name(builder *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(b->name, sizeof b->name, format, args);
    va_end(args);
    return b->name;
}

static int tensor(builder *b, const char *tensor_name, mote_dtype dtype, mote_role role, uint32_t rows,
                  uint32_t columns)
{
    uint32_t dims[2] = {rows, columns};
    int index = mote_graph_tensor(b->g, tensor_name, dtype, role, columns ? 2 : 1, dims);
    b->failed |= index < 0;
    return index;
}

static int activation(builder *b, const char *tensor_name, uint32_t dim)
{
    return tensor(b, tensor_name, MOTE_F32, MOTE_ACTIVATION, dim, 0);
}

/* A constant drawn uniformly in ±range. */
static int uniform(builder *b, const char *tensor_name, uint32_t rows, uint32_t columns, float range)
{
    int index = tensor(b, tensor_name, MOTE_F32, MOTE_CONSTANT, rows, columns);
    if (index < 0)
        return index;
    float *data = b->g->tensors[index].data;
    for (size_t i = 0, n = mote_tensor_elements(&b->g->tensors[index]); i < n; i++)
        data[i] = (2 * mote_random_unit(&b->random) - 1) * range;
    return index;
}

static void op(builder *b, const char *op_name, mote_opcode opcode, int input_count, const int *inputs, int output)
{
    b->failed |= mote_graph_op(b->g, op_name, opcode, input_count, inputs, 1, &output) < 0;
}

static int embedding(builder *b, const mote_tinylm_shape *shape, int *table)
{
    int ids = tensor(b, "ids", MOTE_U16, MOTE_INPUT, 1, 0);
    *table = tensor(b, "embedding.weight", MOTE_F32, MOTE_CONSTANT, shape->vocabulary, shape->embed);
    int x = activation(b, "embedding", shape->embed);
    if (b->failed)
        return -1;
    float *data = b->g->tensors[*table].data;
    float deviation = shape->tied ? 1 / sqrtf((float)shape->dim) : 1;
    for (size_t i = 0; i < (size_t)shape->vocabulary * shape->embed; i++)
        data[i] = deviation * mote_random_normal(&b->random);
    op(b, "embedding", MOTE_OP_EMBEDDING, 2, (int[]){ids, *table}, x);
    return x;
}

static int layer(builder *b, uint32_t i, int x, uint32_t in, uint32_t d)
{
    float range = 1 / sqrtf((float)d);
    int wx = uniform(b, name(b, "layer%u.input.weight", i), 3 * d, in, range);
    int bx = uniform(b, name(b, "layer%u.input.bias", i), 3 * d, 0, range);
    int gates = activation(b, name(b, "layer%u.gates", i), 3 * d);
    op(b, name(b, "layer%u.input", i), MOTE_OP_LINEAR, 3, (int[]){x, wx, bx}, gates);
    int wh = uniform(b, name(b, "layer%u.recurrent.weight", i), 3 * d, d, range);
    int bh = uniform(b, name(b, "layer%u.recurrent.bias", i), 3 * d, 0, range);
    int h = tensor(b, name(b, "layer%u.state", i), MOTE_F32, MOTE_STATE, d, 0);
    int y = activation(b, name(b, "layer%u", i), d);
    op(b, name(b, "layer%u", i), MOTE_OP_GRU, 6, (int[]){gates, wh, bh, -1, h, -1}, y);
    return y;
}

static void head(builder *b, const mote_tinylm_shape *shape, int x, int table)
{
    float range = 1 / sqrtf((float)shape->dim);
    int weight = shape->tied ? table : uniform(b, "head.weight", shape->vocabulary, shape->dim, range);
    int bias = uniform(b, "head.bias", shape->vocabulary, 0, 0);
    int logits = tensor(b, "logits", MOTE_F32, MOTE_OUTPUT, shape->vocabulary, 0);
    op(b, "head", MOTE_OP_LINEAR, 3, (int[]){x, weight, bias}, logits);
}

static bool shape_valid(const mote_tinylm_shape *s, mote_error *error)
{
    if (s->vocabulary < 1 || s->vocabulary > MAX_VOCABULARY || s->embed < 1 || s->embed > MAX_WIDTH || s->dim < 1 ||
        s->dim > MAX_WIDTH || s->layers < 1 || s->layers > MAX_LAYERS)
        return mote_fail(error, MOTE_E_USAGE, "a TinyLM has 1..%d layers of 1..%d units and at most %d tokens",
                         MAX_LAYERS, MAX_WIDTH, MAX_VOCABULARY);
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
    builder b = {.g = g, .random = {seed}};
    int table, x = embedding(&b, shape, &table);
    for (uint32_t i = 0; i < shape->layers; i++)
        x = layer(&b, i, x, i ? shape->dim : shape->embed, shape->dim);
    head(&b, shape, x, table);
    if (!b.failed)
        return true;
    mote_graph_free(g);
    return mote_fail(error, MOTE_E_INTERNAL, "out of memory while building a TinyLM");
}
