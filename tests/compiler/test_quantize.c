/* Compares the logits of packed and float GRU models on the same tokens. The float model uses weights from the same
 * quantizers, so that only the arithmetic differs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <mote_text.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/evaluator.h"
#include "compiler/graph/tinylm.h"
#include "compiler/pack/container.h"
#include "compiler/quantize/quantize.h"
#include "runtime/kernels.h"
#include "tests/compiler/packed.h"

enum { STEPS = 200 };

/* Sets biases to values as after training, marks every matrix as trained with a quantizer, and multiplies the input
 * weights of the gates by `louder`, as training does with ternary weights. */
static void dress(mote_graph *g, mote_dtype quantizer, mote_granularity granularity, float louder)
{
    uint32_t seed = 7;
    for (int i = 0; i < g->tensor_count; i++) {
        mote_tensor *t = &g->tensors[i];
        if (t->role != MOTE_CONSTANT)
            continue;
        if (t->rank == 2) {
            for (size_t k = 0; strstr(t->name, "input.weight") && k < mote_tensor_elements(t); k++)
                ((float *)t->data)[k] *= louder;
            t->quantizer = quantizer;
            t->granularity = granularity;
            continue;
        }
        for (uint32_t k = 0; k < t->dims[0]; k++) {
            seed = seed * 1664525u + 1013904223u;
            ((float *)t->data)[k] = (float)(seed >> 8) / (float)(1 << 24) - 0.5f;
        }
    }
}

static float compare(const mote_tinylm_shape *shape, const mote_quantize_options *options, mote_dtype quantizer,
                     mote_granularity granularity, float louder)
{
    mote_graph g, packed;
    mote_error error = {0};
    mote_evaluator e;
    running r;
    assert_true(mote_tinylm_build(&g, shape, 3, &error));
    dress(&g, quantizer, granularity, louder);
    if (!mote_graph_quantize(&g, options, &packed, &error) || !mote_evaluator_init(&e, &g, 1, &error))
        fail_msg("%s", error.text);
    open_packed(&r, &packed);
    assert_int_equal(mote_selftest(&r.session), MOTE_SUCCESS);
    r.session.kernels = &mote_portable_kernels;
    assert_int_equal(mote_selftest(&r.session), MOTE_SUCCESS);
    float worst = 0;
    uint16_t token = 0;
    for (int i = 0; i < STEPS; i++) {
        const float *want = mote_evaluator_feed(&e, &token, 1);
        mote_step(&r.session, token);
        for (uint32_t v = 0; v < shape->vocabulary; v++)
            worst = fmaxf(worst, fabsf(want[v] - (float)mote_logits(&r.session)[v] / 1024));
        token = (uint16_t)((token * 31u + 17u) % shape->vocabulary);
    }
    mote_evaluator_free(&e);
    close_packed(&r);
    mote_graph_free(&g);
    mote_graph_free(&packed);
    return worst;
}

static float quantize_and_compare(const mote_tinylm_shape *shape, mote_dtype quantizer, mote_granularity granularity,
                                  bool five_trits, float louder)
{
    const mote_quantize_options options = {.as_trained = true, .five_trits = five_trits};
    return compare(shape, &options, quantizer, granularity, louder);
}

static void packed_logits_are_the_float_models(void **state)
{
    (void)state;
    static const mote_tinylm_shape shapes[] = {{65, 128, 128, 1, false},
                                               {65, 128, 128, 1, true},
                                               {30, 16, 48, 2, false},
                                               {257, 24, 20, 3, false},
                                               {1, 5, 7, 1, false}};
    static const mote_granularity granularities[] = {MOTE_PER_TENSOR, MOTE_PER_ROW, MOTE_POW2_TENSOR, MOTE_POW2_ROW};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (size_t k = 0; k < 4; k++) {
            const float int8 = quantize_and_compare(&shapes[s], MOTE_I8, granularities[k], false, 1);
            const float two = quantize_and_compare(&shapes[s], MOTE_TERNARY2, granularities[k], false, 1);
            const float five = quantize_and_compare(&shapes[s], MOTE_TERNARY2, granularities[k], true, 1);
            if (getenv("MOTE_VERBOSE"))
                print_message("shape %zu granularity %zu: int8 %.4f ternary %.4f\n", s, k, (double)int8, (double)two);
            assert_true(int8 < 0.03f);
            assert_true(two < 0.02f);
            assert_true(two == five);
        }
}

/* A model with 16-bit weights has the output of the float model without quantizers. */
static void int16_logits_are_the_untouched_float_models(void **state)
{
    (void)state;
    static const mote_tinylm_shape shapes[] = {{65, 128, 128, 1, false}, {30, 16, 48, 2, false}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int k = 0; k < MOTE_GRANULARITY_COUNT; k++) {
            const mote_quantize_options options = {.weights = MOTE_SCHEME_INT16,
                                                   .head = MOTE_SCHEME_INT16,
                                                   .embedding = MOTE_SCHEME_INT8,
                                                   .granularity = (mote_granularity)k};
            const float int16 = compare(&shapes[s], &options, MOTE_F32, (mote_granularity)k, 1);
            if (getenv("MOTE_VERBOSE"))
                print_message("shape %zu granularity %d: int16 %.4f\n", s, k, (double)int16);
            assert_true(int16 < 0.02f);
        }
}

/* Gates beyond ±16: a narrower fixed point would saturate before the recurrent product is added. */
static void loud_gates_are_not_cut_off(void **state)
{
    (void)state;
    const mote_tinylm_shape shape = {65, 64, 128, 1, false};
    const float two = quantize_and_compare(&shape, MOTE_TERNARY2, MOTE_PER_ROW, false, 12);
    if (getenv("MOTE_VERBOSE"))
        print_message("loud: %.4f\n", (double)two);
    assert_true(two < 0.03f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_logits_are_the_float_models),
        cmocka_unit_test(int16_logits_are_the_untouched_float_models),
        cmocka_unit_test(loud_gates_are_not_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
