/* Tests estimates of models against the packed models, and the models of chip/models.def against their chips. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/graph/tinylm.h"
#include "compiler/pack/container.h"
#include "compiler/plan/estimate.h"
#include "compiler/plan/models.h"
#include "compiler/quantize/quantize.h"

static void assert_near(uint64_t estimate, uint64_t actual, double part)
{
    if (fabs((double)estimate - (double)actual) > part * (double)actual)
        fail_msg("estimated %llu, is %llu", (unsigned long long)estimate, (unsigned long long)actual);
}

/* Compares the estimate with the packed model: the file within 1.5 %, arena and state exactly. Frees the graph. */
static void check_packed(mote_graph *g, mote_dtype weights)
{
    const mote_quantize_options options = {.as_trained = true,
                                           .weights = MOTE_SCHEME_INT8,
                                           .head = MOTE_SCHEME_INT8,
                                           .embedding = MOTE_SCHEME_INT8,
                                           .granularity = MOTE_PER_ROW};
    mote_graph packed;
    mote_error error;
    mote_bytes file;
    mote_estimate e;
    size_t parameters = 0;
    for (int i = 0; i < g->tensor_count; i++) {
        mote_tensor *t = &g->tensors[i];
        const bool inner = t->rank == 2 && t->role == MOTE_CONSTANT && strncmp(t->name, "layer", 5) == 0;
        t->quantizer = inner ? weights : MOTE_F32;
        t->granularity = MOTE_PER_ROW;
        parameters += t->role == MOTE_CONSTANT && t->dtype == MOTE_F32 ? mote_tensor_elements(t) : 0;
    }
    if (!mote_graph_quantize(g, &options, &packed, &error) || !mote_graph_encode(&packed, &file, &error))
        fail_msg("%s", error.text);
    assert_true(mote_estimate_packed(g, &e, &error));
    assert_near(e.file, file.size + mote_estimate_tokenizer(0), 0.015); /* the packed model has none */
    assert_int_equal(e.arena, packed.arena_size);
    assert_int_equal(e.state, packed.state_size);
    assert_int_equal(e.parameters, parameters);
    free(file.data);
    mote_graph_free(g);
    mote_graph_free(&packed);
}

static void test_gru(void **state)
{
    (void)state;
    static const mote_tinylm_shape shapes[] = {{.vocabulary = 70, .embed = 48, .dim = 96, .layers = 2},
                                               {.vocabulary = 256, .embed = 16, .dim = 256, .layers = 1},
                                               {.vocabulary = 200, .embed = 64, .dim = 64, .layers = 3, .tied = true},
                                               {.vocabulary = 512, .embed = 40, .dim = 33, .layers = 1}};
    static const mote_dtype types[] = {MOTE_F32, MOTE_TERNARY2, MOTE_I4, MOTE_I6};
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++) {
            mote_graph g;
            mote_error error;
            assert_true(mote_tinylm_build(&g, &shapes[i], 1, &error));
            check_packed(&g, types[k]);
        }
}

static void test_transformer_packed(void **state)
{
    (void)state;
    static const mote_dtype types[] = {MOTE_F32, MOTE_TERNARY2, MOTE_I4, MOTE_I6};
    for (int k = 0; k < 8; k++) {
        mote_transformer_shape s = MOTE_TRANSFORMER_DEFAULTS;
        mote_graph g;
        mote_error error;
        s.vocabulary = k % 3 ? 300 : 256, s.dim = k % 2 ? 64 : 48, s.heads = 4, s.kv_heads = k % 3 ? 2 : 4;
        s.hidden = 100 + 12 * (uint32_t)k, s.layers = 1 + (uint32_t)k % 3, s.context = k % 2 ? 40 : 200;
        s.biased = s.layer_norm = s.gelu = s.learned_positions = k > 3, s.tied = k == 5;
        assert_true(mote_transformer_build(&g, &s, 1, &error));
        check_packed(&g, types[k % 4]);
    }
}

/* Computed by hand: dim 8, 2 heads that share one key head, hidden 12, 2 layers, 10 tokens, 16 positions. */
static void test_transformer(void **state)
{
    (void)state;
    mote_transformer_shape s = MOTE_TRANSFORMER_DEFAULTS;
    s.vocabulary = 10, s.dim = 8, s.heads = 2, s.kv_heads = 1, s.hidden = 12, s.layers = 2, s.context = 16;
    mote_estimate e;
    mote_error error;
    assert_true(mote_transformer_estimate(&s, MOTE_I8, &e, &error));
    const uint32_t layer = 2 * 8 * 8 + 2 * 4 * 8 + 3 * 8 * 12 + 2 * 8;
    assert_int_equal(e.parameters, 2 * 10 * 8 + 2 * layer + 8);
    assert_int_equal(e.parameters, mote_transformer_parameters(&s));
    assert_int_equal(e.state, 2 * 2 * (16 * 4 + 16)); /* layers · (keys, values) · (codes + exponents) */
    const uint64_t with_int8 = e.file;
    assert_true(mote_transformer_estimate(&s, MOTE_TERNARY2, &e, &error));
    assert_true(e.file > 0 && with_int8 > 0);
    s.biased = s.layer_norm = s.gelu = s.learned_positions = s.tied = true;
    assert_true(mote_transformer_estimate(&s, MOTE_I8, &e, &error));
    assert_int_equal(e.parameters, mote_transformer_parameters(&s));
    s.heads = 3;
    assert_false(mote_transformer_estimate(&s, MOTE_I8, &e, &error));
}

/* Each model fits its chip with the file in RAM, as the table states. */
static void test_models_fit(void **state)
{
    (void)state;
    for (int i = 0; i < MOTE_CHIP_MODELS; i++) {
        const mote_chip_model *model = &mote_chip_models[i];
        const mote_chip *chip = mote_chip_of(model);
        mote_estimate e;
        mote_error error;
        if (!mote_transformer_estimate(&model->shape, MOTE_I8, &e, &error) || !mote_estimate_fits(&e, chip, &error))
            fail_msg("%s: %s", model->name, error.text);
        assert_true(mote_chip_fit(chip, e.file, e.arena, e.state).all_ram);
        const mote_chip small = {.name = "small", .ram_kb = (uint32_t)((e.arena + e.state) / 1024), .flash_kb = 4096};
        assert_false(mote_estimate_fits(&e, &small, &error));
        assert_int_equal(error.code, MOTE_E_UNSUPPORTED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gru),
        cmocka_unit_test(test_transformer_packed),
        cmocka_unit_test(test_transformer),
        cmocka_unit_test(test_models_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
