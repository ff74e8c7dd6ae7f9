/* Writes small packed models, from byte 16 on, into a folder for the fuzzer to begin with. Usage: seeds FOLDER */
#include <stdio.h>
#include <stdlib.h>

#include "compiler/graph/tinylm.h"
#include "compiler/pack/container.h"
#include "compiler/quantize/quantize.h"
#include "compiler/token/learn.h"

/* Tokens of more than a byte, so that the fuzzer has such a section to begin with. */
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

static bool write_seed(const char *folder, int number, const mote_quantize_options *options, mote_error *error)
{
    const mote_tinylm_shape shape = {5, 6, 7, 1, false};
    mote_graph g, packed;
    mote_bytes file;
    char path[512];
    snprintf(path, sizeof path, "%s/seed%d", folder, number);
    if (!mote_tinylm_build(&g, &shape, 1, error))
        return false;
    if (number == 1 && !give_pairs(&g, error))
        return false;
    bool done = mote_graph_quantise(&g, options, &packed, error);
    mote_graph_free(&g);
    if (!done)
        return false;
    done = mote_graph_encode(&packed, &file, error);
    mote_graph_free(&packed);
    if (!done)
        return false;
    done = mote_file_write(path, file.data + 16, file.size - 16, error);
    free(file.data);
    return done;
}

int main(int argc, char **argv)
{
    mote_error error = {0};
    for (int i = 0; argc == 2 && i < 3; i++) {
        const mote_quantize_options options = {.weights = i ? MOTE_SCHEME_TERNARY : MOTE_SCHEME_INT8,
                                               .embedding = i == 1 ? MOTE_SCHEME_INT8 : MOTE_SCHEME_TERNARY,
                                               .head = MOTE_SCHEME_INT8,
                                               .granularity = MOTE_PER_ROW,
                                               .five_trits = i == 2};
        if (!write_seed(argv[1], i, &options, &error)) {
            fprintf(stderr, "seeds: %s\n", error.text);
            return error.code;
        }
    }
    return 0;
}
