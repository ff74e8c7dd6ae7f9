/* Writes small float models in the format of fuzz_float.c to a folder, as seeds of the fuzzer. Usage: seeds FOLDER */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/builder.h"
#include "compiler/graph/tinylm.h"
#include "compiler/manifest/manifest.h"
#include "compiler/pack/container.h"
#include "compiler/token/token.h"
#include "tests/compiler/small_network.h"
#include "tests/compiler/small_transformer.h"

static void fail(const mote_error *error)
{
    fprintf(stderr, "seeds: %s\n", error->text);
    exit((int)error->code);
}

static void write_seed(const char *folder, int number, char kind, const void *data, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/float%d%c", folder, number, kind ? 'm' : 'f');
    const char head[5] = {kind, (char)number, (char)(7 * number), 1, 2};
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(head, 1, sizeof head, f) != sizeof head || fwrite(data, 1, size, f) != size || fclose(f) != 0)
        exit(1);
}

/* Writes both forms of the graph, and frees it. */
static void write_graph(const char *folder, int number, mote_graph *g)
{
    mote_error error = {0};
    mote_bytes file, manifest;
    char path[512];
    snprintf(path, sizeof path, "%s.json", folder);
    if (!mote_graph_encode(g, &file, &error) || !mote_manifest_save(g, MOTE_MANIFEST_JSON, path, &error) ||
        !mote_file_read(path, 1 << 20, &manifest, &error))
        fail(&error);
    write_seed(folder, number, 0, file.data + 16, file.size - 16);
    write_seed(folder, number, 1, manifest.data, manifest.size);
    free(file.data);
    free(manifest.data);
    mote_graph_free(g);
}

/* Adds a tokenizer with tokens of more than a byte. */
static void give_pairs(mote_graph *g)
{
    const mote_learn_options options = {.vocabulary = 5};
    mote_error error = {0};
    mote_bytes section;
    if (!mote_bpe_learn((const uint8_t *)"abab aba", 8, &options, &section, &error) ||
        !mote_graph_set_tokenizer(g, section.data, (uint32_t)section.size))
        fail(&error);
    free(section.data);
}

static void write_gru(const char *folder, int number)
{
    const mote_tinylm_shape shape = {5, number == 2 ? 7 : 6, 7, 1, number == 2};
    mote_graph g;
    mote_error error = {0};
    if (!mote_tinylm_build(&g, &shape, 1, &error))
        fail(&error);
    if (number)
        give_pairs(&g);
    for (int i = 0; i < g.tensor_count; i++)
        if (g.tensors[i].rank == 2 && number == 2)
            g.tensors[i].quantizer = MOTE_TERNARY2;
    write_graph(folder, number, &g);
}

static void write_transformer(const char *folder, int number)
{
    mote_transformer_shape shape = small_transformer(number % 2);
    shape.tied = number > 4;
    mote_graph g;
    mote_error error = {0};
    if (!mote_transformer_build(&g, &shape, 1, &error))
        fail(&error);
    write_graph(folder, number, &g);
}

/* Writes a network that is not a language model: a vector as input, a constant added and one multiplied, two
 * outputs. */
static void write_plain(const char *folder, int number)
{
    mote_graph g;
    mote_error error = {0};
    mote_graph_init(&g);
    mote_builder b = {.g = &g, .random = {1}};
    const int x = mote_build_tensor(&b, "x", MOTE_F32, MOTE_INPUT, 4, 0);
    const int w = mote_build_normal(&b, "w", 6, 4, 1), c = mote_build_normal(&b, "c", 6, 0, 1);
    const int hidden = mote_build_op(&b, "hidden", MOTE_OP_LINEAR, 2, (int[]){x, w}, NULL);
    const int sum = mote_build_op(&b, "sum", MOTE_OP_ADD, 2, (int[]){hidden, c}, NULL);
    const int curve = mote_build_op(&b, "curve", MOTE_OP_SILU, 1, &sum, NULL);
    const int product = mote_build_op(&b, "product", MOTE_OP_MUL, 2, (int[]){curve, c}, NULL);
    const int head = mote_build_normal(&b, "head", 2, 6, 1);
    mote_build_output(&b, mote_build_op(&b, "scores", MOTE_OP_LINEAR, 2, (int[]){product, head}, NULL), "y");
    mote_build_output(&b, mote_build_op(&b, "gelu", MOTE_OP_GELU, 1, &hidden, NULL), "z");
    if (!mote_build_end(&b, "network", &error))
        fail(&error);
    write_graph(folder, number, &g);
}

/* Adds an output, the only result of an operator that reads `x`. */
static int add_output(mote_builder *b, const char *name, mote_opcode opcode, int count, const int *inputs,
                      const int32_t *params)
{
    const int y = mote_build_op(b, name, opcode, count, inputs, params);
    mote_build_output(b, y, name);
    return y;
}

/* Writes a network with the operators that move and combine images. */
static void write_mixed(const char *folder, int number)
{
    mote_graph g;
    mote_error error = {0};
    mote_graph_init(&g);
    mote_builder b = {.g = &g, .random = {1}};
    const int x = mote_graph_tensor(&g, "x", MOTE_F32, MOTE_INPUT, 3, (uint32_t[]){4, 4, 2});
    const int w = mote_build_normal(&b, "w", 3, 18, 1), slope = mote_build_normal(&b, "slope", 3, 0, 1);
    const int ids = mote_graph_tensor(&g, "ids", MOTE_U16, MOTE_CONSTANT, 1, (uint32_t[]){3});
    const int up = mote_build_op(
        &b, "up", MOTE_OP_CONV_TRANSPOSE, 2, (int[]){x, w},
        (int32_t[MOTE_CONV_TRANSPOSE_PARAMS]){[MOTE_CONV_TRANSPOSE_KERNEL_HEIGHT] = 3, 3, 2, 2, 1, 1, 1, 1, 0, 0, 1});
    const int bent = mote_build_op(&b, "bent", MOTE_OP_PRELU, 2, (int[]){up, slope}, NULL);
    const int small = mote_build_op(&b, "small", MOTE_OP_RESIZE, 1, &bent, (int32_t[MOTE_RESIZE_PARAMS]){4, 4, 1});
    const int pair = mote_build_op(&b, "pair", MOTE_OP_CONCAT, 2, (int[]){small, x}, (int32_t[]){2});
    const int part = mote_build_op(&b, "part", MOTE_OP_SLICE, 1, &pair,
                                   (int32_t[MOTE_SLICE_PARAMS]){3, 0, 0, 0, 0, 0, -1, 2, 1, 0, 0, 0, 4, 2, 5});
    const int wide =
        mote_build_op(&b, "wide", MOTE_OP_PAD, 1, &part, (int32_t[MOTE_PAD_PARAMS]){1, 0, 1, 1, 2, 0, 0, 0, 2, 0, 1});
    const int turned =
        mote_build_op(&b, "turned", MOTE_OP_TRANSPOSE, 1, &wide, (int32_t[MOTE_TRANSPOSE_PARAMS]){2, 0, 1});
    const int taken = mote_build_op(&b, "taken", MOTE_OP_GATHER, 2, (int[]){turned, ids}, (int32_t[]){0});
    const int square = mote_build_op(&b, "square", MOTE_OP_MATMUL, 2, (int[]){taken, taken},
                                     (int32_t[MOTE_MATMUL_PARAMS]){[MOTE_MATMUL_TRANSPOSED] = 1});
    const int soft = add_output(&b, "soft", MOTE_OP_SOFTMAX, 1, &square, (int32_t[MOTE_SOFTMAX_PARAMS]){0});
    add_output(&b, "least", MOTE_OP_REDUCE, 1, &soft, (int32_t[MOTE_REDUCE_PARAMS]){3, 5});
    const int mean = mote_build_op(&b, "means", MOTE_OP_AVERAGE_POOL, 1, &bent,
                                   (int32_t[MOTE_AVERAGE_POOL_PARAMS]){3, 2, 2, 1, 1, 1, 1, 0, 1, 1});
    add_output(&b, "flat", MOTE_OP_RESHAPE, 1, &mean, (int32_t[MOTE_RESHAPE_PARAMS]){96});
    if (!mote_build_end(&b, "network", &error))
        fail(&error);
    write_graph(folder, number, &g);
}

static void write_convolutions(const char *folder, int number)
{
    mote_graph g;
    mote_error error = {0};
    if (!small_network(&g, &error))
        fail(&error);
    write_graph(folder, number, &g);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    for (int i = 0; i < 3; i++)
        write_gru(argv[1], i);
    for (int i = 3; i < 7; i++)
        write_transformer(argv[1], i);
    write_plain(argv[1], 7);
    write_convolutions(argv[1], 8);
    write_mixed(argv[1], 9);
    return 0;
}
