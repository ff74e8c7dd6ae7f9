#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/import_report.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "compiler/graph/language.h"
#include "compiler/import/import.h"
#include "compiler/pack/container.h"
#include "compiler/quantize/golden.h"
#include "run/detector.h"
#include "run/labels.h"
#include "run/preprocess.h"

typedef struct choices {
    const char *out, *tokenizer, *labels, *preprocess, *boxes;
    long context, seed;
    bool allow_nonfinite;
} choices;

static size_t weights_of(const mote_graph *g)
{
    size_t count = 0;
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_tensor *t = &g->tensors[i];
        const bool counts = g->packed ? mote_graph_reads_as(g, i, MOTE_OPERAND_WEIGHTS) : t->dtype == MOTE_F32;
        count += t->role == MOTE_CONSTANT && counts ? mote_tensor_elements(t) : 0;
    }
    return count;
}

/* Prints what was imported: of a language model the number of weights, of other networks also their operators. */
static void report(const mote_graph *g, const choices *c)
{
    mote_error why;
    const bool language_model = mote_graph_is_language_model(g, &why);
    if (!language_model)
        mote_import_report(strcmp(c->out, "-") == 0 ? stderr : stdout, g);
    fprintf(stderr, "%s: imported, %zu weights", c->out, weights_of(g));
    if (g->packed)
        fprintf(stderr, ", packed, with an arena of %" PRIu32 " bytes", g->arena_size);
    fprintf(stderr, "%s\n", language_model && !c->tokenizer ? "; mote run needs a tokenizer too (--tokenizer)" : "");
}

static bool keep_words(mote_graph *g, const char *key, const char *words, mote_error *error)
{
    return !words || mote_graph_set_meta(g, key, words) || mote_fail(error, MOTE_E_USAGE, "--%s has a line break", key);
}

/* Keeps what `mote run` needs besides the network: names of classes, and how a picture becomes an input. */
static bool keep_uses(mote_graph *g, const choices *c, mote_error *error)
{
    mote_labels labels;
    mote_preprocess preprocess;
    if (c->labels) {
        if (!mote_labels_read(&labels, c->labels, g, error))
            return false;
        const bool kept = mote_labels_keep(&labels, g, error);
        mote_labels_free(&labels);
        if (!kept)
            return false;
    }
    if (c->preprocess && !mote_preprocess_parse(&preprocess, c->preprocess, error))
        return false;
    return keep_words(g, "preprocess", c->preprocess, error) && keep_words(g, "boxes", c->boxes, error);
}

/* Fails unless the network has the boxes that were named, or if there are none an output for the labels. */
static bool check_uses(const mote_graph *g, const char *path, const choices *c, mote_error *error)
{
    mote_port *inputs = NULL, *outputs = NULL;
    mote_detector d;
    mote_labels labels = {0};
    int input_count, output_count;
    if (!c->boxes && !c->labels)
        return true;
    bool done = (mote_ports_of(g, MOTE_INPUT, &inputs, &input_count) &&
                 mote_ports_of(g, MOTE_OUTPUT, &outputs, &output_count)) ||
                mote_fail(error, MOTE_E_INTERNAL, "no memory to look at the outputs");
    if (done && c->boxes)
        done = mote_detector_parse(&d, c->boxes, &inputs[0], error) &&
               mote_detector_check(&d, outputs, output_count, path, error);
    else if (done && (done = mote_labels_read(&labels, c->labels, g, error)))
        done = mote_labels_fit(&labels, outputs, output_count) ||
               mote_fail(error, MOTE_E_MISMATCH, "%s has %zu labels, but no output of %s has as many values", c->labels,
                         labels.count, path);
    mote_labels_free(&labels);
    free(inputs);
    free(outputs);
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
    const bool done = (!c->tokenizer || mote_import_tokenizer(&g, path, c->tokenizer, error)) &&
                      check_uses(&g, path, c, error) && keep_uses(&g, c, error) &&
                      (!g.packed || mote_make_golden(&g, error)) && mote_graph_save(&g, c->out, error);
    if (done)
        report(&g, c);
    mote_graph_free(&g);
    return done;
}

/* True if the file lies in the folder `model`, or in that of the file `model`. */
static bool is_beside(const char *file, const char *model)
{
    char folder[PATH_MAX], other[PATH_MAX];
    struct stat a, b;
    snprintf(folder, sizeof folder, "%s", file);
    snprintf(other, sizeof other, "%s", model);
    return stat(dirname(folder), &a) == 0 && stat(model, &b) == 0 &&
           (S_ISDIR(b.st_mode) || stat(dirname(other), &b) == 0) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static bool ends_with(const char *text, const char *ending)
{
    const size_t length = strlen(text), n = strlen(ending);
    return length >= n && strcmp(text + length - n, ending) == 0;
}

/* Fails if the output is a file that an import of safetensors reads besides its operand: config.json, the index or a
 * shard in the same folder. */
static bool check_output(const char *out, const char *model, mote_error *error)
{
    char real[PATH_MAX];
    const bool read =
        realpath(out, real) && is_beside(real, model) && (ends_with(real, ".safetensors") || ends_with(real, ".json"));
    return !read ||
           mote_fail(error, MOTE_E_USAGE, "%s is a file of the model that is imported; give -o another name", out);
}

int mote_cmd_import(int argc, char **argv)
{
    choices c = {0};
    const mote_option options[] = {
        {.name = "output",
         .letter = 'o',
         .kind = MOTE_OPTION_OUTPUT,
         .target = &c.out,
         .argument = "MODEL",
         .help = "the model to write: float, or packed if the file has integer arithmetic"},
        {.name = "tokenizer",
         .letter = 't',
         .kind = MOTE_OPTION_INPUT,
         .target = &c.tokenizer,
         .argument = "FILE",
         .help =
             "the model's tokenizer: tokenizer.json of Hugging Face, tokenizer.model of SentencePiece, tokenizer.bin "
             "of llama2.c, a file of mote tokenizer, or a .mote file"},
        {.name = "labels",
         .kind = MOTE_OPTION_INPUT,
         .target = &c.labels,
         .argument = "FILE",
         .help = "names of the classes, one a line, kept in the model"},
        {.name = "preprocess",
         .kind = MOTE_OPTION_TEXT,
         .target = &c.preprocess,
         .argument = "WORDS",
         .help =
             "how pictures become inputs, kept in the model: stretch or letterbox, rgb or bgr, mean=M and std=S with "
             "one number or three; default: stretch rgb, pixels spread over the range of the input"},
        {.name = "boxes",
         .kind = MOTE_OPTION_TEXT,
         .target = &c.boxes,
         .argument = "WORDS",
         .help =
             "the outputs are boxes, kept in the model: ultraface, yunet, fomo or ssd, then threshold=S, overlap=P, "
             "and for ssd strides=8,16, sizes=10,16/32,48 and variances=0.1,0.2"},
        {.name = "context",
         .kind = MOTE_OPTION_INT,
         .target = &c.context,
         .argument = "N",
         .min = 1,
         .max = 1 << 20,
         .help = "attention window in tokens; default and maximum: the window of the imported model"},
        {.name = "random-weights",
         .kind = MOTE_OPTION_INT,
         .target = &c.seed,
         .argument = "SEED",
         .min = 1,
         .max = INT32_MAX,
         .help = "accept a RUVM header without weights, and draw random weights"},
        {.name = "allow-nonfinite",
         .kind = MOTE_OPTION_FLAG,
         .target = &c.allow_nonfinite,
         .help = "accept weights that are NaN or infinite"},
        {0}};
    const mote_command command = {
        .name = "import",
        .operands = "FILE -o MODEL [OPTIONS]",
        .summary =
            "Imports a model of another program: a TensorFlow Lite or ONNX file, a llama2.c checkpoint (version 0, "
            "1 or 2), a\nRUVM file, or a Llama-style or GPT-2 model in safetensors (the folder, the file or its "
            "index, with config.json\nin the same folder). Prints the operators of a network that is no language "
            "model.",
        .options = options,
        .examples = "  mote import person_detect.tflite -o person.mote\n"
                    "  mote import stories260K.bin --tokenizer tok512.bin -o story.mote\n"
                    "  mote import SmolLM-135M/ --tokenizer SmolLM-135M/tokenizer.json --context 256 -o small.mote\n"
                    "  mote import person_detect.tflite --labels labels.txt -o person.mote\n"
                    "  mote import face.onnx --preprocess 'rgb mean=127 std=128' -o face.mote\n"
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
    return check_output(c.out, operands[0], &error) && import_file(operands[0], &c, &error)
               ? MOTE_OK
               : mote_report("import", &error);
}
