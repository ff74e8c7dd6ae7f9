/* Tests the forward pass of a transformer, read in chunks of any length and far beyond its window, against the
 * definition in double, which processes one token at a time with the whole history. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/graph/check.h"
#include "compiler/graph/evaluator.h"
#include "compiler/graph/random.h"
#include "compiler/graph/transformer.h"

enum { TOKENS = 100, MOST = 64, NAME = 64 };

/* Keys and values of every token so far in one layer. */
typedef struct history {
    double keys[TOKENS][MOST], values[TOKENS][MOST];
} history;

static const float *constant(const mote_graph *g, const char *layer, const char *name)
{
    char full[3 * NAME];
    snprintf(full, sizeof full, "%s%s", layer, name);
    int index = mote_graph_find(g, full);
    return index < 0 ? NULL : g->tensors[index].data;
}

static void linear(const mote_graph *g, const char *layer, const char *name, const double *x, uint32_t in, double *y,
                   uint32_t out)
{
    char weight[NAME], bias[NAME];
    snprintf(weight, sizeof weight, "%s.weight", name);
    snprintf(bias, sizeof bias, "%s.bias", name);
    const float *w = constant(g, layer, weight), *b = constant(g, layer, bias);
    for (uint32_t i = 0; i < out; i++) {
        y[i] = b ? (double)b[i] : 0;
        for (uint32_t j = 0; j < in; j++)
            y[i] += (double)w[i * in + j] * x[j];
    }
}

static void norm(const mote_graph *g, const mote_transformer_shape *s, const char *layer, const char *name,
                 const double *x, double *y)
{
    char gain_name[NAME], bias_name[NAME];
    snprintf(gain_name, sizeof gain_name, "%s.gain", name);
    snprintf(bias_name, sizeof bias_name, "%s.bias", name);
    const float *gain = constant(g, layer, gain_name), *bias = constant(g, layer, bias_name);
    double mean = 0, square = 0;
    for (uint32_t i = 0; s->layer_norm && i < s->dim; i++)
        mean += x[i] / s->dim;
    for (uint32_t i = 0; i < s->dim; i++)
        square += (x[i] - mean) * (x[i] - mean) / s->dim;
    for (uint32_t i = 0; i < s->dim; i++)
        y[i] = (double)gain[i] * (x[i] - mean) / sqrt(square + (double)s->epsilon) + (bias ? (double)bias[i] : 0);
}

static void rotate(const mote_transformer_shape *s, double *x, uint32_t heads, uint32_t position)
{
    const uint32_t w = s->dim / s->heads;
    for (uint32_t h = 0; h < heads && !s->learned_positions; h++)
        for (uint32_t i = 0; i < w / 2; i++) {
            double angle = position * pow((double)s->theta, -2.0 * i / w), *pair = x + h * w + 2 * i;
            double a = pair[0] * cos(angle) - pair[1] * sin(angle);
            pair[1] = pair[0] * sin(angle) + pair[1] * cos(angle);
            pair[0] = a;
        }
}

static void attend(const mote_transformer_shape *s, const double *q, const history *seen, uint32_t position, double *y)
{
    const uint32_t w = s->dim / s->heads, first = position + 1 > s->context ? position + 1 - s->context : 0;
    for (uint32_t h = 0; h < s->heads; h++) {
        const uint32_t kv = h * s->kv_heads / s->heads * w;
        double p[TOKENS], sum = 0;
        for (uint32_t t = first; t <= position; t++) {
            double dot = 0;
            for (uint32_t i = 0; i < w; i++)
                dot += q[h * w + i] * seen->keys[t][kv + i];
            sum += p[t] = exp(dot / sqrt(w));
        }
        for (uint32_t i = 0; i < w; i++) {
            y[h * w + i] = 0;
            for (uint32_t t = first; t <= position; t++)
                y[h * w + i] += p[t] / sum * seen->values[t][kv + i];
        }
    }
}

static double curve(const mote_transformer_shape *s, double x)
{
    return s->gelu ? x * 0.5 * (1 + erf(x / sqrt(2))) : x / (1 + exp(-x));
}

static void run_layer(const mote_graph *g, const mote_transformer_shape *s, const char *name, history *seen,
                      uint32_t position, double *x)
{
    double a[MOST], q[MOST], y[MOST], up[MOST], gate[MOST];
    const uint32_t kv = s->dim / s->heads * s->kv_heads;
    norm(g, s, name, ".attention.norm", x, a);
    linear(g, name, ".q", a, s->dim, q, s->dim);
    linear(g, name, ".k", a, s->dim, seen->keys[position], kv);
    linear(g, name, ".v", a, s->dim, seen->values[position], kv);
    rotate(s, q, s->heads, position);
    rotate(s, seen->keys[position], s->kv_heads, position);
    attend(s, q, seen, position, y);
    linear(g, name, ".o", y, s->dim, a, s->dim);
    for (uint32_t i = 0; i < s->dim; i++)
        x[i] += a[i];
    norm(g, s, name, ".feed.norm", x, a);
    linear(g, name, ".up", a, s->dim, up, s->hidden);
    if (!s->gelu)
        linear(g, name, ".gate", a, s->dim, gate, s->hidden);
    for (uint32_t i = 0; i < s->hidden; i++)
        up[i] = s->gelu ? curve(s, up[i]) : curve(s, gate[i]) * up[i];
    linear(g, name, ".down", up, s->hidden, a, s->dim);
    for (uint32_t i = 0; i < s->dim; i++)
        x[i] += a[i];
}

/* logits [TOKENS, vocabulary] */
static void reference(const mote_graph *g, const mote_transformer_shape *s, const uint16_t *tokens, double *logits)
{
    history *seen = calloc(s->layers, sizeof *seen);
    assert_non_null(seen);
    for (uint32_t position = 0; position < TOKENS; position++) {
        double x[MOST], y[MOST];
        const uint32_t row = position < s->context ? position : s->context - 1;
        for (uint32_t i = 0; i < s->dim; i++) {
            x[i] = (double)constant(g, "embedding", ".weight")[tokens[position] * s->dim + i];
            if (s->learned_positions)
                x[i] += (double)constant(g, "positions", ".weight")[row * s->dim + i];
        }
        for (uint32_t l = 0; l < s->layers; l++) {
            char name[16];
            snprintf(name, sizeof name, "layer%u", l);
            run_layer(g, s, name, &seen[l], position, x);
        }
        norm(g, s, "norm", "", x, y);
        linear(g, s->tied ? "embedding" : "head", "", y, s->dim, logits + position * s->vocabulary, s->vocabulary);
    }
    free(seen);
}

static void compare(const mote_graph *g, const mote_transformer_shape *s, const uint16_t *tokens,
                    const double *expected, uint32_t chunk)
{
    mote_evaluator e;
    mote_error error;
    if (!mote_evaluator_init(&e, g, chunk, &error))
        fail_msg("%s", error.text);
    /* once for a cache that is not empty, then anew */
    mote_evaluator_feed(&e, tokens + 7, chunk < 5 ? chunk : 5);
    mote_evaluator_reset(&e);
    for (uint32_t first = 0, turn = 0; first < TOKENS; turn++) {
        /* the number of tokens varies */
        uint32_t count = turn % 3 == 1 ? (chunk + 1) / 2 : chunk;
        count = count < TOKENS - first ? count : TOKENS - first;
        const float *logits = mote_evaluator_feed(&e, tokens + first, count);
        for (uint32_t i = 0; i < count * s->vocabulary; i++) {
            const double wanted = expected[first * s->vocabulary + i];
            if (!(fabs((double)logits[i] - wanted) < 2e-5 * (1 + fabs(wanted))))
                fail_msg("chunks of %u: logit %u of token %u is %g, not %g", chunk, i % s->vocabulary,
                         first + i / s->vocabulary, (double)logits[i], wanted);
        }
        first += count;
    }
    mote_evaluator_free(&e);
}

static void check(mote_transformer_shape s)
{
    mote_graph g;
    mote_error error;
    if (!mote_transformer_build(&g, &s, 11, &error) || !mote_graph_check(&g, &error))
        fail_msg("%s", error.text);
    mote_random random = {12};
    for (int i = 0; i < g.tensor_count; i++) /* gains and biases that differ */
        for (size_t j = 0; g.tensors[i].data && g.tensors[i].rank == 1 && g.tensors[i].dtype == MOTE_F32 &&
                           j < mote_tensor_elements(&g.tensors[i]);
             j++)
            ((float *)g.tensors[i].data)[j] += 0.3f * mote_random_normal(&random);
    uint16_t tokens[TOKENS];
    for (int i = 0; i < TOKENS; i++)
        tokens[i] = (uint16_t)(mote_random_bits(&random) % s.vocabulary);
    double *expected = malloc(TOKENS * s.vocabulary * sizeof *expected);
    assert_non_null(expected);
    reference(&g, &s, tokens, expected);
    static const uint32_t chunks[] = {1, 2, 7, 16, 33, TOKENS};
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++)
        compare(&g, &s, tokens, expected, chunks[i]);
    free(expected);
    mote_graph_free(&g);
}

static mote_transformer_shape shape_of(uint32_t dim, uint32_t heads, uint32_t kv_heads, uint32_t context)
{
    mote_transformer_shape s = MOTE_TRANSFORMER_DEFAULTS;
    s.vocabulary = 19, s.dim = dim, s.layers = 2, s.heads = heads, s.kv_heads = kv_heads, s.hidden = 21;
    s.context = context;
    return s;
}

static void test_llama_like(void **state)
{
    (void)state;
    check(shape_of(48, 6, 2, TOKENS));
    check(shape_of(48, 3, 3, 23));
    check(shape_of(40, 1, 1, 1));
    mote_transformer_shape s = shape_of(12, 2, 1, 40);
    s.tied = s.biased = true;
    check(s);
}

static void test_gpt_like(void **state)
{
    (void)state;
    mote_transformer_shape s = shape_of(30, 6, 6, 37);
    s.layer_norm = s.gelu = s.learned_positions = s.biased = true;
    check(s);
    s.tied = true;
    s.context = TOKENS;
    check(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_llama_like),
        cmocka_unit_test(test_gpt_like),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
