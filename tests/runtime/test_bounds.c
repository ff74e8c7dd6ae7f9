/* Measures the errors of the integer functions against real arithmetic on the same inputs, over dense ranges, and
 * checks them against the bounds in docs/SPEC.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/attention.h"
#include "runtime/model.h"
#include "runtime/ops/exp2.h"
#include "runtime/ops/ops.h"
#include "runtime/ops/sigmoid.h"
#include "runtime/ops/sine.h"

static uint32_t rng = 1;

static int32_t between(int32_t low, int32_t high)
{
    rng = rng * 1664525u + 1013904223u;
    return low + (int32_t)((uint64_t)(rng >> 8) * (uint32_t)(high - low + 1) >> 24);
}

static double worst;

static void see(double error)
{
    worst = fmax(worst, fabs(error));
}

/* Checks that the worst error is within the bound, and that the bound is not too loose (at most 1/0.9 of the error).
 * Then resets the worst error and the random numbers. */
static void hold(const char *what, double bound)
{
    printf("%-24s %.3g of %.3g\n", what, worst, bound);
    const double found = worst;
    worst = 0;
    rng = 1;
    assert_true(found <= bound && found > 0.9 * bound);
}

static void sines(void **state)
{
    (void)state;
    for (uint64_t phase = 0; phase < (uint64_t)1 << 32; phase += 4099)
        see(mote_sine((uint32_t)phase) / 32768.0 - sin(2 * acos(-1.0) * (double)phase / 4294967296.0));
    hold("sine", 5.0e-5);
}

static void powers(void **state)
{
    (void)state;
    for (uint32_t x = 0; x < 31u << 16; x += 7)
        see(mote_exp2(30, x) / 1073741824.0 - exp2(-(double)x / 65536));
    hold("2^-x", 6.6e-5);
}

static void sigmoids(void **state)
{
    (void)state;
    for (int beyond = 0; beyond < 2; beyond++) { /* the table ends at ±8 */
        for (int32_t x = -32768; x < 32768; x++)
            if ((abs(x) >= 8192) == beyond)
                see(mote_sigmoid(x) / 32768.0 - 1 / (1 + exp(-x / 1024.0)));
        hold(beyond ? "sigmoid from 8 on" : "sigmoid below 8", beyond ? 3.7e-4 : 8.5e-5);
    }
}

/* A model of one operator, built in memory without a file. */
enum { TENSORS = 9, WIDTH = 256 };

typedef struct bench {
    mote_tensor_record tensors[TENSORS];
    mote_op_record op;
    uint16_t inputs[TENSORS + 2]; /* the outputs follow, as in the pool */
    int32_t params[MOTE_PRODUCT_PARAMS];
    mote_model model;
    mote_session session;
    _Alignas(16) int16_t data[TENSORS][2 * WIDTH];
} bench;

static void output_of(bench *b, uint32_t index, uint16_t tensor)
{
    b->inputs[b->op.input_count + index] = tensor;
}

/* Prepares an operator whose inputs are tensors 0 and up, with x first, and whose output is the last tensor. */
static void prepare(bench *b, mote_opcode opcode, uint32_t inputs, uint32_t length, mote_dtype output)
{
    memset(b, 0, sizeof *b);
    const mote_op_entry *facts = mote_op_entry_of(opcode);
    b->op.opcode = (uint8_t)opcode;
    b->op.input_count = facts->inputs;
    b->op.output_count = facts->outputs;
    b->op.param_count = facts->params;
    memset(b->inputs, 0xff, sizeof b->inputs);
    for (uint32_t i = 0; i < TENSORS; i++)
        b->tensors[i] = (mote_tensor_record){.dtype = MOTE_I16,
                                             .role = MOTE_ACTIVATION,
                                             .rank = 1,
                                             .dims = {length, 1, 1, 1, 1, 1},
                                             .offset = i * (uint32_t)sizeof b->data[0]};
    for (uint32_t i = 0; i < inputs; i++)
        b->inputs[i] = (uint16_t)i;
    b->tensors[TENSORS - 1].dtype = (uint8_t)output;
    output_of(b, 0, TENSORS - 1);
    b->model.tensors = b->tensors;
    b->model.ops = &b->op;
    b->model.operands = b->inputs;
    b->model.words = b->params;
    b->session = (mote_session){.model = &b->model,
                                .kernels = &mote_portable_kernels,
                                .arena = (uint8_t *)b->data,
                                .state = (uint8_t *)b->data};
}

static void curves(void **state)
{
    (void)state;
    static bench b;
    for (int gelu = 0; gelu < 2; gelu++)
        for (int32_t unit = 10; unit <= 12; unit += 2) {
            prepare(&b, gelu ? MOTE_OP_GELU : MOTE_OP_SILU, 1, WIDTH, MOTE_I16);
            b.params[MOTE_CURVE_UNIT] = unit;
            for (int32_t from = -32768; from < 32768; from += WIDTH) {
                for (int32_t i = 0; i < WIDTH; i++)
                    b.data[0][i] = (int16_t)(from + i);
                mote_operator_run(&b.session, 0);
                for (int32_t i = 0; i < WIDTH; i++) {
                    const double x = ldexp(from + i, -unit);
                    const double y = gelu ? x / 2 * erfc(-x / sqrt(2)) : x / (1 + exp(-x));
                    see(ldexp(b.data[TENSORS - 1][i], -unit) - y);
                }
            }
            hold(gelu ? "gelu" : "silu", gelu ? (unit == 10 ? 6e-4 : 3.8e-4) : 2.7e-3);
        }
}

static void tanhs(void **state)
{
    (void)state;
    static bench b;
    prepare(&b, MOTE_OP_TANH, 1, WIDTH, MOTE_I16);
    b.params[MOTE_TANH_UNIT] = 10;
    for (int beyond = 0; beyond < 2; beyond++) { /* the table of the sigmoid ends at ±8 */
        for (int32_t from = -32768; from < 32768; from += WIDTH) {
            for (int32_t i = 0; i < WIDTH; i++)
                b.data[0][i] = (int16_t)(from + i);
            mote_operator_run(&b.session, 0);
            for (int32_t i = 0; i < WIDTH; i++)
                if ((abs(from + i) >= 4096) == beyond)
                    see(b.data[TENSORS - 1][i] / 16384.0 - tanh((from + i) / 1024.0));
        }
        hold(beyond ? "tanh from 4 on" : "tanh below 4", beyond ? 7.4e-4 : 1.7e-4);
    }
}

/* Measures the errors of norms, in units of the deviation, for rows whose deviation is at least `least`. The values of
 * a row are uniform in ±size around an offset, such that no x - mean exceeds 2^15. `units` of the error, which come
 * from rounding the mean to an integer, are not counted. */
static void norms_of(bool centred, double least, double units)
{
    static bench b;
    static const int32_t sizes[] = {40, 300, 3000, 16000};
    for (int k = 0; k < 16000; k++) {
        const uint32_t d = (uint32_t)between(16, WIDTH);
        const int32_t size = sizes[k % 4], offset = centred && size < 16000 ? between(-16000, 16000) : 0;
        double sum = 0, squares = 0;
        prepare(&b, centred ? MOTE_OP_LAYERNORM : MOTE_OP_RMSNORM, centred ? 3 : 2, d, MOTE_I16);
        b.params[MOTE_NORM_EPSILON] = 1;
        b.params[MOTE_NORM_FORM] = 11;
        b.params[MOTE_NORM_SHIFT] = 12;
        for (uint32_t i = 0; i < d; i++) {
            b.data[0][i] = (int16_t)(between(-size, size) + offset);
            b.data[1][i] = 4096; /* 1 */
            sum += b.data[0][i];
        }
        const double mean = centred ? sum / d : 0;
        for (uint32_t i = 0; i < d; i++)
            squares += (b.data[0][i] - mean) * (b.data[0][i] - mean);
        const double deviation = sqrt(squares / d + 1);
        mote_operator_run(&b.session, 0);
        for (uint32_t i = 0; i < d && deviation >= least; i++) {
            const double error = b.data[TENSORS - 1][i] / 2048.0 - (b.data[0][i] - mean) / deviation;
            see(fmax(0, fabs(error) - units / deviation));
        }
    }
}

static void norms(void **state)
{
    (void)state;
    norms_of(false, 0, 0);
    hold("rmsnorm", 3.4e-4);
    norms_of(true, 20, 0);
    hold("layernorm from 20 on", 2.7e-2);
    norms_of(true, 100, 0.5);
    hold("layernorm from 100 on", 3.4e-4);
}

static void quantized(void **state)
{
    (void)state;
    static bench b;
    static const int32_t sizes[] = {1, 20, 126, 127, 128, 1000, 20000, 32767};
    for (int k = 0; k < 8000; k++) {
        prepare(&b, MOTE_OP_QUANTIZE, 1, WIDTH, MOTE_I8V);
        int32_t peak = 1;
        for (int i = 0; i < WIDTH; i++) {
            b.data[0][i] = (int16_t)between(-sizes[k % 8], sizes[k % 8]);
            peak = abs(b.data[0][i]) > peak ? abs(b.data[0][i]) : peak;
        }
        mote_operator_run(&b.session, 0);
        const int8_t *codes = (const int8_t *)b.data[TENSORS - 1];
        const mote_vector_scale *scale = (const void *)(codes + WIDTH);
        for (int i = 0; i < WIDTH; i++) /* in steps of peak / 127 */
            see((codes[i] * ldexp(scale->mantissa, scale->exponent) - b.data[0][i]) * 127 / peak);
    }
    hold("quantize, in steps", 0.52);
}

static void probabilities(void **state)
{
    (void)state;
    enum { LONGEST = 600 };
    static int16_t scores[LONGEST];
    static double weights[LONGEST];
    for (int k = 0; k < 3000; k++) {
        const int32_t spread = between(0, 1) ? 5000 : between(1, 2000);
        const uint32_t count = (uint32_t)between(1, LONGEST);
        double sum = 0, total = 0;
        for (uint32_t t = 0; t < count; t++) {
            scores[t] = (int16_t)between(-spread, spread);
            sum += weights[t] = exp(scores[t] / 512.0);
        }
        mote_softmax(scores, count);
        for (uint32_t t = 0; t < count; t++) {
            see(scores[t] / 32768.0 - weights[t] / sum);
            total += scores[t] / 32768.0;
        }
        assert_true(fabs(total - 1) < 0.01);
    }
    hold("softmax", 3.2e-4);
}

/* The error of a rotated key in the cache, in units of the key's length. */
static void rotation(void **state)
{
    (void)state;
    static bench b;
    enum { Q, K, V, TURNS, KEYS, SCRATCH, VALUES, Y = TENSORS - 1, PAIR = 2 };
    prepare(&b, MOTE_OP_ATTENTION, 7, PAIR, MOTE_I16);
    b.inputs[MOTE_ATTENTION_KEY_SCALES] = MOTE_NO_INDEX;
    output_of(&b, MOTE_ATTENTION_SCRATCH, SCRATCH);
    b.params[MOTE_ATTENTION_HEADS] = b.params[MOTE_ATTENTION_KV_HEADS] = b.params[MOTE_ATTENTION_SCORE] = 1;
    b.params[MOTE_ATTENTION_SCORE_SHIFT] = 8;
    b.tensors[TURNS].role = MOTE_PLACED;
    b.tensors[KEYS].dims[0] = b.tensors[VALUES].dims[0] = b.tensors[SCRATCH].dims[0] = 1;
    b.model.sram = (const uint8_t *)b.data;
    for (int i = 0; i < 400000; i++) {
        const uint32_t turns = (uint32_t)between(0, 65535) << 16 | (uint32_t)between(0, 65535);
        const double angle = 2 * acos(-1.0) * ((uint32_t)(turns * (uint32_t)i) / 4294967296.0);
        memcpy(b.data[TURNS], &turns, sizeof turns);
        b.data[K][0] = (int16_t)between(-23000, 23000);
        b.data[K][1] = (int16_t)(between(0, 1) ? 23000 : -23000);
        const double x = b.data[K][0], y = b.data[K][1], length = hypot(x, y);
        b.session.position = (uint32_t)i;
        mote_operator_run(&b.session, 0);
        see((b.data[KEYS][0] - (x * cos(angle) - y * sin(angle))) / length);
        see((b.data[KEYS][1] - (x * sin(angle) + y * cos(angle))) / length);
    }
    hold("rotation, of the length", 7.3e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sines),     cmocka_unit_test(powers),        cmocka_unit_test(sigmoids),
        cmocka_unit_test(curves),    cmocka_unit_test(tanhs),         cmocka_unit_test(norms),
        cmocka_unit_test(quantized), cmocka_unit_test(probabilities), cmocka_unit_test(rotation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
