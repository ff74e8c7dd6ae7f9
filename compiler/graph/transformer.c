#include "compiler/graph/transformer.h"

#include <math.h>
#include <string.h>

#include "compiler/graph/builder.h"
#include "compiler/graph/limits.h"

enum { MAX_WIDTH = 16384, MAX_LAYERS = 128 };

bool mote_transformer_valid(const mote_transformer_shape *s, mote_error *error)
{
    if (s->vocabulary < 1 || s->vocabulary > MOTE_MOST_TOKENS)
        return mote_fail(error, MOTE_E_USAGE, "a transformer has 1 to %d tokens, not %u", MOTE_MOST_TOKENS,
                         s->vocabulary);
    if (s->dim < 1 || s->dim > MAX_WIDTH || s->hidden < 1 || s->hidden > MAX_WIDTH)
        return mote_fail(error, MOTE_E_USAGE, "dim and hidden are 1 to %d, not %u and %u", MAX_WIDTH, s->dim,
                         s->hidden);
    if (s->layers < 1 || s->layers > MAX_LAYERS)
        return mote_fail(error, MOTE_E_USAGE, "a transformer has 1 to %d layers, not %u", MAX_LAYERS, s->layers);
    if (s->context < 1 || s->context > MOTE_MOST_CONTEXT)
        return mote_fail(error, MOTE_E_USAGE, "a context has 1 to %d positions, not %u", MOTE_MOST_CONTEXT, s->context);
    if (s->heads < 1 || s->dim % s->heads != 0)
        return mote_fail(error, MOTE_E_USAGE, "dim %u cannot be divided among %u heads", s->dim, s->heads);
    if (s->kv_heads < 1 || s->heads % s->kv_heads != 0)
        return mote_fail(error, MOTE_E_USAGE, "%u heads cannot share %u key heads evenly", s->heads, s->kv_heads);
    if (s->dim / s->heads > MOTE_MOST_HEAD)
        return mote_fail(error, MOTE_E_USAGE, "a head of %u values is wider than %d", s->dim / s->heads,
                         MOTE_MOST_HEAD);
    if (!s->learned_positions && s->dim / s->heads % 2 != 0)
        return mote_fail(error, MOTE_E_USAGE, "rotary positions need an even number of values a head: %u / %u is %u",
                         s->dim, s->heads, s->dim / s->heads);
    return true;
}

uint64_t mote_transformer_parameters(const mote_transformer_shape *s)
{
    const uint64_t dim = s->dim, kv = dim / s->heads * s->kv_heads, hidden = s->hidden, ups = s->gelu ? 1 : 2;
    const uint64_t matrices = 2 * dim * dim + 2 * dim * kv + (ups + 1) * dim * hidden;
    const uint64_t biases = s->biased ? 2 * dim + 2 * kv + ups * hidden + dim : 0;
    const uint64_t norm = s->layer_norm ? 2 * dim : dim;
    return (s->tied ? 1 : 2) * dim * s->vocabulary + (s->learned_positions ? dim * s->context : 0) + norm +
           s->layers * (matrices + biases + 2 * norm);
}

typedef struct parts {
    mote_builder b;
    const mote_transformer_shape *shape;
    int turns;
    char layer[16]; /* "layer3" */
} parts;

static const char *in_layer(parts *p, const char *name)
{
    return mote_build_name(&p->b, "%s%s", p->layer, name);
}

/* Adds the norm `name` of x with the constants "<name>.gain" and, for LayerNorm, "<name>.bias". */
static int norm(parts *p, const char *name, int x)
{
    const bool layer_norm = p->shape->layer_norm;
    char base[56];
    strncpy(base, name, sizeof base - 1);
    base[sizeof base - 1] = 0;
    const int gain = mote_build_filled(&p->b, mote_build_name(&p->b, "%s.gain", base), p->shape->dim, 1);
    const int bias =
        layer_norm ? mote_build_filled(&p->b, mote_build_name(&p->b, "%s.bias", base), p->shape->dim, 0) : -1;
    int32_t params[MOTE_NORM_PARAMS] = {0};
    memcpy(&params[MOTE_NORM_EPSILON], &p->shape->epsilon, sizeof p->shape->epsilon);
    return mote_build_op(&p->b, base, layer_norm ? MOTE_OP_LAYERNORM : MOTE_OP_RMSNORM, layer_norm ? 3 : 2,
                         (int[]){x, gain, bias}, params);
}

/* Adds the product "<layer><name>" of x with drawn weights [rows, columns] of the given deviation. */
static int linear(parts *p, const char *name, int x, uint32_t rows, uint32_t columns, float deviation)
{
    char base[56];
    strncpy(base, in_layer(p, name), sizeof base - 1);
    base[sizeof base - 1] = 0;
    const int w = mote_build_normal(&p->b, mote_build_name(&p->b, "%s.weight", base), rows, columns, deviation);
    const int bias = p->shape->biased ? mote_build_filled(&p->b, mote_build_name(&p->b, "%s.bias", base), rows, 0) : -1;
    return mote_build_op(&p->b, base, MOTE_OP_LINEAR, 3, (int[]){x, w, bias}, NULL);
}

static int binary(parts *p, const char *name, mote_opcode opcode, int a, int b)
{
    return mote_build_op(&p->b, in_layer(p, name), opcode, 2, (int[]){a, b}, NULL);
}

static int curve(parts *p, const char *name, mote_opcode opcode, int x)
{
    return mote_build_op(&p->b, in_layer(p, name), opcode, 1, &x, NULL);
}

static int attention(parts *p, int q, int k, int v)
{
    const mote_transformer_shape *s = p->shape;
    const uint32_t kv = s->dim / s->heads * s->kv_heads;
    const int keys = mote_build_tensor(&p->b, in_layer(p, ".keys"), MOTE_F32, MOTE_STATE, s->context, kv);
    const int values = mote_build_tensor(&p->b, in_layer(p, ".values"), MOTE_F32, MOTE_STATE, s->context, kv);
    const int32_t params[MOTE_ATTENTION_PARAMS] = {
        [MOTE_ATTENTION_HEADS] = (int32_t)s->heads, [MOTE_ATTENTION_KV_HEADS] = (int32_t)s->kv_heads};
    return mote_build_op(&p->b, in_layer(p, ".attention"), MOTE_OP_ATTENTION, 7,
                         (int[]){q, k, v, p->turns, keys, -1, values}, params);
}

static int feed_forward(parts *p, int x, float out)
{
    const mote_transformer_shape *s = p->shape;
    const float in = 1 / sqrtf((float)s->dim);
    int y;
    if (s->gelu) {
        y = curve(p, ".gelu", MOTE_OP_GELU, linear(p, ".up", x, s->hidden, s->dim, in));
    } else {
        const int gate = curve(p, ".silu", MOTE_OP_SILU, linear(p, ".gate", x, s->hidden, s->dim, in));
        y = binary(p, ".product", MOTE_OP_MUL, gate, linear(p, ".up", x, s->hidden, s->dim, in));
    }
    return linear(p, ".down", y, s->dim, s->hidden, out / sqrtf((float)s->hidden));
}

/* Adds a layer. The weights of branches into the residual stream are smaller the more layers there are, so that the
 * magnitude of the stream does not grow with depth. */
static int layer(parts *p, uint32_t index, int x)
{
    const mote_transformer_shape *s = p->shape;
    const uint32_t kv = s->dim / s->heads * s->kv_heads;
    const float in = 1 / sqrtf((float)s->dim), out = 1 / sqrtf(2 * (float)s->layers);
    strcpy(p->layer, mote_build_name(&p->b, "layer%u", index % 1000));
    const int normed = norm(p, in_layer(p, ".attention.norm"), x);
    const int q = linear(p, ".q", normed, s->dim, s->dim, in), k = linear(p, ".k", normed, kv, s->dim, in);
    const int y = attention(p, q, k, linear(p, ".v", normed, kv, s->dim, in));
    x = binary(p, ".residual", MOTE_OP_ADD, x, linear(p, ".o", y, s->dim, s->dim, out * in));
    return binary(p, "", MOTE_OP_ADD, x, feed_forward(p, norm(p, in_layer(p, ".feed.norm"), x), out));
}

static int embedding(parts *p, int *table)
{
    const mote_transformer_shape *s = p->shape;
    const float deviation = s->tied ? 1 / sqrtf((float)s->dim) : 0.5f;
    const int ids = mote_build_tensor(&p->b, "ids", MOTE_U16, MOTE_INPUT, 1, 0);
    *table = mote_build_normal(&p->b, "embedding.weight", s->vocabulary, s->dim, deviation);
    const int x = mote_build_op(&p->b, "embedding", MOTE_OP_EMBEDDING, 2, (int[]){ids, *table}, NULL);
    if (!s->learned_positions)
        return x;
    const int positions = mote_build_normal(&p->b, "positions.weight", s->context, s->dim, deviation / 4);
    const int at = mote_build_op(&p->b, "positions", MOTE_OP_EMBEDDING, 2, (int[]){-1, positions}, NULL);
    p->layer[0] = 0;
    return binary(p, "embedded", MOTE_OP_ADD, x, at);
}

/* Adds the rotary angles, theta^(-2i/w) radians per position, in units of 2^-32 full turns. */
static int turns(parts *p)
{
    const uint32_t pairs = p->shape->dim / p->shape->heads / 2;
    const int index = mote_build_tensor(&p->b, "turns", MOTE_I32, MOTE_CONSTANT, pairs, 0);
    int32_t *data = index < 0 ? NULL : p->b.g->tensors[index].data;
    for (uint32_t i = 0; data && i < pairs; i++) {
        const double radians = pow((double)p->shape->theta, -(double)i / pairs);
        data[i] = (int32_t)(uint32_t)(uint64_t)llrint(radians / (2 * 3.14159265358979323846) * 0x1p32);
    }
    return index;
}

static void head(parts *p, int x, int table)
{
    const mote_transformer_shape *s = p->shape;
    const int w =
        s->tied ? table : mote_build_normal(&p->b, "head.weight", s->vocabulary, s->dim, 1 / sqrtf((float)s->dim));
    mote_build_output(&p->b, mote_build_op(&p->b, "logits", MOTE_OP_LINEAR, 2, (int[]){x, w}, NULL), "logits");
}

bool mote_transformer_build(mote_graph *g, const mote_transformer_shape *shape, uint64_t seed, mote_error *error)
{
    if (!mote_transformer_valid(shape, error))
        return false;
    mote_graph_init(g);
    parts p = {.b = {.g = g, .random = {seed}, .undrawn = !seed}, .shape = shape, .turns = -1};
    int table, x = embedding(&p, &table);
    if (!shape->learned_positions)
        p.turns = turns(&p);
    for (uint32_t i = 0; i < shape->layers; i++)
        x = layer(&p, i, x);
    head(&p, norm(&p, "norm", x), table);
    return mote_build_end(&p.b, "transformer", error);
}
