#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "cli/quantize_effect.h"
#include "cli/quantize_fit.h"
#include "cli/quantize_report.h"
#include "cli/samples.h"
#include "cli/verbs.h"
#include "compiler/graph/check.h"
#include "compiler/pack/container.h"
#include "compiler/plan/chips.h"
#include "compiler/plan/cost.h"
#include "compiler/quantize/balance.h"
#include "compiler/quantize/lower.h"
#include "compiler/quantize/quantization.h"

enum { TRAINED, INT8, MOST_LAYERS = 64 };

static const char *const weight_choices[] = {"trained", "int8", "ternary", "binary", "int4",
                                             "int16",   "int5", "int6",    "fp16",   NULL};
static const char *const *const type_choices = weight_choices + INT8;
static const char *const scale_choices[] = {"tensor", "row", "pow2", "pow2-row", NULL};
static const char *const method_choices[] = {"auto", "rtn", "mse", "gptq", NULL};
static const char *const trit_choices[] = {"2", "5", NULL};
static const char *const activation_choices[] = {"int8", "int8-static", "int16", NULL};
static const char *const observer_choices[] = {"minmax", "percentile", "mse", NULL};
static const char *const output_choices[] = {"int8", "int16", NULL};
static const char *const cache_choices[] = {"int8", "int16", NULL};
static const char *const chip_choices[] = {"any", "esp32", "esp32s2", "esp32s3", "esp32c3", "esp32c6", NULL};

/* Types by the index of their names, from int8 on. */
static const mote_scheme schemes[] = {MOTE_SCHEME_INT8,  MOTE_SCHEME_TERNARY, MOTE_SCHEME_SIGN, MOTE_SCHEME_INT4,
                                      MOTE_SCHEME_INT16, MOTE_SCHEME_INT5,    MOTE_SCHEME_INT6, MOTE_SCHEME_FP16};
static const mote_granularity granularities[] = {MOTE_PER_TENSOR, MOTE_PER_ROW, MOTE_POW2_TENSOR, MOTE_POW2_ROW};

static const mote_method methods[] = {MOTE_METHOD_AUTO, MOTE_METHOD_RTN, MOTE_METHOD_MSE, MOTE_METHOD_GPTQ};

/* The options as given; -1 for choices and groups not given. */
typedef struct choices {
    int weights, head, embedding, scale, method, trits, chip;
    int activations, observer, outputs, cache;
    long context, group, size, speed;
    bool correct_biases, no_balance, report, json;
    mote_texts layers;
    const char *calibrate, *fit, *out;
} choices;

static int index_of(const char *word, const char *const *names)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(word, names[i]) == 0)
            return i;
    return -1;
}

/* Returns the items joined by commas, which the caller frees, or NULL if out of memory. */
static char *join(const mote_texts *texts)
{
    size_t size = 1;
    for (int i = 0; i < texts->count; i++)
        size += strlen(texts->items[i]) + 1;
    char *list = calloc(size, 1), *at = list;
    for (int i = 0; list && i < texts->count; i++)
        at = stpcpy(stpcpy(at, texts->items[i]), ",");
    return list;
}

/* Parses "PATTERN=TYPE[:METHOD],..." and splits it in place. */
static bool read_layers(char *list, mote_layer_choice *layers, int *count, mote_error *error)
{
    char *rest;
    for (char *item = strtok_r(list, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        char *type = strrchr(item, '='), *method = type ? strchr(type, ':') : NULL;
        if (!type || *count == MOST_LAYERS)
            return mote_fail(error, MOTE_E_USAGE, "--layer %s: write PATTERN=TYPE, at most %d of them", item,
                             MOST_LAYERS);
        *type++ = 0;
        if (method)
            *method++ = 0;
        const int t = index_of(type, type_choices), m = method ? index_of(method, method_choices) : 0;
        if (t < 0 || m < 0)
            return mote_fail(error, MOTE_E_USAGE, "--layer %s: '%s' is not a %s", item, t < 0 ? type : method,
                             t < 0 ? "type of weights" : "method");
        layers[(*count)++] = (mote_layer_choice){
            .pattern = item, .scheme = schemes[t], .has_method = method != NULL, .method = methods[m]};
    }
    return true;
}

static mote_quantize_options options_of(const choices *c, const mote_chip *chip)
{
    return (mote_quantize_options){
        .as_trained = c->weights == TRAINED,
        .weights = c->weights == TRAINED ? MOTE_SCHEME_INT8 : schemes[c->weights - INT8],
        .head = schemes[c->head < 0 ? 0 : c->head],
        .embedding = schemes[c->embedding < 0 ? 0 : c->embedding],
        .granularity = c->scale < 0 ? MOTE_PER_ROW : granularities[c->scale],
        .group = c->group < 0 ? 0 : (uint32_t)c->group,
        .method = methods[c->method < 0 ? 0 : c->method],
        .five_trits = c->trits == 1,
        .activations = c->activations < 0 ? MOTE_ACTIVATIONS_INT8 : (mote_activations)c->activations,
        .observer = c->observer < 0 ? MOTE_OBSERVE_PERCENTILE : (mote_observer_kind)c->observer,
        .outputs = (mote_outputs)(c->outputs + 1),
        .int16_cache = c->cache == 1,
        .context = (uint32_t)c->context,
        .for_lanes = chip && mote_chip_multiplies(chip, MOTE_LANES16, MOTE_I8),
    };
}

/* Sets the chip whose layouts are used; NULL for rows. --fit names any chip, --chip one of a list. */
static bool find_chip(const choices *c, const mote_chip **chip, mote_error *error)
{
    *chip = mote_chip_find(c->fit ? c->fit : chip_choices[c->chip]);
    return !c->fit || *chip ||
           mote_fail(error, MOTE_E_USAGE,
                     "--fit %s: unknown chip; mote info MODEL lists the chips, and the ESP32-S3 is written esp32s3",
                     c->fit);
}

static bool fit(mote_quantization *q, const choices *c, mote_graph *packed, mote_error *error)
{
    const mote_fit_request request = {.chip = c->fit ? q->chip : NULL,
                                      .bytes = (uint64_t)c->size,
                                      .tokens_per_second = (double)c->speed,
                                      .json = c->json};
    return mote_quantize_fit(q, &request, packed, error);
}

static bool print_report(const mote_quantization *q, const mote_graph *packed, const choices *c, mote_error *error)
{
    mote_report_table table;
    if (!mote_report_init(&table, q, packed, error))
        return false;
    mote_print_report(&table, q->from, packed, c->json);
    mote_report_free(&table);
    return true;
}

static bool quantize(const mote_graph *g, const choices *c, const mote_quantize_options *options, const mote_chip *chip,
                     const mote_source *source, mote_graph *packed, mote_error *error)
{
    mote_quantization q;
    if (!mote_quantization_init(&q, g, options, c->correct_biases, source, error))
        return false;
    q.chip = chip;
    bool done = c->fit || c->size ? fit(&q, c, packed, error)
                                  : mote_quantization_make(&q, error) && mote_quantization_pack(&q, packed, error);
    if (done && c->report && !print_report(&q, packed, c, error)) {
        mote_graph_free(packed);
        done = false;
    }
    mote_quantization_free(&q);
    return done;
}

/* True if balancing channels helps: only with a scale for each row and with weights of at least 8 bits. */
static bool can_balance(const mote_graph *g, const choices *c, const mote_quantize_options *o)
{
    return !mote_graph_is_affine(g) && !c->fit && !c->size && mote_granularity_is_row(o->granularity) &&
           (o->weights == MOTE_SCHEME_INT8 || o->weights == MOTE_SCHEME_INT16 || o->weights == MOTE_SCHEME_FP16);
}

/* Equalizes channels by the samples' statistics, if there are enough samples. */
static bool balance(mote_graph *g, const mote_source *source, mote_error *error)
{
    const mote_source part = mote_source_part(source, 0, MOTE_CALIBRATION_MOST);
    return source->count < source->least || mote_graph_balance(g, &part, error);
}

static bool has_attention(const mote_graph *g)
{
    for (int i = 0; i < g->op_count; i++)
        if (g->ops[i].opcode == MOTE_OP_ATTENTION)
            return true;
    return false;
}

/* Fails if an option is given that networks with zero points do not have. */
static bool check_affine(const choices *c, mote_error *error)
{
    const struct {
        bool given;
        const char *name, *why;
    } useless[] = {
        {c->correct_biases, "--bias-correction", "the biases of such a network are always corrected"},
        {c->fit != NULL || c->size > 0, c->fit ? "--fit" : "--size", "the search knows language models only"},
        {c->report, "--report", "mote compare FLOAT PACKED --input DATA shows what each operator costs"},
        {c->chip > 0, "--chip", "their weights have one layout, which every chip reads"},
        {c->group > 0, "--group", "their weights have no groups"},
        {c->no_balance, "--no-balance", "channels of such a network are not equalized"},
    };
    for (size_t i = 0; i < sizeof useless / sizeof *useless; i++)
        if (useless[i].given)
            return mote_fail(error, MOTE_E_USAGE, "%s is not for networks of images: %s; leave it out", useless[i].name,
                             useless[i].why);
    return true;
}

/* Fails if an option is given that is about a kind of operator that the network does not have. */
static bool check_kind(const mote_graph *g, const choices *c, const mote_quantize_options *o, mote_error *error)
{
    const char *attention = c->context ? "--context" : c->cache >= 0 ? "--cache" : NULL;
    if (attention && !has_attention(g))
        return mote_fail(error, MOTE_E_USAGE, "%s is for networks with attention; this one has none, so leave it out",
                         attention);
    if (c->outputs >= 0 && !mote_graph_is_affine(g))
        return mote_fail(error, MOTE_E_USAGE, "--outputs is for networks of images; leave it out");
    const char *ranges = c->activations >= 0 ? "--activations" : c->no_balance ? "--no-balance" : NULL;
    if (ranges && !mote_graph_needs_ranges(g))
        return mote_fail(error, MOTE_E_USAGE,
                         "%s is for networks whose activations are calibrated; the products of this one read int8 with "
                         "fixed scales, so leave it out",
                         ranges);
    if (mote_graph_is_affine(g) && !check_affine(c, error))
        return false;
    return !c->no_balance || can_balance(g, c, o) ||
           mote_fail(error, MOTE_E_USAGE,
                     "--no-balance changes nothing: channels are equalized only with --weights int8, int16 or fp16 and "
                     "a scale for each row; leave it out");
}

/* Fails if an option is given that changes nothing. The search for a mix tries all types on every matrix. */
static bool check_effect(const mote_graph *g, const choices *c, const mote_quantize_options *o, mote_error *error)
{
    const bool searches = c->fit || c->size;
    const bool given[MOTE_KNOBS] = {
        [MOTE_KNOB_HEAD] = c->head >= 0,     [MOTE_KNOB_EMBEDDING] = c->embedding >= 0,
        [MOTE_KNOB_SCALE] = c->scale >= 0,   [MOTE_KNOB_GROUP] = c->group >= 0,
        [MOTE_KNOB_METHOD] = c->method >= 0, [MOTE_KNOB_TRITS] = c->trits >= 0 && !searches};
    mote_quantize_options options = *o;
    options.as_trained = o->as_trained && !searches;
    return check_kind(g, c, o, error) && mote_quantize_effect(g, &options, given, error);
}

/* Loads calibration samples if they are needed or a file of them is named. */
static bool quantize_graph(mote_graph *g, const choices *c, mote_graph *packed, mote_error *error)
{
    mote_layer_choice layers[MOST_LAYERS];
    const mote_chip *chip;
    if (!find_chip(c, &chip, error))
        return false;
    char *list = join(&c->layers);
    mote_quantize_options options = options_of(c, chip);
    options.layers = layers;
    mote_samples samples = {0};
    bool done = list ? read_layers(list, layers, &options.layer_count, error)
                     : mote_fail(error, MOTE_E_INTERNAL, "out of memory");
    const bool needed = c->report || c->fit || c->size || mote_needs_samples(g, &options, c->correct_biases);
    const bool named = c->calibrate && strcmp(c->calibrate, "self") != 0;
    done = done && check_effect(g, c, &options, error);
    if (done && (needed || named))
        done = mote_samples_open(&samples, g, c->calibrate, error);
    if (done && needed && !c->no_balance && can_balance(g, c, &options))
        done = balance(g, &samples.source, error);
    done = done && quantize(g, c, &options, chip, needed ? &samples.source : NULL, packed, error);
    mote_samples_close(&samples);
    free(list);
    return done;
}

static bool quantize_file(const char *in, const choices *c, mote_error *error)
{
    mote_graph g, packed;
    if (!mote_graph_load(&g, in, error))
        return false;
    bool done = mote_graph_need_float(&g, in, "mote quantize", error) && mote_graph_can_lower(&g, error) &&
                quantize_graph(&g, c, &packed, error);
    mote_graph_free(&g);
    if (!done)
        return false;
    done = mote_graph_save(&packed, c->out, error);
    if (done)
        fprintf(stderr, "%s: packed; %u bytes of arena, %u of state\n", c->out, packed.arena_size, packed.state_size);
    mote_graph_free(&packed);
    return done;
}

int mote_cmd_quantize(int argc, char **argv)
{
    choices c = {.weights = TRAINED,
                 .head = -1,
                 .embedding = -1,
                 .scale = -1,
                 .group = -1,
                 .method = -1,
                 .trits = -1,
                 .activations = -1,
                 .observer = -1,
                 .outputs = -1,
                 .cache = -1};
    const mote_option options[] = {
        {.name = "output",
         .letter = 'o',
         .kind = MOTE_OPTION_OUTPUT,
         .target = &c.out,
         .argument = "MODEL",
         .help = "the packed model to write"},
        {.name = "weights",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.weights,
         .argument = "TYPE",
         .choices = weight_choices,
         .help = "type of weights; default: the type that each matrix was trained with, else int8",
         .excludes = "fit size"},
        {.name = "head",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.head,
         .argument = "TYPE",
         .choices = type_choices,
         .help = "type of the head, unless trained with a quantizer; default: int8",
         .excludes = "fit size"},
        {.name = "embedding",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.embedding,
         .argument = "TYPE",
         .choices = type_choices,
         .help = "type of the embedding, unless trained with a quantizer; default: int8",
         .excludes = "fit size"},
        {.name = "scale",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.scale,
         .argument = "KIND",
         .choices = scale_choices,
         .help = "granularity of scales, unless trained with a quantizer; default: row"},
        {.name = "layer",
         .kind = MOTE_OPTION_TEXTS,
         .target = &c.layers,
         .argument = "P=T[:M],...",
         .help =
             "type T and method M for matrices whose names match the pattern P; may be repeated, the last match wins",
         .excludes = "fit size"},
        {.name = "group",
         .kind = MOTE_OPTION_INT,
         .target = &c.group,
         .argument = "N",
         .max = 65536,
         .help = "columns that share an integer factor of the row's scale, a multiple of 16; default: 0, none"},
        {.name = "method",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.method,
         .argument = "M",
         .choices = method_choices,
         .help = "rtn rounds to nearest, mse chooses scales by squared error, gptq is second-order; default: auto, "
                 "gptq for transformers below 8 bits or with power-of-two scales, else rtn"},
        {.name = "bias-correction",
         .kind = MOTE_OPTION_FLAG,
         .target = &c.correct_biases,
         .help = "correct the mean error of each product in its bias"},
        {.name = "fit",
         .kind = MOTE_OPTION_TEXT,
         .target = &c.fit,
         .argument = "CHIP",
         .help = "choose a type for every matrix by loss and speed on this chip, and lay weights out for it: twice the "
                 "speed may cost 5.4 % of loss, as much as a network of half the size; prints the losses and the mixes "
                 "that were tried",
         .excludes = "output=-"},
        {.name = "tokens-per-second",
         .kind = MOTE_OPTION_INT,
         .target = &c.speed,
         .argument = "N",
         .min = 1,
         .max = 1e6,
         .help = "choose the lowest loss with this speed, as predicted for a token with a full window",
         .needs = "fit"},
        {.name = "size",
         .kind = MOTE_OPTION_INT,
         .target = &c.size,
         .argument = "BYTES",
         .min = 1,
         .max = 1e9,
         .help = "choose a type for every matrix: the lowest loss in a file of at most this many bytes; with --fit a "
                 "limit of the mixes",
         .excludes = "output=-"},
        {.name = "report",
         .kind = MOTE_OPTION_FLAG,
         .target = &c.report,
         .help = "print range, scale, saturation and signal to noise of every matrix and activation, and the loss of "
                 "each matrix",
         .excludes = "output=-"},
        {.name = "json",
         .kind = MOTE_OPTION_FLAG,
         .target = &c.json,
         .help = "print the tables as JSON",
         .needs = "report fit size"},
        {.name = "trits",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.trits,
         .argument = "N",
         .choices = trit_choices,
         .help = "ternary weights: 2 bits each, or 5 weights in a byte (smaller, slower); default: 2"},
        {.name = "activations",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.activations,
         .argument = "TYPE",
         .choices = activation_choices,
         .help = "type of the inputs of matrix products: int8 with a scale per vector, computed at run time; "
                 "int8-static with scales from calibration; int16; default: int8. GRU states and GRU language models "
                 "always use int8 with fixed scales"},
        {.name = "calibrate",
         .kind = MOTE_OPTION_INPUT,
         .target = &c.calibrate,
         .argument = "DATA",
         .help = "calibration samples: a text or self (a text that the model generates, the default) for language "
                 "models; for other networks a folder of files, DATA.csv, DATA.npz with the network's inputs, or one "
                 "file"},
        {.name = "observer",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.observer,
         .argument = "KIND",
         .choices = observer_choices,
         .help = "range of int8-static: of all observed values, of 99.99 % of them, or with the least squared error; "
                 "default: percentile",
         .needs = "activations=int8-static"},
        {.name = "outputs",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.outputs,
         .argument = "TYPE",
         .choices = output_choices,
         .help = "type of the outputs of a network of images; default: int16 for a softmax, else int8"},
        {.name = "no-balance",
         .kind = MOTE_OPTION_FLAG,
         .target = &c.no_balance,
         .help = "do not equalize the ranges of a transformer's channels"},
        {.name = "cache",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.cache,
         .argument = "TYPE",
         .choices = cache_choices,
         .help = "type of cached keys and values; default: int8, with a scale for each head and token"},
        {.name = "context",
         .kind = MOTE_OPTION_INT,
         .target = &c.context,
         .argument = "N",
         .min = 1,
         .max = 32768,
         .help = "attention window in tokens, which sets the size of the key/value cache; default: the model's"},
        {.name = "chip",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.chip,
         .argument = "CHIP",
         .choices = chip_choices,
         .help = "lay weights out for this chip's kernels; int8 weights get a slightly larger scale where its lanes "
                 "need that; the file runs on other chips too, slower; default: any",
         .excludes = "fit"},
        {0}};
    const mote_command command = {
        .name = "quantize",
        .operands = "MODEL -o PACKED [OPTIONS]",
        .summary = "Quantizes and packs a float model for a chip: integer weights and arithmetic, planned memory, and\n"
                   "a golden output inside that any chip can reproduce.",
        .options = options,
        .examples = "  mote quantize story.mote -o story-packed.mote\n"
                    "  mote quantize float.mote --weights int8 --scale pow2 -o int8.mote\n"
                    "  mote quantize stories260K.mote --weights int8 --context 256 --calibrate stories.txt -o s.mote\n"
                    "  mote quantize stories260K.mote --weights int4 --layer 'layer0.*=int8,head=int6:mse' -o s.mote\n"
                    "  mote quantize stories260K.mote --context 256 --fit esp32s3 -o s.mote\n"
                    "  mote quantize gestures.mote --calibrate train/ -o packed.mote\n",
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    mote_error error = {0};
    if (!c.out) {
        mote_fail(&error, MOTE_E_USAGE, "no output named; add -o PACKED");
        return mote_report("quantize", &error);
    }
    if (c.group > 0 && c.group % 16 != 0) {
        mote_fail(&error, MOTE_E_USAGE, "--group must be a multiple of 16");
        return mote_report("quantize", &error);
    }
    return quantize_file(operands[0], &c, &error) ? MOTE_OK : mote_report("quantize", &error);
}
