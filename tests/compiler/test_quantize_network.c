/* Quantized networks of images against the float executor: every operator alone, fused limits, corrected biases, types
 * of outputs, ranges that make scales difficult, and what is refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <mote.h>

#include "compiler/graph/executor.h"
#include "compiler/graph/functions.h"
#include "compiler/graph/random.h"
#include "compiler/pack/container.h"
#include "compiler/quantize/quantization.h"
#include "compiler/task/arrays.h"
#include "runtime/ops/affine.h"
#include "tests/compiler/network_examples.h"

enum { SAMPLES = 48, MOST_INPUTS = 4 };

typedef struct bench {
    mote_graph g, packed;
    mote_random random;
    mote_arrays arrays;
    uint8_t *inputs[MOST_INPUTS];
    size_t sizes[MOST_INPUTS];
    double power, noise, worst; /* of the first output; worst error in steps of its scale */
    double bias[64];            /* mean error of a channel in steps */
} bench;

static void begin(bench *b, uint64_t seed)
{
    *b = (bench){.random = {seed}};
    mote_graph_init(&b->g);
    b->arrays = (mote_arrays){.count = SAMPLES, .sequence = 1, .inputs = b->inputs, .input_size = b->sizes};
}

static void end(bench *b)
{
    for (int i = 0; i < MOST_INPUTS; i++)
        free(b->inputs[i]);
    mote_graph_free(&b->g);
    mote_graph_free(&b->packed);
}

static int tensor(bench *b, const char *name, mote_dtype dtype, mote_role role, int rank, const uint32_t *dims)
{
    const int index = mote_graph_tensor(&b->g, name, dtype, role, rank, dims);
    assert_true(index >= 0);
    return index;
}

static void fill(bench *b, float *to, size_t count, float low, float high)
{
    for (size_t i = 0; i < count; i++)
        to[i] = low + (high - low) * mote_random_unit(&b->random);
}

/* Adds an input and its samples. */
static int input(bench *b, const char *name, int rank, const uint32_t *dims, float low, float high)
{
    const int index = tensor(b, name, MOTE_F32, MOTE_INPUT, rank, dims);
    const size_t count = mote_tensor_elements(&b->g.tensors[index]);
    const int i = b->arrays.input_count++;
    assert_true(i < MOST_INPUTS);
    b->sizes[i] = count * sizeof(float);
    b->inputs[i] = malloc(SAMPLES * b->sizes[i]);
    fill(b, (float *)b->inputs[i], SAMPLES * count, low, high);
    return index;
}

static int constant(bench *b, const char *name, int rank, const uint32_t *dims, float low, float high)
{
    const int index = tensor(b, name, MOTE_F32, MOTE_CONSTANT, rank, dims);
    fill(b, b->g.tensors[index].data, mote_tensor_elements(&b->g.tensors[index]), low, high);
    return index;
}

/* Adds an operator with a result of the inferred shape. */
static int apply(bench *b, const char *name, mote_role role, mote_opcode opcode, int count, const int *inputs,
                 const int32_t *params)
{
    mote_shape shapes[MOTE_MOST_OUTPUTS];
    mote_error error = {0};
    const int op = mote_graph_op(&b->g, name, opcode, count, inputs, 0, NULL);
    assert_true(op >= 0);
    if (params)
        memcpy(b->g.ops[op].params, params, (size_t)b->g.ops[op].param_count * sizeof *params);
    if (!mote_op_infer(&b->g, &b->g.ops[op], shapes, &error))
        fail_msg("%s", error.text);
    const mote_dtype dtype = shapes[0].dtypes & MOTE_BIT(MOTE_F32) ? MOTE_F32 : MOTE_U16;
    const int y = tensor(b, name, dtype, role, shapes[0].rank, shapes[0].dims);
    b->g.ops[op].outputs[0] = y;
    return y;
}

static int map(bench *b, const char *name, mote_role role, int x, mote_function f, float alpha, float beta)
{
    int32_t params[MOTE_MAP_BETA + 1] = {[MOTE_MAP_FUNCTION] = (int32_t)f};
    memcpy(&params[MOTE_MAP_ALPHA], &alpha, sizeof alpha);
    memcpy(&params[MOTE_MAP_BETA], &beta, sizeof beta);
    return apply(b, name, role, MOTE_OP_MAP, 1, &x, params);
}

/* A convolution of 3×3 with padding, 4 to 6 channels, named "conv". */
static int conv(bench *b, mote_role role, int x, uint32_t outputs, float weight)
{
    static const int32_t params[MOTE_CONV_ROUNDING + 1] = {
        WINDOW(CONV, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1), [MOTE_CONV_PARTS] = 1};
    const uint32_t columns = 9 * b->g.tensors[x].dims[2];
    const int inputs[] = {x, constant(b, "weights", 2, (uint32_t[]){outputs, columns}, -weight, weight),
                          constant(b, "bias", 1, &outputs, -weight, weight)};
    return apply(b, "conv", role, MOTE_OP_CONV, 3, inputs, params);
}

static bool quantize(bench *b, const mote_quantize_options *options, mote_error *error)
{
    mote_quantization q;
    const mote_source source = mote_arrays_source(&b->arrays);
    mote_graph_free(&b->packed);
    b->packed = (mote_graph){0};
    if (!mote_graph_can_lower(&b->g, error) || !mote_quantization_init(&q, &b->g, options, false, &source, error))
        return false;
    const bool done = mote_quantization_make(&q, error) && mote_quantization_pack(&q, &b->packed, error);
    mote_quantization_free(&q);
    return done;
}

static void add_errors(bench *b, const mote_value *v, const float *wanted, uint32_t count, uint32_t channels)
{
    for (uint32_t i = 0; i < count; i++) {
        const double got = (double)v->scale * (mote_value_at(v->data, v->type, i) - v->zero_point);
        const double error = (double)wanted[i] - got;
        b->power += (double)wanted[i] * (double)wanted[i];
        b->noise += error * error;
        b->worst = fmax(b->worst, fabs(error) / (double)v->scale);
        b->bias[i % channels % 64] += error / (double)v->scale / (SAMPLES * (count / channels));
    }
}

/* Runs all samples through both networks and compares the first output. */
static void compare(bench *b)
{
    mote_executor x;
    mote_error error = {0};
    mote_bytes file;
    mote_model model;
    mote_session s;
    void *memory = NULL;
    assert_true(
        mote_executor_init(&x, &b->g, &(mote_executor_options){.steps = 1, .streams = 1, .workers = 1}, &error));
    assert_true(mote_graph_encode(&b->packed, &file, &error));
    assert_int_equal(mote_open(&model, file.data, file.size), MOTE_SUCCESS);
    const size_t size = mote_arena_size(&model) + mote_state_size(&model);
    assert_int_equal(posix_memalign(&memory, 16, size + 16), 0);
    assert_int_equal(mote_begin(&s, &model, memory, size), MOTE_SUCCESS);
    b->power = b->noise = b->worst = 0;
    memset(b->bias, 0, sizeof b->bias);
    for (int k = 0; k < SAMPLES; k++) {
        const void *inputs[MOST_INPUTS];
        for (int i = 0; i < b->arrays.input_count; i++) {
            mote_value v = mote_input(&s, (uint32_t)i);
            inputs[i] = b->inputs[i] + (size_t)k * b->sizes[i];
            for (uint32_t n = 0; n < b->sizes[i] / sizeof(float); n++) {
                const double stored = rint((double)((const float *)inputs[i])[n] / (double)v.scale) + v.zero_point;
                mote_value_put(
                    v.data, v.type, n,
                    (int32_t)fmin(fmax(stored, v.type == MOTE_I8 ? -128 : -32768), v.type == MOTE_I8 ? 127 : 32767));
            }
        }
        mote_executor_forward(&x, 0, inputs, 1, 0);
        mote_run(&s);
        const mote_tensor *y = &b->g.tensors[mote_graph_of_role(&b->g, MOTE_OUTPUT, 0)];
        const mote_value v = mote_output(&s, 0);
        if (y->dtype == MOTE_F32)
            add_errors(b, &v, mote_executor_output(&x, 0, 0), (uint32_t)mote_tensor_elements(y), y->dims[y->rank - 1]);
    }
    free(memory);
    free(file.data);
    mote_executor_free(&x);
}

static double snr(const bench *b)
{
    return 10 * log10(b->power / b->noise);
}

static const mote_quantize_options int8_options = {.weights = MOTE_SCHEME_INT8,
                                                   .head = MOTE_SCHEME_INT8,
                                                   .embedding = MOTE_SCHEME_INT8,
                                                   .granularity = MOTE_PER_ROW,
                                                   .method = MOTE_METHOD_AUTO};

static void quantize_and_compare(bench *b, const mote_quantize_options *options)
{
    mote_error error = {0};
    if (!quantize(b, options, &error))
        fail_msg("%s: %s", mote_operator_of(b->g.ops[0].opcode)->name, error.text);
    compare(b);
}

/* --- every operator --- */

static bool has_form(const example *e)
{
    return e->opcode != MOTE_OP_DIV && e->opcode != MOTE_OP_LAYERNORM && e->opcode != MOTE_OP_RMSNORM &&
           !(e->opcode == MOTE_OP_SOFTMAX && e->params[MOTE_SOFTMAX_LOGARITHM]);
}

static bool has_values(const example *e)
{
    bool any = false;
    for (int i = 0; i < MOST; i++)
        any = any || e->inputs[i].kind == VALUE;
    return any;
}

static void build(bench *b, const example *e)
{
    const float low = e->low == e->high ? -1.5f : e->low, high = e->low == e->high ? 1.0f : e->high;
    int inputs[MOST];
    char name[] = "x0";
    for (int i = 0; i < MOST; i++, name[1]++) {
        const operand *o = &e->inputs[i];
        inputs[i] = o->kind == VALUE      ? input(b, name, o->rank, o->dims, low, high)
                    : o->kind == CONSTANT ? constant(b, name, o->rank, o->dims, low, high)
                    : o->kind == INDICES  ? tensor(b, name, MOTE_U16, MOTE_CONSTANT, o->rank, o->dims)
                                          : -1;
        for (size_t k = 0; o->kind == INDICES && k < mote_tensor_elements(&b->g.tensors[inputs[i]]); k++)
            ((uint16_t *)b->g.tensors[inputs[i]].data)[k] = (uint16_t)(3 * k % 5);
    }
    int y = apply(b, "y", e->opcode == MOTE_OP_MAX_POOL ? MOTE_OUTPUT : MOTE_ACTIVATION, e->opcode,
                  mote_operator_of(e->opcode)->input_count, inputs, e->params);
    if (b->g.tensors[y].role != MOTE_OUTPUT) /* a pool, so that the arithmetic of images is chosen */
        apply(b, "z", MOTE_OUTPUT, MOTE_OP_RESHAPE, 1, &y,
              (int32_t[MOTE_RANK]){(int32_t)mote_tensor_elements(&b->g.tensors[y])});
}

static bool is_product(mote_opcode opcode)
{
    return mote_operator_of(opcode)->traits & MOTE_TRAIT_PRODUCT;
}

static void test_operators(void **state)
{
    const struct {
        mote_activations activations;
        mote_scheme weights;
        mote_granularity granularity;
        double products, others; /* least signal to noise, decibels */
    } ways[] = {
        {MOTE_ACTIVATIONS_INT8, MOTE_SCHEME_INT8, MOTE_PER_ROW, 34, 34},
        {MOTE_ACTIVATIONS_INT8_STATIC, MOTE_SCHEME_INT8, MOTE_PER_TENSOR, 34, 34},
        {MOTE_ACTIVATIONS_INT8, MOTE_SCHEME_INT8, MOTE_POW2_ROW, 28, 28},
        {MOTE_ACTIVATIONS_INT8, MOTE_SCHEME_INT4, MOTE_PER_ROW, 16, 34},
        {MOTE_ACTIVATIONS_INT16, MOTE_SCHEME_INT8, MOTE_PER_ROW, 38, 60},
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        for (size_t w = 0; w < sizeof ways / sizeof *ways && has_form(&examples[i]) && has_values(&examples[i]); w++) {
            bench b;
            mote_quantize_options options = int8_options;
            options.activations = ways[w].activations;
            options.weights = options.head = ways[w].weights;
            options.granularity = ways[w].granularity;
            begin(&b, i + 1);
            build(&b, &examples[i]);
            quantize_and_compare(&b, &options);
            const bool narrow = examples[i].opcode == MOTE_OP_SOFTMAX; /* of int8 in any network */
            const double least = is_product(examples[i].opcode) ? ways[w].products
                                 : narrow                       ? fmin(ways[w].others, 45)
                                                                : ways[w].others;
            if (!(snr(&b) >= least))
                fail_msg("example %zu (%s), way %zu: %.1f dB, worst %.2f steps", i,
                         mote_operator_of(examples[i].opcode)->name, w, snr(&b), b.worst);
            end(&b);
        }
}

static void test_functions(void **state)
{
    (void)state;
    for (int f = 0; f < MOTE_FUNCTION_COUNT; f++)
        for (int wide = 0; wide < 2; wide++) {
            const bool positive = f == MOTE_FUNCTION_LOG || f == MOTE_FUNCTION_SQRT || f == MOTE_FUNCTION_RECIPROCAL;
            const bool jumps = f == MOTE_FUNCTION_SIGN || f == MOTE_FUNCTION_FLOOR || f == MOTE_FUNCTION_CEIL ||
                               f == MOTE_FUNCTION_ROUND;
            bench b;
            mote_quantize_options options = int8_options;
            options.activations = wide ? MOTE_ACTIVATIONS_INT16 : MOTE_ACTIVATIONS_INT8;
            begin(&b, (uint64_t)f + 1);
            const int x = input(&b, "x", 2, (uint32_t[]){6, 7}, positive ? 0.5f : -4, positive ? 3 : 4);
            map(&b, "y", MOTE_OUTPUT, x, (mote_function)f, f == MOTE_FUNCTION_CLIP ? -0.9f : 0.33f,
                f == MOTE_FUNCTION_CLIP ? 1.1f : 0.4f);
            quantize_and_compare(&b, &options);
            const double least = jumps ? 10 : wide ? 60 : 32;
            if (!(snr(&b) >= least))
                fail_msg("%s, %s: %.1f dB", mote_function_name((mote_function)f), wide ? "int16" : "int8", snr(&b));
            end(&b);
        }
}

/* --- limits that an operator computes in its ending --- */

static int count_of(const mote_graph *g, mote_opcode opcode)
{
    int count = 0;
    for (int i = 0; i < g->op_count; i++)
        count += g->ops[i].opcode == opcode;
    return count;
}

static void test_limits(void **state)
{
    (void)state;
    for (int read_again = 0; read_again < 2; read_again++)
        for (int six = 0; six < 2; six++) {
            bench b;
            begin(&b, 5);
            const int x = input(&b, "x", 3, (uint32_t[]){5, 6, 4}, -3, 3), y = conv(&b, MOTE_ACTIVATION, x, 6, 0.8f);
            map(&b, "limited", MOTE_OUTPUT, y, six ? MOTE_FUNCTION_CLIP : MOTE_FUNCTION_RELU, 0, 2);
            if (read_again)
                map(&b, "again", MOTE_OUTPUT, y, MOTE_FUNCTION_ABS, 0, 0);
            quantize_and_compare(&b, &int8_options);
            assert_int_equal(count_of(&b.packed, MOTE_OP_MAP), read_again ? 2 : 0);
            assert_true(snr(&b) > 34);
            end(&b);
        }
}

/* A limit inside the range of the values is a limit of the stored ones. */
static void test_inner_limit(void **state)
{
    bench b;
    (void)state;
    begin(&b, 6);
    const int x = input(&b, "x", 3, (uint32_t[]){5, 6, 4}, -3, 3), y = conv(&b, MOTE_ACTIVATION, x, 6, 0.8f);
    const int limited = map(&b, "limited", MOTE_ACTIVATION, y, MOTE_FUNCTION_RELU, 0, 0);
    const int pooled = apply(&b, "pooled", MOTE_OUTPUT, MOTE_OP_CONCAT, 2, (const int[]){x, limited},
                             (const int32_t[]){[MOTE_CONCAT_AXIS] = 2});
    assert_true(pooled >= 0);
    quantize_and_compare(&b, &int8_options);
    assert_int_equal(b.packed.ops[0].params[MOTE_CONV_LOW],
                     b.packed.tensors[mote_op_result(&b.packed.ops[0])].quantization.zero_point);
    assert_true(b.packed.ops[0].params[MOTE_CONV_LOW] > -128);
    assert_true(snr(&b) > 34);
    end(&b);
}

/* --- biases --- */

/* Weights that all round in the same direction make a mean error of many steps, which the bias takes back. */
static void test_biases(void **state)
{
    bench b;
    (void)state;
    begin(&b, 7);
    const int x = input(&b, "x", 3, (uint32_t[]){6, 6, 4}, 0, 2), y = conv(&b, MOTE_OUTPUT, x, 6, 0.01f);
    float *weights = b.g.tensors[b.g.ops[0].inputs[MOTE_CONV_WEIGHTS]].data;
    for (int i = 0; i < 6 * 36; i++)
        weights[i] = i % 36 ? 0.34f : 7;
    mote_quantize_options options = int8_options;
    options.weights = options.head = MOTE_SCHEME_INT4;
    options.method = MOTE_METHOD_RTN;
    quantize_and_compare(&b, &options);
    for (int c = 0; c < 6; c++)
        if (!(fabs(b.bias[c]) < 1))
            fail_msg("channel %d: a mean error of %.2f steps", c, b.bias[c]);
    assert_true(y >= 0);
    end(&b);
}

/* --- outputs --- */

static mote_dtype output_type(const bench *b)
{
    return b->packed.tensors[mote_graph_of_role(&b->packed, MOTE_OUTPUT, 0)].dtype;
}

static void test_output_types(void **state)
{
    static const mote_outputs asked[] = {MOTE_OUTPUTS_AUTO, MOTE_OUTPUTS_INT8, MOTE_OUTPUTS_INT16};
    (void)state;
    for (int softmax = 0; softmax < 2; softmax++)
        for (int i = 0; i < 3; i++) {
            bench b;
            mote_quantize_options options = int8_options;
            options.outputs = asked[i];
            begin(&b, 8);
            const int x = input(&b, "x", 3, (uint32_t[]){5, 6, 4}, -3, 3);
            const int y = conv(&b, MOTE_ACTIVATION, x, 6, 0.8f);
            const int z = softmax ? apply(&b, "softmax", MOTE_ACTIVATION, MOTE_OP_SOFTMAX, 1, &y, NULL) : y;
            apply(&b, "flat", MOTE_OUTPUT, MOTE_OP_RESHAPE, 1, &z, (const int32_t[MOTE_RANK]){30, 6});
            quantize_and_compare(&b, &options);
            const bool wide = asked[i] == MOTE_OUTPUTS_INT16 || (softmax && asked[i] == MOTE_OUTPUTS_AUTO);
            assert_int_equal(output_type(&b), wide ? MOTE_I16 : MOTE_I8);
            assert_true(snr(&b) > 30);
            end(&b);
        }
}

/* An output that an operator computes with keeps the type of the activations. */
static void test_output_read(void **state)
{
    bench b;
    mote_quantize_options options = int8_options;
    (void)state;
    options.outputs = MOTE_OUTPUTS_INT16;
    begin(&b, 9);
    const int x = input(&b, "x", 3, (uint32_t[]){5, 6, 4}, -3, 3), y = conv(&b, MOTE_OUTPUT, x, 6, 0.8f);
    apply(&b, "softmax", MOTE_OUTPUT, MOTE_OP_SOFTMAX, 1, &y, NULL);
    quantize_and_compare(&b, &options);
    assert_int_equal(output_type(&b), MOTE_I8);
    end(&b);
}

/* --- ranges --- */

static void test_ranges(void **state)
{
    static const struct {
        float low, high, weight;
    } ranges[] = {{0, 0, 1}, {5, 5, 1}, {-1e-30f, 1e-30f, 1}, {-1e6f, 1e6f, 1e6f}, {-1, 1, 0}, {-3, -1, 1e-20f}};
    (void)state;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        for (int wide = 0; wide < 2; wide++) {
            bench b;
            mote_quantize_options options = int8_options;
            options.activations = wide ? MOTE_ACTIVATIONS_INT16 : MOTE_ACTIVATIONS_INT8;
            begin(&b, 10 + i);
            const int x = input(&b, "x", 3, (uint32_t[]){5, 6, 4}, ranges[i].low, ranges[i].high);
            conv(&b, MOTE_OUTPUT, x, 6, ranges[i].weight);
            quantize_and_compare(&b, &options);
            assert_true(b.worst < (wide ? 400 : 8));
            end(&b);
        }
}

/* A channel whose bias is far beyond what its weights make of the input. */
static void test_large_bias(void **state)
{
    bench b;
    (void)state;
    begin(&b, 20);
    const int x = input(&b, "x", 3, (uint32_t[]){5, 6, 4}, -1e-6f, 1e-6f), y = conv(&b, MOTE_OUTPUT, x, 6, 1e-6f);
    ((float *)b.g.tensors[b.g.ops[0].inputs[MOTE_CONV_BIAS]].data)[2] = 1e4f;
    quantize_and_compare(&b, &int8_options);
    assert_true(y >= 0 && b.worst < 2);
    end(&b);
}

/* --- refusals --- */

static void test_refused(void **state)
{
    bench b;
    mote_error error = {0};
    (void)state;
    begin(&b, 30);
    const int x = input(&b, "x", 3, (uint32_t[]){5, 6, 4}, 1, 3), y = conv(&b, MOTE_ACTIVATION, x, 6, 0.8f);
    apply(&b, "quotient", MOTE_OUTPUT, MOTE_OP_DIV, 2, (const int[]){y, y}, NULL);
    assert_false(quantize(&b, &int8_options, &error));
    assert_non_null(strstr(error.text, "div (quotient)"));
    end(&b);

    begin(&b, 31);
    const int v = input(&b, "x", 2, (uint32_t[]){5, 4}, 1, 3);
    apply(&b, "logarithm", MOTE_OUTPUT, MOTE_OP_SOFTMAX, 1, &v, (const int32_t[8]){[MOTE_SOFTMAX_LOGARITHM] = 1});
    assert_false(quantize(&b, &int8_options, &error));
    assert_non_null(strstr(error.text, "logarithm"));
    end(&b);
}

/* A constant that two operators read, each in a form and a shape of its own. */
static void test_shared_constant(void **state)
{
    bench b;
    (void)state;
    begin(&b, 41);
    const int x = input(&b, "x", 2, (uint32_t[]){5, 4}, -8, 9), c = constant(&b, "c", 3, (uint32_t[]){1, 1, 4}, -1, 1);
    const int least = apply(&b, "least", MOTE_ACTIVATION, MOTE_OP_MAXIMUM, 2, (const int[]){x, c}, NULL);
    const int sum = apply(&b, "sum", MOTE_ACTIVATION, MOTE_OP_MUL, 2, (const int[]){least, c}, NULL);
    const int wide = apply(&b, "wide", MOTE_ACTIVATION, MOTE_OP_RESHAPE, 1, &sum, (const int32_t[MOTE_RANK]){5, 1, 4});
    apply(&b, "all", MOTE_OUTPUT, MOTE_OP_CONCAT, 2, (const int[]){wide, c}, (const int32_t[]){[MOTE_CONCAT_AXIS] = 0});
    quantize_and_compare(&b, &int8_options);
    if (!(snr(&b) > 32))
        fail_msg("%.1f dB", snr(&b));
    end(&b);
}

/* Factors of a resize that are those of the sizes are none in integers; others are refused. */
static void test_factors(void **state)
{
    (void)state;
    for (int wrong = 0; wrong < 2; wrong++) {
        bench b;
        mote_error error = {0};
        const float factor = wrong ? 2.1f : 2;
        int32_t params[MOTE_RESIZE_WIDTH_SCALE + 1] = {[MOTE_RESIZE_HEIGHT] = 10, [MOTE_RESIZE_WIDTH] = 12};
        memcpy(&params[MOTE_RESIZE_HEIGHT_SCALE], &factor, sizeof factor);
        begin(&b, 40);
        const int x = input(&b, "x", 3, (uint32_t[]){5, 6, 4}, -1, 3);
        apply(&b, "y", MOTE_OUTPUT, MOTE_OP_RESIZE, 1, &x, params);
        assert_int_equal(quantize(&b, &int8_options, &error), !wrong);
        if (!wrong)
            compare(&b);
        assert_true(wrong ? strstr(error.text, "factor") != NULL : b.worst < 0.51);
        end(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operators),   cmocka_unit_test(test_functions), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_inner_limit), cmocka_unit_test(test_biases),    cmocka_unit_test(test_output_types),
        cmocka_unit_test(test_output_read), cmocka_unit_test(test_ranges),    cmocka_unit_test(test_large_bias),
        cmocka_unit_test(test_refused),     cmocka_unit_test(test_factors),   cmocka_unit_test(test_shared_constant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
