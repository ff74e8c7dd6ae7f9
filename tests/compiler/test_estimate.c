/* Estimates of a model against the same model packed, and the models of chip/models.def against their chips. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

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

static void test_gru(void **state)
{
    (void)state;
    const mote_tinylm_shape shape = {.vocabulary = 70, .embed = 48, .dim = 96, .layers = 2};
    const mote_quantize_options options = {.weights = MOTE_SCHEME_INT8,
                                           .head = MOTE_SCHEME_INT8,
                                           .embedding = MOTE_SCHEME_INT8,
                                           .granularity = MOTE_PER_ROW};
    mote_graph g, packed;
    mote_error error;
    mote_bytes file;
    mote_estimate e;
    assert_true(mote_tinylm_build(&g, &shape, 1, &error));
    assert_true(mote_graph_quantise(&g, &options, &packed, &error));
    assert_true(mote_graph_encode(&packed, &file, &error));
    assert_true(mote_estimate_packed(&g, &e, &error));
    assert_near(e.file, file.size, 0.05);
    assert_near(e.arena, packed.arena_size, 0.25);
    assert_int_equal(e.state, packed.state_size);
    size_t parameters = 0;
    for (int i = 0; i < g.tensor_count; i++)
        parameters += g.tensors[i].role == MOTE_CONSTANT ? mote_tensor_elements(&g.tensors[i]) : 0;
    assert_int_equal(e.parameters, parameters);
    free(file.data);
    mote_graph_free(&g);
    mote_graph_free(&packed);
}

/* By hand: dim 8 of 2 heads sharing one key head, hidden 12, 2 layers, 10 tokens, 16 positions. */
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

/* Each fits its chip with the file in RAM, as the table says. */
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
        cmocka_unit_test(test_transformer),
        cmocka_unit_test(test_models_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
