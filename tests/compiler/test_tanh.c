/* Tests of TANH: gradients against differences of the C library's tanh, integers against docs/SPEC.md and against tanh,
 * and the lowering of a network with it. */
#include "tests/compiler/packed.h"

#include <math.h>

#include "compiler/graph/builder.h"
#include "compiler/graph/evaluator.h"
#include "compiler/graph/operator.h"
#include "compiler/quantize/calibrate.h"
#include "runtime/kernels.h"

enum { COUNT = 4096 };

static mote_graph vector_graph(mote_dtype dtype, bool packed)
{
    mote_graph g;
    mote_graph_init(&g);
    g.packed = packed;
    const int x = mote_graph_tensor(&g, "x", dtype, MOTE_INPUT, 1, (uint32_t[]){COUNT});
    const int y = mote_graph_tensor(&g, "y", dtype, MOTE_OUTPUT, 1, (uint32_t[]){COUNT});
    assert_int_equal(mote_graph_op(&g, "tanh", MOTE_OP_TANH, 1, &x, 1, &y), 0);
    return g;
}

static void floats(void **state)
{
    (void)state;
    static float x[COUNT], y[COUNT], dx[COUNT], dy[COUNT];
    mote_graph g = vector_graph(MOTE_F32, false);
    float *in = x, *out = y, *in_grad = dx, *out_grad = dy;
    bool fresh = true;
    const mote_pass pass = {.graph = &g,
                            .op = &g.ops[0],
                            .rows = 1,
                            .steps = 1,
                            .streams = 1,
                            .in = &in,
                            .out = &out,
                            .in_grad = &in_grad,
                            .out_grad = &out_grad,
                            .fresh = &fresh,
                            .trains = true};
    for (int i = 0; i < COUNT; i++) {
        x[i] = (float)(i - COUNT / 2) / 256;
        dy[i] = (float)(i % 7) - 3;
        dx[i] = 100;
    }
    for (int add = 0; add < 2; add++) {
        fresh = !add;
        mote_operators[MOTE_OP_TANH]->forward(&pass);
        mote_operators[MOTE_OP_TANH]->backward(&pass);
        for (int i = 0; i < COUNT; i++) {
            const double v = (double)x[i], h = 1e-5, slope = (tanh(v + h) - tanh(v - h)) / (2 * h);
            assert_true(fabs((double)y[i] - tanh(v)) < 1e-6);
            assert_true(fabs((double)dx[i] - (1 + add) * (double)dy[i] * slope) < 1e-5);
        }
    }
    mote_graph_free(&g);
}

/* Computes tanh as in docs/SPEC.md, from its table of the logistic function. */
static int64_t expected(int64_t x, int unit, int shift)
{
    const int64_t a = 2 * (unit < 10 ? x * (1 << (10 - unit)) : x >> (unit - 10)), size = a < 0 ? -a : a;
    const int64_t m = size > 8191 ? 8191 : size, i = m / 64;
    const double low = floor(32768 / (1 + exp(-(double)i / 16)) + 0.5),
                 high = floor(32768 / (1 + exp(-(double)(i + 1) / 16)) + 0.5);
    const int64_t y = (int64_t)low - 16384 + ((int64_t)(high - low) * (m % 64) >> 6);
    return ((a < 0 ? -y : y) + ((1 << shift) >> 1)) >> shift;
}

static void integers(void **state)
{
    (void)state;
    for (int unit = 4; unit <= 14; unit++)
        for (int shift = 0; shift <= 14; shift += 1 + shift * 2) {
            mote_graph g = vector_graph(MOTE_I16, true);
            g.ops[0].params[MOTE_TANH_UNIT] = unit;
            g.ops[0].params[MOTE_TANH_SHIFT] = shift;
            g.tensors[1].offset = COUNT * 2;
            g.arena_size = COUNT * 4;
            mote_bytes file = encoded(&g);
            opened o;
            assert_int_equal(mote_open(&o.model, file.data, file.size), MOTE_SUCCESS);
            start_exactly(&o);
            int16_t *x = mote_input(&o.session, 0).data;
            const int16_t *y = mote_output(&o.session, 0).data;
            for (int from = -32768; from < 32768; from += COUNT) {
                for (int i = 0; i < COUNT; i++)
                    x[i] = (int16_t)(from + i);
                mote_run(&o.session);
                for (int i = 0; i < COUNT; i++) {
                    assert_int_equal(y[i], expected(from + i, unit, shift));
                    assert_true(fabs(ldexp(y[i], shift - 14) - tanh(ldexp(from + i, -unit))) <
                                ldexp(0.5, shift - 14) + ldexp(1, -unit < -10 ? -10 : -14) + 8e-4);
                }
            }
            for (int bad = 0; bad < 2; bad++) {
                g.ops[0].params[MOTE_TANH_UNIT] = bad ? unit : 3;
                g.ops[0].params[MOTE_TANH_SHIFT] = bad ? 15 : shift;
                mote_bytes wrong = encoded(&g);
                mote_model m;
                assert_int_equal(mote_open(&m, wrong.data, wrong.size), MOTE_BAD_OPERATOR);
                free(wrong.data);
            }
            stop(&o);
            free(file.data);
            mote_graph_free(&g);
        }
}

/* Builds a network from tokens to scores with a hidden layer. With `sum`, an addition follows the tanh and determines
 * its scale. */
static void build(mote_graph *g, bool sum)
{
    mote_graph_init(g);
    mote_builder b = {.g = g, .random = {3}};
    mote_error error = {0};
    const int ids = mote_build_tensor(&b, "ids", MOTE_U16, MOTE_INPUT, 1, 0);
    const int table = mote_build_normal(&b, "table", 20, 16, 1), w = mote_build_normal(&b, "w", 24, 16, 0.3f);
    const int head = mote_build_normal(&b, "head", 20, 24, 0.4f);
    const int x = mote_build_op(&b, "x", MOTE_OP_EMBEDDING, 2, (int[]){ids, table}, NULL);
    const int h = mote_build_op(&b, "h", MOTE_OP_LINEAR, 2, (int[]){x, w}, NULL);
    int t = mote_build_op(&b, "t", MOTE_OP_TANH, 1, &h, NULL);
    if (sum)
        t = mote_build_op(&b, "sum", MOTE_OP_ADD, 2, (int[]){t, h}, NULL);
    mote_build_output(&b, mote_build_op(&b, "scores", MOTE_OP_LINEAR, 2, (int[]){t, head}, NULL), "logits");
    if (!mote_build_end(&b, "test", &error))
        fail_msg("%s", error.text);
}

static void lowered(void **state)
{
    (void)state;
    uint16_t tokens[400];
    for (int i = 0; i < 400; i++)
        tokens[i] = (uint16_t)(i * 7 % 20);
    mote_quantize_options options = {.weights = MOTE_SCHEME_INT8,
                                     .head = MOTE_SCHEME_INT8,
                                     .embedding = MOTE_SCHEME_INT8,
                                     .granularity = MOTE_PER_ROW};
    for (int sum = 0; sum < 2; sum++) {
        mote_graph g, packed;
        mote_error error = {0};
        mote_evaluator e;
        opened o;
        mote_calibration c;
        build(&g, sum);
        const mote_source source = mote_text_source(&g, tokens, 400);
        options.calibration = &c;
        if (!mote_calibrate(&c, &g, &source, &error))
            fail_msg("%s", error.text);
        if (!mote_graph_quantize(&g, &options, &packed, &error) || !mote_evaluator_init(&e, &g, 1, &error))
            fail_msg("%s", error.text);
        mote_bytes file = encoded(&packed);
        assert_int_equal(mote_open(&o.model, file.data, file.size), MOTE_SUCCESS);
        start_exactly(&o);
        double power = 0, noise = 0;
        for (uint16_t token = 0; token < 20; token++) {
            const float *want = mote_evaluator_feed(&e, &token, 1);
            mote_step(&o.session, token);
            for (int i = 0; i < 20; i++) {
                const double off = mote_logits(&o.session)[i] / 1024.0 - (double)want[i];
                power += (double)want[i] * (double)want[i];
                noise += off * off;
            }
        }
        if (!(noise < power / 1000))
            fail_msg("noise %g, power %g, with a sum %d", noise, power, sum);
        stop(&o);
        free(file.data);
        mote_evaluator_free(&e);
        mote_calibration_free(&c);
        mote_graph_free(&packed);
        mote_graph_free(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(floats),
        cmocka_unit_test(integers),
        cmocka_unit_test(lowered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
