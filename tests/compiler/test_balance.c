/* Tests that balancing a transformer keeps its output, makes the sizes of channels more alike, and does not change
 * matrices trained with a quantizer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/evaluator.h"
#include "compiler/graph/random.h"
#include "compiler/graph/transformer.h"
#include "compiler/quantize/balance.h"
#include "compiler/quantize/own_text.h"

enum { TOKENS = 256 };

static const mote_transformer_shape shapes[] = {
    {.vocabulary = 40, .dim = 32, .layers = 2, .heads = 4, .kv_heads = 2, .hidden = 48, .context = 16, .theta = 10000},
    {.vocabulary = 30,
     .dim = 24,
     .layers = 2,
     .heads = 3,
     .kv_heads = 3,
     .hidden = 37,
     .context = 1,
     .biased = true,
     .layer_norm = true,
     .gelu = true,
     .learned_positions = true},
    {.vocabulary = 30,
     .dim = 24,
     .layers = 1,
     .heads = 2,
     .kv_heads = 1,
     .hidden = 20,
     .context = 9,
     .tied = true,
     .biased = true,
     .learned_positions = true},
};

/* Builds a transformer with rows of very different sizes, and with biases. */
static void build(mote_graph *g, const mote_transformer_shape *shape)
{
    mote_error error = {0};
    mote_transformer_shape s = *shape;
    mote_random random = {5};
    s.epsilon = 1e-5f;
    if (!mote_transformer_build(g, &s, 2, &error))
        fail_msg("%s", error.text);
    for (int i = 0; i < g->tensor_count; i++) {
        mote_tensor *t = &g->tensors[i];
        if (t->role != MOTE_CONSTANT || t->dtype != MOTE_F32)
            continue;
        const bool rows = strstr(t->name, ".k.weight") || strstr(t->name, ".v.weight") || strstr(t->name, ".up.weight");
        for (uint32_t r = 0; r < t->dims[0]; r++)
            for (uint32_t c = 0; c < t->dims[1]; c++)
                ((float *)t->data)[(size_t)r * t->dims[1] + c] *= rows ? expf(mote_random_normal(&random) / 2) : 1;
        for (uint32_t r = 0; t->rank == 1 && r < t->dims[0]; r++)
            ((float *)t->data)[r] += 0.2f * mote_random_normal(&random);
    }
}

static void logits_of(const mote_graph *g, const uint16_t *tokens, float *logits)
{
    mote_error error = {0};
    mote_evaluator e;
    const uint32_t vocabulary = g->tensors[mote_graph_find(g, "logits")].dims[0];
    if (!mote_evaluator_init(&e, g, 1, &error))
        fail_msg("%s", error.text);
    for (uint32_t i = 0; i < TOKENS; i++)
        memcpy(logits + i * vocabulary, mote_evaluator_feed(&e, &tokens[i], 1), vocabulary * sizeof *logits);
    mote_evaluator_free(&e);
}

static void nothing_else_is_said(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        static float before[TOKENS * 64], after[TOKENS * 64];
        uint16_t tokens[TOKENS];
        mote_graph g;
        mote_error error = {0};
        build(&g, &shapes[s]);
        if (!mote_own_text(&g, tokens, TOKENS, &error))
            fail_msg("%s", error.text);
        logits_of(&g, tokens, before);
        const mote_source source = mote_text_source(&g, tokens, TOKENS);
        if (!mote_graph_balance(&g, &source, &error))
            fail_msg("%s", error.text);
        logits_of(&g, tokens, after);
        for (uint32_t i = 0; i < TOKENS * shapes[s].vocabulary; i++)
            assert_true(fabsf(after[i] - before[i]) < 1e-3f);
        mote_graph_free(&g);
    }
}

/* Returns the ratio of the largest channel size of a vector to the mean channel size. The size of a channel is its
 * largest magnitude. */
static double unevenness(const mote_graph *g, const char *name, const uint16_t *tokens)
{
    mote_error error = {0};
    mote_evaluator e;
    const int tensor = mote_graph_find(g, name);
    const uint32_t d = g->tensors[tensor].dims[0];
    double most[64] = {0}, sum = 0, largest = 0;
    if (!mote_evaluator_init(&e, g, 1, &error))
        fail_msg("%s", error.text);
    for (uint32_t i = 0; i < TOKENS; i++) {
        mote_evaluator_feed(&e, &tokens[i], 1);
        for (uint32_t k = 0; k < d; k++)
            most[k] = fmax(most[k], fabs((double)e.executor.slices[0].seen[tensor][k]));
    }
    for (uint32_t k = 0; k < d; k++)
        sum += most[k], largest = fmax(largest, most[k]);
    mote_evaluator_free(&e);
    return largest * d / sum;
}

static void channels_become_alike(void **state)
{
    (void)state;
    static const char *const names[] = {"layer0.v", "layer1.product"};
    uint16_t tokens[TOKENS];
    mote_graph g, balanced;
    mote_error error = {0};
    build(&g, &shapes[0]);
    const mote_source source = mote_text_source(&g, tokens, TOKENS);
    if (!mote_own_text(&g, tokens, TOKENS, &error) || !mote_graph_copy(&balanced, &g, &error) ||
        !mote_graph_balance(&balanced, &source, &error))
        fail_msg("%s", error.text);
    for (int i = 0; i < 2; i++)
        assert_true(unevenness(&balanced, names[i], tokens) - 1 < 0.7 * (unevenness(&g, names[i], tokens) - 1));
    mote_graph_free(&balanced);
    mote_graph_free(&g);
}

static void what_was_trained_stays(void **state)
{
    (void)state;
    uint16_t tokens[TOKENS] = {0};
    mote_graph g, balanced;
    mote_error error = {0};
    build(&g, &shapes[0]);
    const int k = mote_graph_find(&g, "layer0.k.weight"), q = mote_graph_find(&g, "layer0.q.weight");
    const int v = mote_graph_find(&g, "layer0.v.weight");
    g.tensors[q].quantizer = MOTE_I8;
    const mote_source source = mote_text_source(&g, tokens, TOKENS);
    if (!mote_graph_copy(&balanced, &g, &error) || !mote_graph_balance(&balanced, &source, &error))
        fail_msg("%s", error.text);
    assert_memory_equal(balanced.tensors[q].data, g.tensors[q].data, mote_tensor_size(&g.tensors[q]));
    assert_memory_equal(balanced.tensors[k].data, g.tensors[k].data, mote_tensor_size(&g.tensors[k]));
    assert_memory_not_equal(balanced.tensors[v].data, g.tensors[v].data, mote_tensor_size(&g.tensors[v]));
    mote_graph_free(&balanced);
    mote_graph_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_else_is_said),
        cmocka_unit_test(channels_become_alike),
        cmocka_unit_test(what_was_trained_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
