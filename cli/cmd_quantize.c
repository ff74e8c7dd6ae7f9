#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/calibration_text.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/quantize_report.h"
#include "cli/verbs.h"
#include "compiler/pack/container.h"
#include "compiler/plan/chips.h"
#include "compiler/quantize/fit.h"
#include "compiler/quantize/report.h"

enum { TRAINED, INT8 };

#define TYPES "int8", "int6", "int5", "int4", "ternary", "binary", "int16", "fp16", NULL

static const char *const weight_choices[] = {"trained", TYPES};
static const char *const *const type_choices = weight_choices + INT8;
static const char *const scale_choices[] = {"tensor", "row", "pow2", "pow2-row", NULL};
static const char *const method_choices[] = {"rtn", "mse", "gptq", NULL};
static const char *const trit_choices[] = {"2", "5", NULL};
static const char *const activation_choices[] = {"int8", "int8-static", "int16", NULL};
static const char *const observer_choices[] = {"minmax", "percentile", "mse", NULL};
static const char *const cache_choices[] = {"int8", "int16", NULL};
static const char *const chip_choices[] = {"any", "esp32s3", NULL};

/* What the names stand for, from int8 on. */
static const mote_scheme schemes[] = {MOTE_SCHEME_INT8,    MOTE_SCHEME_INT6, MOTE_SCHEME_INT5,  MOTE_SCHEME_INT4,
                                      MOTE_SCHEME_TERNARY, MOTE_SCHEME_SIGN, MOTE_SCHEME_INT16, MOTE_SCHEME_FP16};
static const mote_granularity granularities[] = {MOTE_PER_TENSOR, MOTE_PER_ROW, MOTE_POW2_TENSOR, MOTE_POW2_ROW};

typedef struct choices {
    int weights, head, embedding, scale, trits, chip;
    int method;
    long group, size;
    mote_texts layers;
    const char *fit;
    bool correct_biases, report, json;
    int activations, observer, cache;
    long context;
    const char *calibrate;
    const char *out;
} choices;

/* Room for what the patterns of --layer point into. */
typedef struct layer_list {
    mote_layer_choice items[MOTE_TEXTS_MOST];
    char patterns[MOTE_TEXTS_MOST][MOTE_NAME_SIZE + 1];
} layer_list;

static int index_of(const char *name, const char *const *names)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

/* PATTERN=TYPE[:METHOD] */
static bool parse_layer(const char *text, mote_layer_choice *layer, char *pattern, mote_error *error)
{
    char type[16], method[16] = "";
    const char *equals = strrchr(text, '=');
    const size_t length = equals ? (size_t)(equals - text) : 0;
    if (!length || length > MOTE_NAME_SIZE || sscanf(equals + 1, "%15[^:]:%15s", type, method) < 1)
        return mote_fail(error, MOTE_E_USAGE, "--layer %s: give PATTERN=TYPE or PATTERN=TYPE:METHOD", text);
    memcpy(pattern, text, length);
    pattern[length] = 0;
    const int scheme = index_of(type, type_choices), how = index_of(method, method_choices);
    if (scheme < 0)
        return mote_fail(error, MOTE_E_USAGE, "--layer %s: there is no type %s; see mote quantize --help", text, type);
    if (strchr(equals, ':') && how < 0)
        return mote_fail(error, MOTE_E_USAGE, "--layer %s: the methods are rtn, mse and gptq", text);
    *layer = (mote_layer_choice){pattern, schemes[scheme], how >= 0, how >= 0 ? (mote_method)how : MOTE_METHOD_RTN};
    return true;
}

static bool parse_layers(const choices *c, layer_list *list, mote_error *error)
{
    for (int i = 0; i < c->layers.count; i++)
        if (!parse_layer(c->layers.items[i], &list->items[i], list->patterns[i], error))
            return false;
    return true;
}

static mote_quantize_options options_of(const choices *c, const layer_list *list)
{
    return (mote_quantize_options){
        .as_trained = c->weights == TRAINED,
        .weights = c->weights == TRAINED ? MOTE_SCHEME_INT8 : schemes[c->weights - INT8],
        .head = schemes[c->head],
        .embedding = schemes[c->embedding],
        .granularity = granularities[c->scale],
        .group = (uint32_t)c->group,
        .method = (mote_method)c->method,
        .layers = list->items,
        .layer_count = c->layers.count,
        .five_trits = c->trits == 1,
        .activations = (mote_activations)c->activations,
        .observer = (mote_observer_kind)c->observer,
        .int16_cache = c->cache == 1,
        .context = (uint32_t)c->context,
    };
}

/* --- the file's size --- */

static const mote_chip *find_chip(const char *name, mote_error *error)
{
    for (int i = 0; i < mote_chip_count; i++) {
        char plain[32];
        size_t n = 0;
        for (const char *p = mote_chips[i].name; *p && n + 1 < sizeof plain; p++)
            if (*p != '-')
                plain[n++] = (char)(*p | ('A' <= *p && *p <= 'Z' ? 32 : 0));
        plain[n] = 0;
        if (strcmp(name, plain) == 0 || strcmp(name, mote_chips[i].name) == 0)
            return &mote_chips[i];
    }
    mote_fail(error, MOTE_E_USAGE, "--fit %s: no such chip; mote info lists them, as in --fit esp32s3", name);
    return NULL;
}

/* A chip runs a file faster out of its RAM than out of flash: there, if the smallest mix fits beside arena and state,
 * else in flash. `packed` is the model in other types, which has that arena and state. */
static uint64_t chip_room(const mote_chip *chip, const mote_graph *packed, uint64_t least)
{
    const uint64_t ram = (uint64_t)chip->ram_kb * 1024, working = (uint64_t)packed->arena_size + packed->state_size;
    const bool fits = working + least <= ram;
    const uint64_t room = fits ? ram - working : (uint64_t)chip->flash_kb * 1024;
    fprintf(stderr, "%s: %llu bytes for the file, %s\n", chip->name, (unsigned long long)room,
            fits ? "to run from RAM" : "in flash, since no mix is small enough for its RAM");
    return room;
}

static bool room_of(const choices *c, mote_quantisation *q, const mote_fit_table *t, uint64_t *room, mote_error *error)
{
    *room = (uint64_t)c->size;
    if (!c->fit)
        return true;
    const mote_chip *chip = find_chip(c->fit, error);
    mote_graph packed;
    mote_bytes file;
    if (!chip || !mote_quantisation_make(q, error) || !mote_quantisation_pack(q, &packed, error))
        return false;
    const bool done = mote_graph_encode(&packed, &file, error);
    if (done) {
        uint64_t matrices = 0;
        for (int i = 0; i < q->from->tensor_count; i++)
            matrices += mote_matrix_bytes(&q->matrices[i]);
        *room = chip_room(chip, &packed, file.size - matrices + mote_fit_least(t));
        free(file.data);
    }
    mote_graph_free(&packed);
    return done;
}

static void show_progress(void *context, size_t done, size_t total)
{
    mote_progress_update(context, done, "of %zu measurements", total);
}

static bool fit(const choices *c, mote_quantisation *q, mote_graph *packed, json_t *results, mote_error *error)
{
    mote_fit_table t;
    uint64_t room;
    if (c->fit && !find_chip(c->fit, error))
        return false;
    mote_progress progress = mote_progress_begin("types", 1);
    const bool measured = mote_fit_init(&t, q, show_progress, &progress, error);
    mote_progress_end(&progress);
    if (!measured)
        return false;
    const bool done = room_of(c, q, &t, &room, error) && mote_fit_file(&t, q, room, packed, error);
    if (done && c->json)
        json_object_set_new(results, "fit", mote_fit_json(&t, q->from));
    else if (done)
        mote_fit_print(&t, q->from);
    mote_fit_free(&t);
    return done;
}

/* --- all of it --- */

static bool report(const choices *c, const mote_quantisation *q, json_t *results, mote_error *error)
{
    mote_report_table t;
    if (!mote_report_init(&t, q, error))
        return false;
    if (c->json)
        json_object_set_new(results, "report", mote_report_json(&t, q->from));
    else
        mote_report_print(&t, q->from);
    mote_report_free(&t);
    return true;
}

static bool save(const choices *c, const mote_graph *packed, mote_error *error)
{
    if (!c->out)
        return true;
    if (!mote_graph_save(packed, c->out, error))
        return false;
    fprintf(stderr, "%s: packed; %u bytes of arena, %u of state\n", c->out, packed->arena_size, packed->state_size);
    return true;
}

static bool quantise(const choices *c, mote_quantisation *q, json_t *results, mote_error *error)
{
    mote_graph packed;
    q->lanes16 = c->chip != 0;
    if (!(c->fit || c->size ? fit(c, q, &packed, results, error)
                            : mote_quantisation_make(q, error) && mote_quantisation_pack(q, &packed, error)))
        return false;
    const bool done = (!c->report || report(c, q, results, error)) && save(c, &packed, error);
    mote_graph_free(&packed);
    return done;
}

static bool quantise_graph(const mote_graph *g, const choices *c, json_t *results, mote_error *error)
{
    layer_list list;
    if (!parse_layers(c, &list, error))
        return false;
    const mote_quantize_options options = options_of(c, &list);
    uint16_t *tokens = NULL;
    size_t count = 0;
    const bool reads = c->report || c->fit || c->size || mote_needs_text(g, &options, c->correct_biases);
    if (reads && !g->packed && !mote_calibration_tokens(g, c->calibrate, &tokens, &count, error))
        return false;
    mote_quantisation q;
    bool done = mote_quantisation_init(&q, g, &options, c->correct_biases, tokens, count, error);
    if (done) {
        done = quantise(c, &q, results, error);
        mote_quantisation_free(&q);
    }
    free(tokens);
    return done;
}

static bool quantise_file(const char *in, const choices *c, mote_error *error)
{
    mote_graph g;
    if (!mote_graph_load(&g, in, error))
        return false;
    json_t *results = json_object();
    const bool done = quantise_graph(&g, c, results, error);
    if (done && json_object_size(results)) {
        json_dumpf(results, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        putchar('\n');
    }
    json_decref(results);
    mote_graph_free(&g);
    return done;
}

static bool consistent(const choices *c, mote_error *error)
{
    if (!c->out && !c->report && !c->fit && !c->size)
        return mote_fail(error, MOTE_E_USAGE, "no output named; add -o PACKED");
    if (c->group % 16)
        return mote_fail(error, MOTE_E_USAGE, "--group %ld: give a multiple of 16", c->group);
    if (c->fit && c->size)
        return mote_fail(error, MOTE_E_USAGE, "--fit and --size both say how large the file may be; give one");
    if ((c->fit || c->size) && c->layers.count)
        return mote_fail(error, MOTE_E_USAGE, "--fit and --size choose all types themselves; leave out --layer");
    return true;
}

int mote_cmd_quantize(int argc, char **argv)
{
    choices c = {.weights = TRAINED, .scale = 1, .observer = MOTE_OBSERVE_PERCENTILE};
    const mote_option options[] = {
        {.name = "output",
         .letter = 'o',
         .kind = MOTE_OPTION_TEXT,
         .target = &c.out,
         .argument = "MODEL",
         .help = "the packed model to write"},
        {.name = "weights",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.weights,
         .argument = "TYPE",
         .choices = weight_choices,
         .help = "how weights become integers; default: as each was trained, int8 where it was not"},
        {.name = "head",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.head,
         .argument = "TYPE",
         .choices = type_choices,
         .help = "the layer that makes the scores, where not as trained; default: int8"},
        {.name = "embedding",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.embedding,
         .argument = "TYPE",
         .choices = type_choices,
         .help = "the table of tokens, where not as trained; default: int8"},
        {.name = "scale",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.scale,
         .argument = "KIND",
         .choices = scale_choices,
         .help = "what shares a scale, where not as trained; default: row"},
        {.name = "group",
         .kind = MOTE_OPTION_INT,
         .target = &c.group,
         .argument = "N",
         .min = 16,
         .max = 32768,
         .help = "N columns of a row share an integer factor of its scale; N a multiple of 16; default: no factors"},
        {.name = "method",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.method,
         .argument = "METHOD",
         .choices = method_choices,
         .help = "round to nearest; scales of the least squared error; codes that make up for each other's errors, "
                 "where\n                             not as trained; default: rtn"},
        {.name = "bias-correction",
         .kind = MOTE_OPTION_FLAG,
         .target = &c.correct_biases,
         .help = "biases take back what quantising changes in the mean"},
        {.name = "layer",
         .kind = MOTE_OPTION_TEXTS,
         .target = &c.layers,
         .argument = "RULE",
         .help = "PATTERN=TYPE[:METHOD] for the matrices of a name, as 'layer*.down=int8:gptq'; the last that matches"},
        {.name = "fit",
         .kind = MOTE_OPTION_TEXT,
         .target = &c.fit,
         .argument = "CHIP",
         .help = "the mix of types with the least loss that runs from this chip's RAM, or else from its flash"},
        {.name = "size",
         .kind = MOTE_OPTION_INT,
         .target = &c.size,
         .argument = "BYTES",
         .min = 1,
         .max = 1 << 30,
         .help = "the mix of types with the least loss in a file of at most so many bytes"},
        {.name = "report",
         .kind = MOTE_OPTION_FLAG,
         .target = &c.report,
         .help = "print what quantising did to each matrix; needs no -o"},
        {.name = "json", .kind = MOTE_OPTION_FLAG, .target = &c.json, .help = "print tables as JSON"},
        {.name = "trits",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.trits,
         .argument = "N",
         .choices = trit_choices,
         .help = "ternary weights at 2 bits each, or 5 in a byte: smaller and slower; default: 2"},
        {.name = "activations",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.activations,
         .argument = "TYPE",
         .choices = activation_choices,
         .help =
             "what products of a transformer read: int8 with a scale for each vector, found while running; int8 with "
             "scales from calibration; int16; default: int8"},
        {.name = "calibrate",
         .kind = MOTE_OPTION_TEXT,
         .target = &c.calibrate,
         .argument = "TEXT",
         .help = "the text from which ranges, statistics and losses are taken; default: self, a text the model says"},
        {.name = "observer",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.observer,
         .argument = "KIND",
         .choices = observer_choices,
         .help = "how int8-static takes a scale from the values seen: all of them, 99.99 %, or with the least squared "
                 "error; default: percentile"},
        {.name = "cache",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.cache,
         .argument = "TYPE",
         .choices = cache_choices,
         .help = "keys and values of attention; default: int8, with a scale for each head and token"},
        {.name = "context",
         .kind = MOTE_OPTION_INT,
         .target = &c.context,
         .argument = "N",
         .min = 1,
         .max = 32768,
         .help = "attend to the last N tokens only, which is what the state holds; default: the model's own"},
        {.name = "chip",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.chip,
         .argument = "CHIP",
         .choices = chip_choices,
         .help = "lay weights out for this chip's kernels; it runs elsewhere too, slower; default: any"},
        {0}};
    const mote_command command = {
        .name = "quantize",
        .operands = "MODEL -o PACKED [OPTIONS]",
        .summary = "Makes a float model small enough for a chip: integer weights, integer arithmetic, every byte "
                   "placed, and a\n"
                   "golden output inside that any chip can replay.",
        .options = options,
        .examples = "  mote quantize story.mote -o story-packed.mote\n"
                    "  mote quantize float.mote --weights int8 --scale pow2 -o int8.mote\n"
                    "  mote quantize float.mote --weights int4 --method gptq --layer '*.down=int6' -o mixed.mote\n"
                    "  mote quantize float.mote --fit esp32s3 --method gptq --report -o s3.mote\n"
                    "  mote quantize stories260K.mote --weights int8 --context 256 --calibrate stories.txt -o s.mote\n",
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    mote_error error = {0};
    return consistent(&c, &error) && quantise_file(operands[0], &c, &error) ? MOTE_OK : mote_report("quantize", &error);
}
