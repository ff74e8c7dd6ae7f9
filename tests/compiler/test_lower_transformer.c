/* Compares the logits of packed and float transformers, far beyond the window. The float model has the dequantized
 * weights, so that only the arithmetic differs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <mote.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/graph/evaluator.h"
#include "compiler/graph/random.h"
#include "compiler/graph/transformer.h"
#include "compiler/import/import.h"
#include "compiler/pack/container.h"
#include "compiler/quantize/own_text.h"
#include "compiler/quantize/quantize.h"
#include "compiler/quantize/select.h"
#include "runtime/crc32.h"
#include "runtime/kernels.h"
#include "tests/compiler/packed.h"

enum { STEPS = 50 }; /* windows have at most 20 */

static const mote_transformer_shape shapes[] = {
    {.vocabulary = 60, .dim = 32, .layers = 2, .heads = 4, .kv_heads = 2, .hidden = 48, .context = 16, .theta = 10000},
    {.vocabulary = 37,
     .dim = 24,
     .layers = 2,
     .heads = 3,
     .kv_heads = 3,
     .hidden = 37,
     .context = 20,
     .biased = true,
     .layer_norm = true,
     .gelu = true,
     .learned_positions = true},
    {.vocabulary = 50,
     .dim = 48,
     .layers = 1,
     .heads = 2,
     .kv_heads = 1,
     .hidden = 100,
     .context = 7,
     .tied = true,
     .biased = true,
     .theta = 500},
    {.vocabulary = 16,
     .dim = 20,
     .layers = 3,
     .heads = 4,
     .kv_heads = 1,
     .hidden = 20,
     .context = 1,
     .tied = true,
     .layer_norm = true,
     .learned_positions = true},
};

enum { SHAPES = sizeof shapes / sizeof *shapes };

/* Sets gains and biases to values as after training. */
static void dress(mote_graph *g)
{
    mote_random random = {11};
    for (int i = 0; i < g->tensor_count; i++) {
        mote_tensor *t = &g->tensors[i];
        if (t->role != MOTE_CONSTANT || t->dtype != MOTE_F32 || t->rank != 1)
            continue;
        for (uint32_t k = 0; k < t->dims[0]; k++)
            ((float *)t->data)[k] += 0.4f * mote_random_normal(&random);
    }
}

static void build(mote_graph *g, const mote_transformer_shape *shape)
{
    mote_error error = {0};
    mote_transformer_shape s = *shape;
    s.epsilon = 1e-5f;
    if (!mote_transformer_build(g, &s, 3, &error))
        fail_msg("%s", error.text);
    dress(g);
}

static void calibrate(mote_calibration *c, const mote_graph *g)
{
    uint16_t tokens[1024];
    mote_error error = {0};
    if (!mote_own_text(g, tokens, 1024, &error))
        fail_msg("%s", error.text);
    const mote_source source = mote_text_source(g, tokens, 1024);
    if (!mote_calibrate(c, g, &source, &error))
        fail_msg("%s", error.text);
}

/* Copies the float graph with the dequantized weights of its matrices. */
static void see_through(const mote_graph *g, const mote_quantize_options *options, mote_graph *seen)
{
    mote_error error = {0};
    mote_recipe *recipes = calloc((size_t)g->tensor_count, sizeof *recipes);
    mote_matrix *matrices;
    for (int i = 0; i < g->tensor_count; i++)
        recipes[i] = mote_recipe_of(g, options, i);
    if (!mote_graph_copy(seen, g, &error) || !mote_matrices_init(&matrices, g, recipes, NULL, &error))
        fail_msg("%s", error.text);
    mote_matrices_store(matrices, g->tensor_count, seen);
    mote_matrices_free(matrices, g);
    free(recipes);
}

static uint16_t walk(uint16_t token, uint32_t vocabulary)
{
    return (uint16_t)((token * 31u + 17u) % vocabulary);
}

static uint32_t digest_of(running *r, const mote_kernels *kernels)
{
    uint32_t digest = 0;
    uint16_t token = 0;
    mote_reset(&r->session);
    r->session.kernels = kernels;
    for (int i = 0; i < STEPS; i++, token = walk(token, mote_vocabulary(&r->model))) {
        mote_step(&r->session, token);
        digest = mote_crc32(digest, mote_logits(&r->session), mote_vocabulary(&r->model) * sizeof(int16_t));
    }
    return digest;
}

static void all_kernels_agree(running *r)
{
    const uint32_t digest = digest_of(r, mote_kernels_at(0));
    for (uint32_t i = 1; mote_kernels_at(i); i++)
        assert_int_equal(digest_of(r, mote_kernels_at(i)), digest);
    assert_int_equal(mote_selftest(&r->session), MOTE_SUCCESS);
}

/* Returns the root mean square of the difference of the logits, in nats. */
static double difference(running *r, const mote_graph *seen)
{
    mote_error error = {0};
    mote_evaluator e;
    double sum = 0;
    uint16_t token = 0;
    if (!mote_evaluator_init(&e, seen, 1, &error))
        fail_msg("%s", error.text);
    mote_reset(&r->session);
    for (int i = 0; i < STEPS; i++, token = walk(token, mote_vocabulary(&r->model))) {
        const float *want = mote_evaluator_feed(&e, &token, 1);
        mote_step(&r->session, token);
        for (uint32_t v = 0; v < mote_vocabulary(&r->model); v++)
            sum += pow((double)want[v] - mote_logits(&r->session)[v] / 1024.0, 2);
    }
    mote_evaluator_free(&e);
    return sqrt(sum / STEPS / mote_vocabulary(&r->model));
}

static double quantize_and_compare(const mote_graph *g, const mote_quantize_options *options)
{
    mote_graph seen, packed;
    mote_error error = {0};
    running r;
    see_through(g, options, &seen);
    if (!mote_graph_quantize(&seen, options, &packed, &error))
        fail_msg("%s", error.text);
    open_packed(&r, &packed);
    all_kernels_agree(&r);
    const double rms = difference(&r, &seen);
    close_packed(&r);
    mote_graph_free(&packed);
    mote_graph_free(&seen);
    return rms;
}

typedef struct mode {
    mote_activations activations;
    bool int16_cache;
    double most; /* nats */
} mode;

static const mode modes[] = {
    {MOTE_ACTIVATIONS_INT8, false, 0.03},
    {MOTE_ACTIVATIONS_INT8, true, 0.03},
    {MOTE_ACTIVATIONS_INT8_STATIC, false, 0.08},
    {MOTE_ACTIVATIONS_INT16, true, 0.008},
};

/* Logits are of the order of 1 nat, so that the tolerances are about a percent. */
static void packed_logits_are_the_float_models(void **state)
{
    (void)state;
    for (size_t s = 0; s < SHAPES; s++) {
        mote_graph g;
        mote_calibration c;
        build(&g, &shapes[s]);
        calibrate(&c, &g);
        for (size_t m = 0; m < sizeof modes / sizeof *modes; m++)
            for (int k = 0; k < MOTE_GRANULARITY_COUNT; k++) {
                if (m > 0 && k != MOTE_PER_ROW)
                    continue;
                const mote_quantize_options options = {.weights = MOTE_SCHEME_INT8,
                                                       .head = MOTE_SCHEME_INT8,
                                                       .embedding = MOTE_SCHEME_INT8,
                                                       .granularity = (mote_granularity)k,
                                                       .activations = modes[m].activations,
                                                       .int16_cache = modes[m].int16_cache,
                                                       .calibration = &c};
                const double rms = quantize_and_compare(&g, &options);
                if (getenv("MOTE_VERBOSE"))
                    print_message("shape %zu mode %zu granularity %d: %.4f\n", s, m, k, rms);
                assert_true(rms < modes[m].most);
            }
        mote_calibration_free(&c);
        mote_graph_free(&g);
    }
}

static const mote_scheme schemes[] = {MOTE_SCHEME_INT16,   MOTE_SCHEME_INT6, MOTE_SCHEME_INT5, MOTE_SCHEME_INT4,
                                      MOTE_SCHEME_TERNARY, MOTE_SCHEME_SIGN, MOTE_SCHEME_FP16};

/* Every type of weights, in every mode with its own products. */
static void every_type_of_weights_can_be_packed(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        mote_graph g;
        mote_calibration c;
        build(&g, &shapes[s]);
        calibrate(&c, &g);
        for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++)
            for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
                const mote_quantize_options options = {.weights = schemes[k],
                                                       .head = schemes[k],
                                                       .embedding = schemes[k],
                                                       .granularity = MOTE_PER_ROW,
                                                       .group = schemes[k] == MOTE_SCHEME_INT4 ? 16 : 0,
                                                       .activations = modes[m].activations,
                                                       .int16_cache = modes[m].int16_cache,
                                                       .calibration = &c};
                const double rms = quantize_and_compare(&g, &options);
                if (getenv("MOTE_VERBOSE"))
                    print_message("shape %zu mode %zu scheme %d: %.4f\n", s, m, (int)schemes[k], rms);
                assert_true(rms < modes[m].most);
            }
        mote_calibration_free(&c);
        mote_graph_free(&g);
    }
}

/* A window shortened by packing equals that of a float model with so many positions. */
static void the_window_can_be_shortened(void **state)
{
    (void)state;
    mote_graph g, shorter, packed;
    mote_error error = {0};
    running r;
    mote_transformer_shape shape = shapes[0];
    build(&g, &shape);
    shape.context = 5;
    build(&shorter, &shape);
    const mote_quantize_options options = {.weights = MOTE_SCHEME_INT16,
                                           .head = MOTE_SCHEME_INT16,
                                           .embedding = MOTE_SCHEME_INT8,
                                           .granularity = MOTE_PER_ROW,
                                           .activations = MOTE_ACTIVATIONS_INT16,
                                           .int16_cache = true,
                                           .context = 5};
    if (!mote_graph_quantize(&g, &options, &packed, &error))
        fail_msg("%s", error.text);
    open_packed(&r, &packed);
    assert_int_equal(mote_state_size(&r.model), 2 * 2 * 5 * 16 * 2);
    assert_true(difference(&r, &shorter) < 0.01);
    assert_true(difference(&r, &g) > 0.03);
    close_packed(&r);
    mote_graph_free(&packed);
    mote_graph_free(&shorter);
    mote_graph_free(&g);
}

static void a_short_calibration_text_is_refused_with_its_numbers(void **state)
{
    (void)state;
    mote_graph g;
    mote_error error = {0};
    mote_calibration c;
    const uint16_t tokens[20] = {0};
    build(&g, &shapes[0]);
    const mote_source source = mote_text_source(&g, tokens, 20);
    assert_false(mote_calibrate(&c, &g, &source, &error));
    assert_int_equal(error.code, MOTE_E_FORMAT);
    assert_non_null(strstr(error.text, "20 tokens"));
    assert_non_null(strstr(error.text, "128"));
    mote_graph_free(&g);
}

static void values_that_are_not_finite_are_named(void **state)
{
    (void)state;
    mote_graph g;
    mote_error error = {0};
    mote_calibration c;
    build(&g, &shapes[0]);
    ((float *)g.tensors[mote_graph_find(&g, "layer1.up.weight")].data)[3] = NAN;
    assert_false(mote_calibrate_self(&c, &g, &error));
    assert_non_null(strstr(error.text, "layer1.up"));
    mote_graph_free(&g);
}

/* A trained model, if the data is present */

enum { TEXT = 2048 };

static double nats(const float *logits, uint32_t count, uint32_t token)
{
    double most = (double)logits[0], sum = 0;
    for (uint32_t i = 1; i < count; i++)
        most = fmax(most, (double)logits[i]);
    for (uint32_t i = 0; i < count; i++)
        sum += exp((double)logits[i] - most);
    return log(sum) - ((double)logits[token] - most);
}

static double float_loss(const mote_graph *g, const uint16_t *tokens)
{
    mote_error error = {0};
    mote_evaluator e;
    double sum = 0;
    if (!mote_evaluator_init(&e, g, 1, &error))
        fail_msg("%s", error.text);
    for (int i = 0; i < TEXT; i++) {
        if (i % 512 == 0)
            mote_evaluator_reset(&e);
        const float *logits = mote_evaluator_feed(&e, i % 512 ? &tokens[i - 1] : &(uint16_t){1}, 1);
        sum += nats(logits, e.vocabulary, tokens[i]);
    }
    mote_evaluator_free(&e);
    return sum / TEXT;
}

static double packed_loss(running *r, const uint16_t *tokens)
{
    double sum = 0;
    float logits[512];
    for (int i = 0; i < TEXT; i++) {
        if (i % 512 == 0)
            mote_reset(&r->session);
        mote_step(&r->session, i % 512 ? tokens[i - 1] : 1);
        for (int v = 0; v < 512; v++)
            logits[v] = (float)mote_logits(&r->session)[v] / 1024;
        sum += nats(logits, 512, tokens[i]);
    }
    return sum / TEXT;
}

static void a_trained_model_loses_little(void **state)
{
    (void)state;
    const char *path = MOTE_SHARED_DIR "/data/stories260K.bin";
    if (access(path, R_OK) != 0) {
        print_message("SKIPPED: %s is not there\n", path);
        skip();
    }
    mote_graph g, packed;
    mote_error error = {0};
    running r;
    uint16_t tokens[TEXT];
    if (!mote_import(&g, path, &(mote_import_options){0}, &error) || !mote_own_text(&g, tokens, TEXT, &error))
        fail_msg("%s", error.text);
    const double before = float_loss(&g, tokens);
    const mote_quantize_options options = {.weights = MOTE_SCHEME_INT8,
                                           .head = MOTE_SCHEME_INT8,
                                           .embedding = MOTE_SCHEME_INT8,
                                           .granularity = MOTE_PER_ROW};
    if (!mote_graph_quantize(&g, &options, &packed, &error))
        fail_msg("%s", error.text);
    open_packed(&r, &packed);
    const double after = packed_loss(&r, tokens);
    if (getenv("MOTE_VERBOSE"))
        print_message("%.5f to %.5f nats\n", before, after);
    assert_true(before < 3); /* its own text at temperature 1; 6.2 for an untrained model */
    assert_true(fabs(after - before) < 0.006);
    close_packed(&r);
    mote_graph_free(&packed);
    mote_graph_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_logits_are_the_float_models),
        cmocka_unit_test(every_type_of_weights_can_be_packed),
        cmocka_unit_test(the_window_can_be_shortened),
        cmocka_unit_test(a_short_calibration_text_is_refused_with_its_numbers),
        cmocka_unit_test(values_that_are_not_finite_are_named),
        cmocka_unit_test(a_trained_model_loses_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
