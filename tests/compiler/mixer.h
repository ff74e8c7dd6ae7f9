/* A packed network that is not a language model: two inputs, two outputs, a state, constants of several kinds. */
#ifndef MOTE_TESTS_MIXER_H
#define MOTE_TESTS_MIXER_H

#include "tests/compiler/random_graph.h"

enum { MIXER_WIDTH = 20, MIXER_UNITS = 5, MIXER_CLASSES = 7 };

static inline int named(random_graph *r, int tensor, const char *name)
{
    assert_true(mote_graph_rename(&r->g, tensor, name));
    return tensor;
}

static inline int mixer_gru(random_graph *r, int gates)
{
    const uint32_t d = MIXER_UNITS;
    int inputs[MOTE_GRU_INPUTS];
    for (int i = 0; i < MOTE_GRU_INPUTS; i++)
        inputs[i] = NONE;
    inputs[MOTE_GRU_GATES] = gates;
    inputs[MOTE_GRU_WEIGHTS] = named(r, matrix_of(r, MOTE_I8, 3 * d, d, 127, 0), "recurrent");
    inputs[MOTE_GRU_MULTIPLIER] = constant16(r, 3 * d, 16000, 32767);
    inputs[MOTE_GRU_STATE] = tensor_of(r, MOTE_I16, MOTE_STATE, d, 0);
    inputs[MOTE_GRU_STATE8] = tensor_of(r, MOTE_I8, MOTE_STATE, d, 0);
    const int outputs[MOTE_GRU_OUTPUTS] = {
        [MOTE_GRU_Y] = inputs[MOTE_GRU_STATE8], [MOTE_GRU_SCRATCH] = vector_of(r, MOTE_I16, 3 * d)};
    r->g.tensors[inputs[MOTE_GRU_WEIGHTS]].bound = INT32_MAX;
    mote_op *op = operator_with(r, MOTE_OP_GRU, MOTE_GRU_INPUTS, inputs, MOTE_GRU_OUTPUTS, outputs);
    op->params[MOTE_PRODUCT_SHIFT] = 4;
    return inputs[MOTE_GRU_STATE8];
}

static inline int mixer_linear(random_graph *r, int x, uint32_t rows, int y, const char *weights)
{
    int inputs[MOTE_LINEAR_INPUTS];
    for (int i = 0; i < MOTE_LINEAR_INPUTS; i++)
        inputs[i] = NONE;
    inputs[MOTE_LINEAR_X] = x;
    inputs[MOTE_LINEAR_WEIGHTS] = named(r, matrix_of(r, MOTE_I8, rows, length_of(r, x), 127, 0), weights);
    r->g.tensors[inputs[MOTE_LINEAR_WEIGHTS]].bound = INT32_MAX;
    mote_op *op = operator_of(r, MOTE_OP_LINEAR, MOTE_LINEAR_INPUTS, inputs, y);
    op->params[MOTE_PRODUCT_SHIFT] = 3;
    return y;
}

static inline void mixer_of(random_graph *r, uint32_t seed)
{
    mote_error error = {0};
    *r = (random_graph){.rng = seed};
    mote_graph_init(&r->g);
    r->g.packed = true;
    const int left = named(r, tensor_of(r, MOTE_I16, MOTE_INPUT, MIXER_WIDTH, 0), "left");
    const int gain = named(r, constant16(r, MIXER_WIDTH, -3000, 3000), "gain");
    const int right = named(r, tensor_of(r, MOTE_I16, MOTE_INPUT, MIXER_WIDTH, 0), "right");
    const int scores = named(r, tensor_of(r, MOTE_I8, MOTE_OUTPUT, MIXER_CLASSES, 0), "class");
    const int sum = named(r, tensor_of(r, MOTE_I16, MOTE_OUTPUT, MIXER_WIDTH, 0), "sum");
    const int scaled = vector_of(r, MOTE_I16, MIXER_WIDTH), shifted = vector_of(r, MOTE_I16, MIXER_WIDTH);
    operator_of(r, MOTE_OP_MUL, MOTE_MUL_INPUTS, (const int[]){right, gain}, scaled)->params[MOTE_MUL_SHIFT] = 9;
    operator_of(r, MOTE_OP_ADD, MOTE_ADD_INPUTS, (const int[]){gain, left}, shifted);
    operator_of(r, MOTE_OP_ADD, MOTE_ADD_INPUTS, (const int[]){shifted, scaled}, sum);
    const int codes = quantized(r, sum, MOTE_I8);
    r->g.ops[r->g.op_count - 1].params[MOTE_QUANTIZE_STEP] = 300;
    r->g.ops[r->g.op_count - 1].params[MOTE_QUANTIZE_SHIFT] = 16;
    const int gates = mixer_linear(r, codes, 3 * MIXER_UNITS, vector_of(r, MOTE_I16, 3 * MIXER_UNITS), "input");
    mixer_linear(r, mixer_gru(r, gates), MIXER_CLASSES, scores, "head");
    r->g.tensors[left].quantization = (mote_tensor_quantization){.scale = 0.5f, .zero_point = -3, .axis = -1};
    r->g.tensors[scores].quantization = (mote_tensor_quantization){.scale = 0.25f, .zero_point = 7, .axis = -1};
    if (!mote_graph_plan(&r->g, &error))
        fail_msg("%s", error.text);
}

/* Adds a golden section, and a placement of every constant in reverse order. */
static inline void finish_mixer(random_graph *r)
{
    mote_error error = {0};
    if (!mote_make_golden(&r->g, &error))
        fail_msg("%s", error.text);
    r->g.placement = calloc((size_t)r->g.tensor_count, sizeof *r->g.placement);
    for (int i = r->g.tensor_count; i-- > 0;)
        if (r->g.tensors[i].role == MOTE_CONSTANT)
            r->g.placement[r->g.placement_count++] = (uint16_t)i;
}

static inline mote_bytes mixer_file(uint32_t seed)
{
    random_graph r;
    mixer_of(&r, seed);
    finish_mixer(&r);
    mote_bytes file = encoded(&r.g);
    mote_graph_free(&r.g);
    return file;
}

/* Computes the inputs of step t. */
static inline void mixer_inputs(uint32_t t, int16_t *left, int16_t *right)
{
    for (uint32_t i = 0; i < MIXER_WIDTH; i++) {
        left[i] = (int16_t)(t * 977 + i * 131);
        right[i] = (int16_t)(i * 3571 - t * 419);
    }
}

#endif
