/* Writes small packed models, from byte 16 on, to a folder, as seeds of the fuzzer. Usage: seeds FOLDER */
#include <stdio.h>
#include <stdlib.h>

#include "compiler/graph/tinylm.h"
#include "compiler/pack/container.h"
#include "compiler/pack/lay_out.h"
#include "compiler/quantize/quantize.h"
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
    for (int i = 3; argc == 2 && i < 9; i++)
        if (!write_transformer(argv[1], i, &error)) {
            fprintf(stderr, "seeds: %s\n", error.text);
            return error.code;
        }
    return 0;
}
