#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/options.h"
#include "cli/verbs.h"
#include "compiler/import/import.h"
#include "compiler/pack/container.h"
#include "compiler/token/blob.h"

typedef struct choices {
    const char *out, *tokenizer;
    long context, seed;
    bool allow_nonfinite;
} choices;

/* The model's vocabulary is that of its scores. */
static bool set_tokenizer(mote_graph *g, const char *model, const char *path, mote_error *error)
{
    mote_bytes section;
    if (!mote_tokenizer_load(path, &section, error))
        return false;
    const uint32_t tokens = ((const mote_tokenizer *)(const void *)section.data)->vocabulary;
    const uint32_t scores = g->tensors[mote_graph_find(g, "logits")].dims[0];
    const bool done = tokens != scores
                          ? mote_fail(error, MOTE_E_UNSUPPORTED,
                                      "%s: %u tokens, but %s has a vocabulary of %u; give the tokenizer it "
                                      "was trained with",
                                      path, tokens, model, scores)
                          : mote_graph_set_tokenizer(g, section.data, (uint32_t)section.size) ||
                                mote_fail(error, MOTE_E_INTERNAL, "no memory for the tokenizer of %s", path);
    free(section.data);
    return done;
}

static bool import_file(const char *path, const choices *c, mote_error *error)
{
    const mote_import_options options = {
        .allow_nonfinite = c->allow_nonfinite,
        .random_seed = (uint64_t)c->seed,
        .context = (uint32_t)c->context,
    };
    mote_graph g;
    if (!mote_import(&g, path, &options, error))
        return false;
    const bool done =
        (!c->tokenizer || set_tokenizer(&g, path, c->tokenizer, error)) && mote_graph_save(&g, c->out, error);
    size_t values = 0;
    for (int i = 0; i < g.tensor_count; i++)
        values += g.tensors[i].role == MOTE_CONSTANT && g.tensors[i].dtype == MOTE_F32
                      ? mote_tensor_elements(&g.tensors[i])
                      : 0;
    mote_graph_free(&g);
    if (done)
        fprintf(stderr, "%s: imported, %zu weights\n", c->out, values);
    return done;
}

int mote_cmd_import(int argc, char **argv)
{
    choices c = {0};
    const mote_option options[] = {
        {.name = "output",
         .letter = 'o',
         .kind = MOTE_OPTION_TEXT,
         .target = &c.out,
         .argument = "MODEL",
         .help = "the float model to write"},
        {.name = "tokenizer",
         .letter = 't',
         .kind = MOTE_OPTION_TEXT,
         .target = &c.tokenizer,
         .argument = "FILE",
         .help =
             "its tokens: a tokenizer.bin of llama2.c or a file of `mote tokenizer`; without it the model has no text"},
        {.name = "context",
         .kind = MOTE_OPTION_INT,
         .target = &c.context,
         .argument = "N",
         .min = 1,
         .max = 1 << 20,
         .help = "positions its attention looks back on; default and most: those it was made for"},
        {.name = "random-weights",
         .kind = MOTE_OPTION_INT,
         .target = &c.seed,
         .argument = "SEED",
         .min = 1,
         .max = INT32_MAX,
         .help = "take a RUVM header without weights, and draw some"},
        {.name = "allow-nonfinite",
         .kind = MOTE_OPTION_FLAG,
         .target = &c.allow_nonfinite,
         .help = "take weights that are NaN or infinite"},
        {0}};
    const mote_command command = {
        .name = "import",
        .operands = "FILE -o MODEL [OPTIONS]",
        .summary =
            "Makes a model of another program's file: a llama2.c checkpoint (version 0, 1 or 2), a RUVM file, or a\n"
            "Llama-style model in safetensors, which is the folder, the file or its index, with config.json beside.",
        .options = options,
        .examples = "  mote import stories260K.bin --tokenizer tok512.bin -o story.mote\n"
                    "  mote import TinyLlama/ --context 256 -o tiny.mote\n"
                    "  mote import model.ruvm -o model.mote\n",
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    mote_error error = {0};
    if (!c.out) {
        mote_fail(&error, MOTE_E_USAGE, "no output named; add -o MODEL");
        return mote_report("import", &error);
    }
    return import_file(operands[0], &c, &error) ? MOTE_OK : mote_report("import", &error);
}
