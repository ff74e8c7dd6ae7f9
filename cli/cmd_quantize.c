#include <stdio.h>

#include "cli/options.h"
#include "cli/verbs.h"
#include "compiler/pack/container.h"
#include "compiler/pack/layout.h"
#include "compiler/quantize/quantize.h"

enum { TRAINED, INT8 };

static const char *const weight_choices[] = {"trained", "int8", "ternary", "binary", "int4", "int16", NULL};
static const char *const head_choices[] = {"int8", "ternary", "binary", "int4", "int16", NULL};
static const char *const embedding_choices[] = {"int8", "ternary", "binary", NULL};
static const char *const scale_choices[] = {"tensor", "row", "pow2", "pow2-row", NULL};
static const char *const trit_choices[] = {"2", "5", NULL};
static const char *const chip_choices[] = {"any", "esp32s3", NULL};

/* What the names stand for, from int8 on. */
static const mote_scheme schemes[] = {MOTE_SCHEME_INT8, MOTE_SCHEME_TERNARY, MOTE_SCHEME_SIGN, MOTE_SCHEME_INT4,
                                      MOTE_SCHEME_INT16};
static const mote_granularity granularities[] = {MOTE_PER_TENSOR, MOTE_PER_ROW, MOTE_POW2_TENSOR, MOTE_POW2_ROW};

typedef struct choices {
    int weights, head, embedding, scale, trits, chip;
    const char *out;
} choices;

static mote_quantize_options options_of(const choices *c)
{
    return (mote_quantize_options){
        .as_trained = c->weights == TRAINED,
        .weights = c->weights == TRAINED ? MOTE_SCHEME_INT8 : schemes[c->weights - INT8],
        .head = schemes[c->head],
        .embedding = schemes[c->embedding],
        .granularity = granularities[c->scale],
        .five_trits = c->trits == 1,
    };
}

static bool quantise_file(const char *in, const choices *c, mote_error *error)
{
    mote_graph g, packed;
    if (!mote_graph_load(&g, in, error))
        return false;
    const mote_quantize_options options = options_of(c);
    bool done = mote_graph_quantise(&g, &options, &packed, error);
    mote_graph_free(&g);
    if (!done)
        return false;
    done = (c->chip == 0 || (mote_graph_tiles16(&packed, error) && mote_graph_lanes16(&packed, error))) && mote_graph_save(&packed, c->out, error);
    if (done)
        fprintf(stderr, "%s: packed; %u bytes of arena, %u of state\n", c->out, packed.arena_size, packed.state_size);
    mote_graph_free(&packed);
    return done;
}

int mote_cmd_quantize(int argc, char **argv)
{
    choices c = {.weights = TRAINED, .scale = 1};
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
         .choices = head_choices,
         .help = "the layer that makes the scores, where not as trained; default: int8"},
        {.name = "embedding",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.embedding,
         .argument = "TYPE",
         .choices = embedding_choices,
         .help = "the table of tokens, where not as trained; default: int8"},
        {.name = "scale",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.scale,
         .argument = "KIND",
         .choices = scale_choices,
         .help = "what shares a scale, where not as trained; default: row"},
        {.name = "trits",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.trits,
         .argument = "N",
         .choices = trit_choices,
         .help = "ternary weights at 2 bits each, or 5 in a byte: smaller and slower; default: 2"},
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
                    "  mote quantize float.mote --weights int8 --scale pow2 -o int8.mote\n",
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
    return quantise_file(operands[0], &c, &error) ? MOTE_OK : mote_report("quantize", &error);
}
