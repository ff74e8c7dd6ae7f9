/* Writes small packed models, from byte 16 on, to a folder, as seeds of the fuzzer. Usage: seeds FOLDER */
#include <stdio.h>
#include <stdlib.h>

#include "compiler/graph/operator.h"
#include "compiler/graph/tinylm.h"
#include "compiler/pack/container.h"
#include "compiler/pack/lay_out.h"
#include "compiler/quantize/quantize.h"
#include "compiler/task/arrays.h"
#include "compiler/token/token.h"
#include "tests/compiler/small_transformer.h"

/* Adds a tokenizer with tokens of more than a byte, so that the fuzzer starts with such a section. */
static bool give_pairs(mote_graph *g, mote_error *error)
{
    const mote_learn_options options = {.vocabulary = 5};
    mote_bytes section;
    if (!mote_bpe_learn((const uint8_t *)"abab aba", 8, &options, &section, error))
        return false;
    const bool set = mote_graph_set_tokenizer(g, section.data, (uint32_t)section.size);
    free(section.data);
    return set;
}

static bool write_packed(const char *folder, int number, mote_graph *g, const mote_quantize_options *options,
                         mote_layout layout, mote_error *error)
{
    mote_graph packed;
    mote_bytes file;
    char path[512];
    snprintf(path, sizeof path, "%s/seed%d", folder, number);
    bool done = mote_graph_quantize(g, options, &packed, error);
    mote_graph_free(g);
    if (!done)
        return false;
    done = mote_graph_lay_out_as(&packed, layout, error) && mote_graph_encode(&packed, &file, error);
    mote_graph_free(&packed);
    if (!done)
        return false;
    done = mote_file_write(path, file.data + 16, file.size - 16, error);
    free(file.data);
    return done;
}

static bool write_gru(const char *folder, int number, const mote_quantize_options *options, mote_error *error)
{
    const mote_tinylm_shape shape = {5, 6, 7, 1, false};
    mote_graph g;
    return mote_tinylm_build(&g, &shape, 1, error) && (number != 1 || give_pairs(&g, error)) &&
           write_packed(folder, number, &g, options, number < 9 ? MOTE_ROWS : MOTE_BLOCKS16, error);
}

/* Writes a transformer of either shape; the numbers cover every form of activations and of caches. */
static bool write_transformer(const char *folder, int number, mote_error *error)
{
    const mote_transformer_shape shape = small_transformer(number % 2);
    const mote_quantize_options options = {.weights = number % 3 ? MOTE_SCHEME_INT6 : MOTE_SCHEME_FP16,
                                           .head = MOTE_SCHEME_INT8,
                                           .embedding = MOTE_SCHEME_INT8,
                                           .granularity = MOTE_PER_ROW,
                                           .activations = (mote_activations)(number % 3),
                                           .int16_cache = number % 4 > 1};
    mote_graph g;
    return mote_transformer_build(&g, &shape, 1, error) && write_packed(folder, number, &g, &options, MOTE_ROWS, error);
}

/* --- networks of images --- */

static int apply(mote_graph *g, const char *name, mote_role role, mote_opcode opcode, int count, const int *inputs,
                 const int32_t *params)
{
    mote_shape shapes[MOTE_MOST_OUTPUTS];
    mote_error error = {0};
    const int op = mote_graph_op(g, name, opcode, count, inputs, 0, NULL);
    if (op < 0)
        return -1;
    for (int i = 0; params && i < g->ops[op].param_count; i++)
        g->ops[op].params[i] = params[i];
    if (!mote_op_infer(g, &g->ops[op], shapes, &error))
        return -1;
    return g->ops[op].outputs[0] = mote_graph_tensor(g, name, MOTE_F32, role, shapes[0].rank, shapes[0].dims);
}

static int weights(mote_graph *g, const char *name, uint32_t rows, uint32_t columns)
{
    const int t = mote_graph_tensor(g, name, MOTE_F32, MOTE_CONSTANT, 2, (const uint32_t[]){rows, columns});
    for (uint32_t i = 0; t >= 0 && i < rows * columns; i++)
        ((float *)g->tensors[t].data)[i] = (float)(i * 37 % 19) / 10 - 0.9f;
    return t;
}

/* A convolution, a depthwise one added to it, a pool, a softmax of its values in another order. */
static int image_graph(mote_graph *g)
{
    static const int32_t window[32] = {[MOTE_CONV_KERNEL_HEIGHT] = 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, [MOTE_CONV_PARTS] = 1};
    static const int32_t depthwise[32] = {
        [MOTE_CONV_KERNEL_HEIGHT] = 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, [MOTE_CONV_PARTS] = 4};
    mote_graph_init(g);
    const int x = mote_graph_tensor(g, "x", MOTE_F32, MOTE_INPUT, 3, (const uint32_t[]){6, 5, 2});
    const int a = apply(g, "a", MOTE_ACTIVATION, MOTE_OP_CONV, 2, (const int[]){x, weights(g, "wa", 4, 18)}, window);
    const int b = apply(g, "b", MOTE_ACTIVATION, MOTE_OP_CONV, 2, (const int[]){a, weights(g, "wb", 4, 9)}, depthwise);
    const int c = apply(g, "c", MOTE_ACTIVATION, MOTE_OP_ADD, 2, (const int[]){a, b}, NULL);
    const int d = apply(g, "d", MOTE_ACTIVATION, MOTE_OP_MAX_POOL, 1, &c, (const int32_t[32]){2, 2, 2, 2, 1, 1});
    const int e = apply(g, "e", MOTE_ACTIVATION, MOTE_OP_TRANSPOSE, 1, &d, (const int32_t[MOTE_RANK]){2, 0, 1});
    const int f = apply(g, "f", MOTE_ACTIVATION, MOTE_OP_RESHAPE, 1, &e, (const int32_t[MOTE_RANK]){24});
    const int h = apply(g, "h", MOTE_ACTIVATION, MOTE_OP_LINEAR, 2, (const int[]){f, weights(g, "wh", 5, 24)}, NULL);
    const int z = apply(g, "z", MOTE_OUTPUT, MOTE_OP_SOFTMAX, 1, &h, (const int32_t[32]){0});
    return x < 0 ? x : z;
}

static bool write_image(const char *folder, int number, mote_error *error)
{
    float samples[4 * 60];
    uint8_t *inputs[] = {(uint8_t *)samples};
    size_t sizes[] = {sizeof samples / 4};
    const mote_arrays arrays = {.count = 4, .sequence = 1, .input_count = 1, .inputs = inputs, .input_size = sizes};
    const mote_source source = mote_arrays_source(&arrays);
    mote_quantize_options options = {.weights = number % 2 ? MOTE_SCHEME_INT4 : MOTE_SCHEME_INT8,
                                     .head = MOTE_SCHEME_INT8,
                                     .embedding = MOTE_SCHEME_INT8,
                                     .granularity = MOTE_PER_ROW,
                                     .activations = number % 3 ? MOTE_ACTIVATIONS_INT8 : MOTE_ACTIVATIONS_INT16};
    mote_calibration calibration;
    mote_graph g;
    for (int i = 0; i < 240; i++)
        samples[i] = (float)(i * 29 % 41) / 20 - 1;
    if (image_graph(&g) < 0)
        return mote_fail(error, MOTE_E_INTERNAL, "the network of images cannot be built");
    if (!mote_calibrate(&calibration, &g, &source, error))
        return false;
    options.calibration = &calibration;
    const bool done = write_packed(folder, number, &g, &options, MOTE_ROWS, error);
    mote_calibration_free(&calibration);
    return done;
}

int main(int argc, char **argv)
{
    mote_error error = {0};
    static const int grus[] = {0, 1, 2, 9, 10};
    for (int k = 0; argc == 2 && k < 5; k++) {
        const int i = grus[k];
        const mote_quantize_options options = {.weights = i % 9 ? MOTE_SCHEME_TERNARY : MOTE_SCHEME_INT8,
                                               .embedding = i == 1 ? MOTE_SCHEME_INT8 : MOTE_SCHEME_TERNARY,
                                               .head = MOTE_SCHEME_INT8,
                                               .granularity = MOTE_PER_ROW,
                                               .five_trits = i == 2};
        if (!write_gru(argv[1], i, &options, &error)) {
            fprintf(stderr, "seeds: %s\n", error.text);
            return error.code;
        }
    }
    for (int i = 3; argc == 2 && i < 15; i++)
        if (i != 9 && i != 10 && !(i < 9 ? write_transformer : write_image)(argv[1], i, &error)) {
            fprintf(stderr, "seeds: %s\n", error.text);
            return error.code;
        }
    return 0;
}
