/* Writes small float models in the format of fuzz_float.c to a folder, as seeds of the fuzzer. Usage: seeds FOLDER */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/builder.h"
#include "compiler/graph/tinylm.h"
#include "compiler/manifest/manifest.h"
#include "compiler/pack/container.h"
#include "compiler/token/token.h"
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

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    for (int i = 0; i < 3; i++)
        write_gru(argv[1], i);
    for (int i = 3; i < 7; i++)
        write_transformer(argv[1], i);
    write_plain(argv[1], 7);
    return 0;
}
