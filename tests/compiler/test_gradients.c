/* Tests the gradients of every operator against central finite differences, and a GRU against results of PyTorch. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/graph/check.h"
#include "compiler/graph/cross_entropy.h"
#include "compiler/graph/executor.h"
#include "compiler/graph/language.h"
#include "compiler/graph/random.h"
#include "compiler/graph/tinylm.h"
#include "compiler/graph/transformer.h"
#include "gru_reference.h"

/* A network under test: inputs, targets and the initial state. */
typedef struct bench {
    mote_executor x;
    uint32_t rows;
    uint16_t ids[64], targets[64];
    float state[1024];
    uint64_t dropout_seed;
} bench;

static void fill(bench *b, const mote_graph *g, mote_executor_options options, uint64_t dropout_seed)
{
    mote_error error;
    assert_true(mote_executor_init(&b->x, g, &options, &error));
    mote_random random = {99};
    b->rows = options.steps * options.streams;
    b->dropout_seed = dropout_seed;
    assert_true(b->rows <= 64 && b->x.state_count <= 1024);
    for (uint32_t i = 0; i < b->rows; i++) {
        b->ids[i] = (uint16_t)(mote_random_bits(&random) % mote_graph_vocabulary(&b->x.graph));
        b->targets[i] = (uint16_t)(mote_random_bits(&random) % mote_graph_vocabulary(&b->x.graph));
    }
    for (size_t i = 0; i < b->x.state_count; i++)
        b->state[i] = mote_random_unit(&random) - 0.5f;
}

static double loss(bench *b, bool backward)
{
    mote_executor *x = &b->x;
    for (int stage = 0; stage < MOTE_REFRESH_STAGES; stage++)
        mote_executor_refresh(x, stage, 0, 1);
    mote_executor_reset(x, 0);
    memcpy(x->slices[0].state, b->state, x->state_count * sizeof(float));
    mote_executor_forward(x, 0, &(const void *){b->ids}, x->options.steps, b->dropout_seed);
    float *gradient = backward ? mote_executor_output_gradient(x, 0, 0) : NULL;
    double sum = mote_cross_entropy(mote_executor_output(x, 0, 0), b->targets, b->rows,
                                    mote_graph_vocabulary(&x->graph), 1, gradient);
    if (backward)
        mote_executor_backward(x, 0);
    return sum;
}

/* Compares the gradient of every parameter of every constant with the difference for ±step. */
static void compare_with_differences(bench *b, float step)
{
    mote_executor *x = &b->x;
    memset(x->slices[0].parameter_gradient, 0, x->parameter_count * sizeof(float));
    loss(b, true);
    const float *gradient = x->slices[0].parameter_gradient;
    double moved = 0;
    for (int t = 0; t < x->graph.tensor_count; t++) {
        if (x->offset[t] == SIZE_MAX)
            continue;
        for (size_t i = 0; i < mote_tensor_elements(&x->graph.tensors[t]); i++) {
            size_t at = x->offset[t] + i;
            float kept = x->parameters[at];
            x->parameters[at] = kept + step;
            double above = loss(b, false);
            x->parameters[at] = kept - step;
            double below = loss(b, false);
            x->parameters[at] = kept;
            double expected = (above - below) / (2 * (double)step), got = (double)gradient[at];
            moved += fabs(expected);
            if (fabs(expected - got) > 2e-3 + 5e-3 * fabs(expected))
                fail_msg("%s[%zu]: gradient %g, differences say %g", x->graph.tensors[t].name, i, got, expected);
        }
    }
    assert_true(moved > 1); /* the loss depends on the parameters */
}

static void check_tinylm(mote_tinylm_shape shape, uint32_t steps, uint32_t streams, float dropout)
{
    mote_graph g;
    mote_error error;
    assert_true(mote_tinylm_build(&g, &shape, 5, &error));
    assert_true(mote_graph_check(&g, &error));
    bench b;
    fill(
        &b, &g,
        (mote_executor_options){.steps = steps, .streams = streams, .workers = 1, .backward = true, .dropout = dropout},
        dropout > 0 ? 17 : 0);
    compare_with_differences(&b, 1.0f / 128);
    mote_executor_free(&b.x);
    mote_graph_free(&g);
}

static void test_tinylm(void **state)
{
    (void)state;
    check_tinylm((mote_tinylm_shape){.vocabulary = 7, .embed = 5, .dim = 6, .layers = 1}, 4, 3, 0);
}

static void test_tinylm_with_more_tokens_than_rows(void **state)
{
    (void)state;
    check_tinylm((mote_tinylm_shape){.vocabulary = 13, .embed = 5, .dim = 6, .layers = 1}, 4, 3, 0);
}

static void test_tinylm_of_two_tied_layers(void **state)
{
    (void)state;
    check_tinylm((mote_tinylm_shape){.vocabulary = 9, .embed = 11, .dim = 11, .layers = 2, .tied = true}, 3, 9, 0);
}

static void test_tinylm_with_dropout(void **state)
{
    (void)state;
    check_tinylm((mote_tinylm_shape){.vocabulary = 7, .embed = 5, .dim = 8, .layers = 2}, 4, 3, 0.25f);
}

static int tensor(mote_graph *g, const char *name, mote_dtype dtype, mote_role role, uint32_t rows, uint32_t columns)
{
    return mote_graph_tensor(g, name, dtype, role, columns ? 2 : 1, (uint32_t[]){rows, columns});
}

/* ids -> embedding e; l = linear(e) without bias; logits = l + e. */
static void test_add_and_linear_without_bias(void **state)
{
    (void)state;
    enum { V = 6 };
    mote_graph g;
    mote_graph_init(&g);
    int ids = tensor(&g, "ids", MOTE_U16, MOTE_INPUT, 1, 0), table = tensor(&g, "t", MOTE_F32, MOTE_CONSTANT, V, V);
    int e = tensor(&g, "e", MOTE_F32, MOTE_ACTIVATION, V, 0), w = tensor(&g, "w", MOTE_F32, MOTE_CONSTANT, V, V);
    int l = tensor(&g, "l", MOTE_F32, MOTE_ACTIVATION, V, 0), y = tensor(&g, "y", MOTE_F32, MOTE_OUTPUT, V, 0);
    mote_graph_op(&g, "embedding", MOTE_OP_EMBEDDING, 2, (int[]){ids, table}, 1, &e);
    mote_graph_op(&g, "linear", MOTE_OP_LINEAR, 2, (int[]){e, w}, 1, &l);
    mote_graph_op(&g, "add", MOTE_OP_ADD, 2, (int[]){l, e}, 1, &y);
    mote_random random = {3};
    for (int i = 0; i < V * V; i++) {
        ((float *)g.tensors[table].data)[i] = mote_random_normal(&random);
        ((float *)g.tensors[w].data)[i] = mote_random_normal(&random);
    }
    bench b;
    fill(&b, &g, (mote_executor_options){.steps = 4, .streams = 2, .workers = 1, .backward = true}, 0);
    compare_with_differences(&b, 1.0f / 128);
    mote_executor_free(&b.x);
    mote_graph_free(&g);
}

/* An operator under test whose output is the logits. Each operand is looked up in an embedding table by the ids. */
typedef struct fixture {
    mote_graph g;
    mote_random random;
    int ids, y, inputs[8], input_count;
} fixture;

enum { WIDTH = 6 };

static int randomised(fixture *f, const char *name, uint32_t rows, uint32_t columns, float middle)
{
    int index = tensor(&f->g, name, MOTE_F32, MOTE_CONSTANT, rows, columns);
    for (size_t i = 0; i < mote_tensor_elements(&f->g.tensors[index]); i++)
        ((float *)f->g.tensors[index].data)[i] = middle + mote_random_normal(&f->random);
    return index;
}

static void begin_fixture(fixture *f)
{
    *f = (fixture){.random = {8}};
    mote_graph_init(&f->g);
    f->ids = tensor(&f->g, "ids", MOTE_U16, MOTE_INPUT, 1, 0);
    f->y = tensor(&f->g, "y", MOTE_F32, MOTE_OUTPUT, WIDTH, 0);
}

static void add_looked_up(fixture *f, uint32_t width)
{
    char name[2] = {(char)('a' + f->input_count), 0}, table_name[3] = {name[0], 't', 0};
    int table = randomised(f, table_name, WIDTH, width, 0);
    int e = tensor(&f->g, name, MOTE_F32, MOTE_ACTIVATION, width, 0);
    mote_graph_op(&f->g, name, MOTE_OP_EMBEDDING, 2, (int[]){f->ids, table}, 1, &e);
    f->inputs[f->input_count++] = e;
}

static void check_fixture(fixture *f, mote_opcode opcode, const int32_t params[2], uint32_t steps, uint32_t streams)
{
    int op = mote_graph_op(&f->g, "y", opcode, f->input_count, f->inputs, 1, &f->y);
    for (int i = 0; i < f->g.ops[op].param_count && i < 2; i++)
        f->g.ops[op].params[i] = params[i];
    bench b;
    fill(&b, &f->g,
         (mote_executor_options){.steps = steps, .streams = streams, .workers = 1, .backward = true, .windows = true},
         0);
    compare_with_differences(&b, 1.0f / 128);
    mote_executor_free(&b.x);
    mote_graph_free(&f->g);
}

static void test_mul(void **state)
{
    (void)state;
    fixture f;
    begin_fixture(&f);
    add_looked_up(&f, WIDTH);
    add_looked_up(&f, WIDTH);
    check_fixture(&f, MOTE_OP_MUL, (int32_t[]){0, 0}, 5, 2);
}

static void test_curves(void **state)
{
    (void)state;
    fixture f;
    for (int gelu = 0; gelu < 2; gelu++) {
        begin_fixture(&f);
        add_looked_up(&f, WIDTH);
        check_fixture(&f, gelu ? MOTE_OP_GELU : MOTE_OP_SILU, (int32_t[]){0, 0}, 5, 2);
    }
}

static void test_norms(void **state)
{
    (void)state;
    fixture f;
    const float epsilon = 0.1f;
    int32_t params[2] = {0, 0};
    memcpy(params, &epsilon, sizeof epsilon);
    for (int centred = 0; centred < 2; centred++) {
        begin_fixture(&f);
        add_looked_up(&f, WIDTH);
        f.inputs[f.input_count++] = randomised(&f, "gain", WIDTH, 0, 1);
        if (centred)
            f.inputs[f.input_count++] = randomised(&f, "bias", WIDTH, 0, 0);
        check_fixture(&f, centred ? MOTE_OP_LAYERNORM : MOTE_OP_RMSNORM, params, 5, 2);
    }
}

/* Checks attention with and without rotation, with and without shared key heads, and with more steps than a block of
 * the implementation. */
static void check_attention(bool rotary, int32_t heads, int32_t kv_heads, uint32_t steps, uint32_t streams)
{
    fixture f;
    begin_fixture(&f);
    const uint32_t w = WIDTH / (uint32_t)heads, kv = w * (uint32_t)kv_heads;
    add_looked_up(&f, WIDTH);
    add_looked_up(&f, kv);
    add_looked_up(&f, kv);
    int turns = rotary ? tensor(&f.g, "turns", MOTE_I32, MOTE_CONSTANT, w / 2, 0) : -1;
    for (uint32_t i = 0; rotary && i < w / 2; i++)
        ((uint32_t *)f.g.tensors[turns].data)[i] = 0x28be60dbu >> i;
    f.inputs[f.input_count++] = turns;
    f.inputs[f.input_count++] = tensor(&f.g, "keys", MOTE_F32, MOTE_STATE, steps, kv);
    f.inputs[f.input_count++] = -1;
    f.inputs[f.input_count++] = tensor(&f.g, "values", MOTE_F32, MOTE_STATE, steps, kv);
    check_fixture(&f, MOTE_OP_ATTENTION, (int32_t[]){heads, kv_heads}, steps, streams);
}

static void test_attention(void **state)
{
    (void)state;
    check_attention(false, 2, 2, 5, 2);
    check_attention(false, 2, 1, 5, 2);
    check_attention(true, 3, 1, 5, 2);
    check_attention(true, 1, 1, 40, 1);
}

static void check_transformer(mote_transformer_shape shape, uint32_t steps, uint32_t streams, float dropout)
{
    mote_graph g;
    mote_error error;
    assert_true(mote_transformer_build(&g, &shape, 5, &error));
    if (!mote_graph_check(&g, &error))
        fail_msg("%s", error.text);
    bench b;
    fill(&b, &g,
         (mote_executor_options){.steps = steps,
                                 .streams = streams,
                                 .workers = 1,
                                 .backward = true,
                                 .windows = dropout == 0,
                                 .dropout = dropout},
         dropout > 0 ? 17 : 0);
    compare_with_differences(&b, 1.0f / 512);
    mote_executor_free(&b.x);
    mote_graph_free(&g);
}

static mote_transformer_shape small_transformer(void)
{
    mote_transformer_shape s = MOTE_TRANSFORMER_DEFAULTS;
    s.vocabulary = 9, s.dim = 8, s.layers = 2, s.heads = 4, s.kv_heads = 2, s.hidden = 7, s.context = 6;
    s.epsilon = 0.01f;
    return s;
}

static void test_llama_like_transformer(void **state)
{
    (void)state;
    mote_transformer_shape s = small_transformer();
    check_transformer(s, 5, 2, 0);
    s.tied = true;
    check_transformer(s, 5, 2, 0.25f);
}

static void test_gpt_like_transformer(void **state)
{
    (void)state;
    mote_transformer_shape s = small_transformer();
    s.layer_norm = s.gelu = s.learned_positions = s.biased = s.tied = true;
    s.kv_heads = 4;
    check_transformer(s, 5, 2, 0);
    s.tied = false;
    check_transformer(s, 6, 1, 0);
}

static void assert_close(const float *got, const float *expected, size_t count, const char *what)
{
    for (size_t i = 0; i < count; i++)
        if (fabsf(got[i] - expected[i]) > 2e-5f)
            fail_msg("%s[%zu] is %g, PyTorch says %g", what, i, (double)got[i], (double)expected[i]);
}

/* The input vectors of the reference are the rows of an embedding table, one row per position, so that ids 0, 1, 2...
 * feed them. The logits are the outputs of the GRU through an identity matrix. */
static void test_gru_against_pytorch(void **state)
{
    (void)state;
    enum { ROWS = STEPS * STREAMS };
    mote_graph g;
    mote_graph_init(&g);
    int ids = tensor(&g, "ids", MOTE_U16, MOTE_INPUT, 1, 0);
    int table = tensor(&g, "x", MOTE_F32, MOTE_CONSTANT, ROWS, INPUT);
    int e = tensor(&g, "e", MOTE_F32, MOTE_ACTIVATION, INPUT, 0);
    int wx = tensor(&g, "wx", MOTE_F32, MOTE_CONSTANT, 3 * DIM, INPUT);
    int bx = tensor(&g, "bx", MOTE_F32, MOTE_CONSTANT, 3 * DIM, 0);
    int gates = tensor(&g, "gates", MOTE_F32, MOTE_ACTIVATION, 3 * DIM, 0);
    int wh = tensor(&g, "wh", MOTE_F32, MOTE_CONSTANT, 3 * DIM, DIM);
    int bh = tensor(&g, "bh", MOTE_F32, MOTE_CONSTANT, 3 * DIM, 0);
    int h = tensor(&g, "h", MOTE_F32, MOTE_STATE, DIM, 0);
    int out = tensor(&g, "y", MOTE_F32, MOTE_OUTPUT, DIM, 0);
    mote_graph_op(&g, "embedding", MOTE_OP_EMBEDDING, 2, (int[]){ids, table}, 1, &e);
    mote_graph_op(&g, "input", MOTE_OP_LINEAR, 3, (int[]){e, wx, bx}, 1, &gates);
    mote_graph_op(&g, "gru", MOTE_OP_GRU, 6, (int[]){gates, wh, bh, -1, h, -1}, 1, &out);
    memcpy(g.tensors[table].data, reference_x, sizeof reference_x);
    memcpy(g.tensors[wx].data, reference_input_weight, sizeof reference_input_weight);
    memcpy(g.tensors[bx].data, reference_input_bias, sizeof reference_input_bias);
    memcpy(g.tensors[wh].data, reference_recurrent_weight, sizeof reference_recurrent_weight);
    memcpy(g.tensors[bh].data, reference_recurrent_bias, sizeof reference_recurrent_bias);

    mote_executor executor;
    mote_error error;
    mote_executor_options options = {.steps = STEPS, .streams = STREAMS, .workers = 1, .backward = true};
    assert_true(mote_executor_init(&executor, &g, &options, &error));
    mote_slice *s = &executor.slices[0];
    memcpy(s->state, reference_h0, sizeof reference_h0);
    uint16_t tokens[ROWS];
    for (int i = 0; i < ROWS; i++)
        tokens[i] = (uint16_t)i;
    mote_executor_forward(&executor, 0, &(const void *){tokens}, STEPS, 0);
    assert_close(mote_executor_output(&executor, 0, 0), reference_y, ROWS * DIM, "y");
    assert_close(s->state, reference_y + (ROWS - STREAMS) * DIM, STREAMS * DIM, "last state");
    memcpy(mote_executor_output_gradient(&executor, 0, 0), reference_direction, sizeof reference_direction);
    mote_executor_backward(&executor, 0);
    assert_close(s->parameter_gradient + executor.offset[wx], reference_input_weight_gradient, 3 * DIM * INPUT, "dWx");
    assert_close(s->parameter_gradient + executor.offset[wh], reference_recurrent_weight_gradient, 3 * DIM * DIM,
                 "dWh");
    assert_close(s->parameter_gradient + executor.offset[bh], reference_recurrent_bias_gradient, 3 * DIM, "dbh");
    assert_close(s->parameter_gradient + executor.offset[table], reference_x_gradient, ROWS * INPUT, "dx");
    mote_executor_free(&executor);
    mote_graph_free(&g);
}

/* Compares with −ln of the softmax, computed in double. */
static void test_cross_entropy(void **state)
{
    (void)state;
    enum { ROWS = 3, V = 19 };
    float logits[ROWS * V], gradient[ROWS * V];
    uint16_t targets[ROWS] = {0, 18, 7};
    mote_random random = {1};
    for (int i = 0; i < ROWS * V; i++)
        logits[i] = 20 * mote_random_normal(&random);
    double expected = 0;
    for (int i = 0; i < ROWS; i++) {
        double sum = 0;
        for (int j = 0; j < V; j++)
            sum += exp((double)logits[i * V + j]);
        expected += log(sum) - (double)logits[i * V + targets[i]];
    }
    assert_true(fabs(mote_cross_entropy(logits, targets, ROWS, V, 0.5f, NULL) - expected) < 1e-4);
    assert_true(fabs(mote_cross_entropy(logits, targets, ROWS, V, 0.5f, gradient) - expected) < 1e-4);
    for (int i = 0; i < ROWS; i++) {
        double sum = 0;
        for (int j = 0; j < V; j++)
            sum += exp((double)logits[i * V + j]);
        for (int j = 0; j < V; j++) {
            double p = exp((double)logits[i * V + j]) / sum - (j == targets[i]);
            assert_true(fabs((double)gradient[i * V + j] - p / 2) < 1e-6);
        }
    }
}

static double softened(const float *x, int count, int index, double temperature)
{
    double sum = 0;
    for (int j = 0; j < count; j++)
        sum += exp((double)x[j] / temperature);
    return exp((double)x[index] / temperature) / sum;
}

/* Returns T²·KL by its definition; its differences give the expected gradient. */
static double divergence(const float *student, const float *teacher, int count, double temperature)
{
    double sum = 0;
    for (int j = 0; j < count; j++) {
        double p = softened(teacher, count, j, temperature);
        sum += p * log(p / softened(student, count, j, temperature));
    }
    return temperature * temperature * sum;
}

static void test_distillation(void **state)
{
    (void)state;
    enum { V = 11 };
    float student[V], teacher[V], gradient[V] = {0}, expected[V];
    mote_random random = {2};
    for (int j = 0; j < V; j++)
        student[j] = 2 * mote_random_normal(&random), teacher[j] = 2 * mote_random_normal(&random);
    for (int j = 0; j < V; j++) {
        float moved[V];
        memcpy(moved, student, sizeof moved);
        moved[j] = student[j] + 0x1p-8f;
        double above = divergence(moved, teacher, V, 3);
        moved[j] = student[j] - 0x1p-8f;
        expected[j] = (float)((above - divergence(moved, teacher, V, 3)) / 0x1p-7 / 4);
    }
    mote_distill(student, teacher, 1, V, 3, 0.25f, gradient);
    for (int j = 0; j < V; j++)
        assert_true(fabsf(gradient[j] - expected[j]) < 1e-4f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tinylm),
        cmocka_unit_test(test_tinylm_with_more_tokens_than_rows),
        cmocka_unit_test(test_tinylm_of_two_tied_layers),
        cmocka_unit_test(test_tinylm_with_dropout),
        cmocka_unit_test(test_add_and_linear_without_bias),
        cmocka_unit_test(test_mul),
        cmocka_unit_test(test_curves),
        cmocka_unit_test(test_norms),
        cmocka_unit_test(test_attention),
        cmocka_unit_test(test_llama_like_transformer),
        cmocka_unit_test(test_gpt_like_transformer),
        cmocka_unit_test(test_gru_against_pytorch),
        cmocka_unit_test(test_cross_entropy),
        cmocka_unit_test(test_distillation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
