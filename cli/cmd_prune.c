#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/json.h"
#include "cli/options.h"
#include "cli/samples.h"
#include "cli/verbs.h"
#include "compiler/graph/check.h"
#include "compiler/pack/container.h"
#include "compiler/plan/cost.h"
#include "compiler/prune/picture.h"
#include "compiler/prune/prune.h"
#include "runtime/ops/blocks16.h"
#include "runtime/ops/tiles16.h"

enum { MOST_TARGETS = 64, CALIBRATION_SAMPLES = 1 << 15 };

static const char *const granularity_names[] = {"weight", "block", "block8x4", "block16x16", "unit", NULL};
static const char *const pruned_names[] = {"", "weight", "block", "block8x4", "block16x16"};

typedef struct choices {
    int method, granularity;
    double sparsity, threshold;
    const char *out, *layers, *calibrate, *mask, *picture;
    bool global, compensate, embeddings, json;
    long multiple;
} choices;

/* Parses "PATTERN=S,PATTERN=S...". `room` stores the patterns, to which the targets point. */
static bool read_targets(const char *text, char *room, mote_prune_target *targets, int *count, mote_error *error)
{
    char *rest = room;
    *count = 0;
    strcpy(room, text);
    for (char *item; (item = strsep(&rest, ","));) {
        char *equals = strrchr(item, '='), *end = NULL;
        errno = 0;
        const double sparsity = equals ? strtod(equals + 1, &end) : 0;
        if (!equals || equals == item || end == equals + 1 || *end || errno || !(sparsity >= 0 && sparsity <= 1))
            return mote_fail(error, MOTE_E_USAGE, "--layer %s: write PATTERN=S with S from 0 to 1", item);
        if (*count == MOST_TARGETS)
            return mote_fail(error, MOTE_E_USAGE, "--layer: more than %d patterns", MOST_TARGETS);
        *equals = 0;
        targets[(*count)++] = (mote_prune_target){item, sparsity};
    }
    return true;
}

/* Bytes and predicted cycles of a packed product on the ESP32-S3. */
typedef struct packed {
    uint64_t bytes;
    double cycles;
} packed;

static packed product(const mote_prune_layer *l, mote_layout layout, uint32_t rows, uint32_t columns, uint64_t bytes)
{
    const mote_chip *chip = mote_chip_named("ESP32-S3");
    return (packed){bytes, mote_product_work(chip, layout, l->dtype, rows, columns, bytes)};
}

static packed before_pruning(const mote_prune_layer *l)
{
    return product(l, MOTE_LANES16, l->old_rows, l->old_columns,
                   mote_lanes16_size(l->dtype, l->old_rows, l->old_columns));
}

/* Estimated number of 1×16 blocks left: scaled by the fraction of weights kept. */
static uint64_t blocks_left(const mote_prune_layer *l)
{
    const uint64_t all = (uint64_t)l->rows * ((l->columns + MOTE_BLOCK - 1) / MOTE_BLOCK);
    const bool whole = l->granularity == MOTE_PRUNED_BLOCKS1X16 || l->granularity == MOTE_PRUNED_BLOCKS16X16;
    return whole ? (all * (l->total - l->removed) + l->total - 1) / l->total : all;
}

static packed faster(packed a, packed b)
{
    return a.cycles < b.cycles ? a : b;
}

static packed after_pruning(const mote_prune_layer *l)
{
    const packed all = product(l, MOTE_LANES16, l->rows, l->columns, mote_lanes16_size(l->dtype, l->rows, l->columns));
    const packed tiles =
        product(l, MOTE_TILES16, l->rows, l->columns, mote_tiles16_size(l->dtype, l->rows, l->tiles_left));
    const packed blocks =
        product(l, MOTE_BLOCKS16, l->rows, l->columns, mote_blocks16_size(l->dtype, l->rows, blocks_left(l)));
    return faster(faster(blocks, tiles), all);
}

static json_t *json_of_number(double value)
{
    return isnan(value) ? json_null() : json_real(value);
}

static json_t *json_of_layer(const mote_prune_layer *l)
{
    const packed before = before_pruning(l), after = after_pruning(l);
    json_t *layer =
        json_pack("{s:o, s:I, s:I, s:s, s:I, s:I, s:f, s:o}", "name", mote_json_text(l->name), "rows",
                  (json_int_t)l->rows, "columns", (json_int_t)l->columns, "granularity", pruned_names[l->granularity],
                  "weights", (json_int_t)l->total, "removed", (json_int_t)l->removed, "sparsity",
                  (double)l->removed / (double)l->total, "sensitivity", json_of_number(l->sensitivity));
    json_t *numbers = json_pack("{s:I, s:I, s:f, s:f}", "bytes_before", (json_int_t)before.bytes, "bytes_after",
                                (json_int_t)after.bytes, "esp32s3_cycles_before", before.cycles, "esp32s3_cycles_after",
                                after.cycles);
    json_object_set_new(layer, "packed", numbers);
    return layer;
}

static void print_json(const mote_prune_report *r, const char *path, size_t before, size_t after)
{
    json_t *layers = json_array();
    for (int i = 0; i < r->layer_count; i++)
        json_array_append_new(layers, json_of_layer(&r->layers[i]));
    json_t *all = json_pack("{s:o, s:I, s:I, s:f, s:I, s:I, s:o, s:o, s:o}", "model", mote_json_text(path), "weights",
                            (json_int_t)r->total, "removed", (json_int_t)r->removed, "sparsity",
                            (double)r->removed / (double)r->total, "bytes_before", (json_int_t)before, "bytes_after",
                            (json_int_t)after, "loss_before", json_of_number(r->loss_before), "loss_after",
                            json_of_number(r->loss_after), "layers", layers);
    mote_json_print(all, JSON_INDENT(2));
}

static void print_line(const char *name, const char *size, size_t total, size_t removed, packed before, packed after)
{
    printf("%-28s %11s %9zu %9zu %7.1f %% %12llu %9llu %13.0f %9.0f\n", name, size, total, removed,
           100 * (double)removed / (double)total, (unsigned long long)before.bytes, (unsigned long long)after.bytes,
           before.cycles, after.cycles);
}

static void print_text(const mote_prune_report *r, const mote_source *source)
{
    packed before = {0}, after = {0};
    printf("%-28s %11s %9s %9s %9s %12s %9s %13s %9s\n", "matrix", "size", "weights", "removed", "sparsity",
           "bytes before", "after", "cycles before", "after");
    for (int i = 0; i < r->layer_count; i++) {
        const mote_prune_layer *l = &r->layers[i];
        const packed was = before_pruning(l), is = after_pruning(l);
        char size[24];
        snprintf(size, sizeof size, "%ux%u", l->rows, l->columns);
        print_line(l->name, size, l->total, l->removed, was, is);
        before.bytes += was.bytes, before.cycles += was.cycles, after.bytes += is.bytes, after.cycles += is.cycles;
    }
    print_line("all", "", r->total, r->removed, before, after);
    printf("Bytes: once packed. Cycles: of an ESP32-S3.\n");
    if (!isnan(r->loss_before))
        printf("%s of the calibration %s: %.4f before, %.4f after\n",
               source->is_text ? "nats a token" : source->task->unit, source->is_text ? "text" : "samples",
               r->loss_before, r->loss_after);
}

static bool read_calibration(const mote_graph *g, const char *from, mote_prune_options *o, mote_samples *samples,
                             mote_error *error)
{
    if (!from)
        return true;
    if (!mote_samples_open(samples, g, from, error))
        return false;
    samples->source = mote_source_part(&samples->source, 0, CALIBRATION_SAMPLES);
    o->source = &samples->source;
    return samples->source.count >= 2 ||
           mote_fail(error, MOTE_E_FORMAT, "%s: too few calibration samples; give at least two tokens or samples",
                     from);
}

static bool file_size(const mote_graph *g, size_t *size, mote_error *error)
{
    mote_bytes bytes;
    if (!mote_graph_encode(g, &bytes, error))
        return false;
    free(bytes.data);
    *size = bytes.size;
    return true;
}

static bool prune_graph(const mote_graph *g, const choices *c, const mote_prune_options *o, mote_error *error)
{
    mote_graph pruned;
    mote_prune_report report;
    if (!mote_prune(g, o, &pruned, &report, error))
        return false;
    size_t before, after;
    const bool done = file_size(g, &before, error) && file_size(&pruned, &after, error) &&
                      (!c->picture || mote_mask_picture(&pruned, c->picture, error)) &&
                      mote_graph_save(&pruned, c->out, error);
    if (done && report.network.edges)
        fprintf(stderr, "minimum cut: %zu nodes, %zu edges, %.2f s; %zu weights cut\n", report.network.nodes,
                report.network.edges, report.network.seconds, report.network.cut);
    if (done && c->json)
        print_json(&report, c->out, before, after);
    else if (done)
        print_text(&report, o->source);
    mote_prune_report_free(&report);
    mote_graph_free(&pruned);
    return done;
}

static bool prune_file(const char *in, const choices *c, mote_prune_options *o, mote_error *error)
{
    mote_graph g, mask = {0};
    mote_samples samples = {0};
    if (!mote_graph_load(&g, in, error))
        return false;
    const bool done = mote_graph_need_float(&g, in, "mote prune", error) &&
                      (!c->mask || mote_graph_load(&mask, c->mask, error)) &&
                      read_calibration(&g, c->calibrate, o, &samples, error);
    o->mask = c->mask ? &mask : NULL;
    const bool pruned = done && prune_graph(&g, c, o, error);
    mote_samples_close(&samples);
    if (c->mask)
        mote_graph_free(&mask);
    mote_graph_free(&g);
    return pruned;
}

static bool work(const char *in, const choices *c, mote_error *error)
{
    static const mote_pruned kinds[] = {MOTE_PRUNED_WEIGHTS, MOTE_PRUNED_BLOCKS1X16, MOTE_PRUNED_BLOCKS8X4,
                                        MOTE_PRUNED_BLOCKS16X16, MOTE_UNPRUNED};
    mote_prune_target targets[MOST_TARGETS];
    mote_prune_options o = {
        .method = (mote_prune_method)c->method,
        .granularity = kinds[c->granularity],
        .units = kinds[c->granularity] == MOTE_UNPRUNED,
        .sparsity = c->sparsity < 0 ? 0 : c->sparsity,
        .threshold = c->threshold,
        .global = c->global,
        .compensate = c->compensate,
        .embeddings = c->embeddings,
        .multiple = (uint32_t)c->multiple,
        .targets = targets,
    };
    if (!c->out)
        return mote_fail(error, MOTE_E_USAGE, "no output named; add -o OUT");
    if (c->sparsity < 0 && c->threshold == 0 && !c->layers && !c->mask)
        return mote_fail(error, MOTE_E_USAGE, "no amount given; add --sparsity, --threshold, --layer or --mask");
    char *room = strdup(c->layers ? c->layers : "");
    const bool done = (room || mote_fail(error, MOTE_E_INTERNAL, "out of memory")) &&
                      (!c->layers || read_targets(c->layers, room, targets, &o.target_count, error)) &&
                      prune_file(in, c, &o, error);
    free(room);
    return done;
}

int mote_cmd_prune(int argc, char **argv)
{
    choices c = {.method = MOTE_PRUNE_MAGNITUDE, .sparsity = -1, .multiple = 1};
    const mote_option options[] = {
        {.name = "output",
         .letter = 'o',
         .kind = MOTE_OPTION_OUTPUT,
         .target = &c.out,
         .argument = "OUT",
         .help = "the pruned model to write",
         .not_stdout = "the table of matrices is printed there"},
        {.name = "method",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.method,
         .argument = "METHOD",
         .choices = mote_prune_method_names,
         .help = "importance of a weight; all methods except magnitude need --calibrate; default: magnitude"},
        {.name = "granularity",
         .kind = MOTE_OPTION_CHOICE,
         .target = &c.granularity,
         .argument = "WHAT",
         .choices = granularity_names,
         .help = "weights removed together: block is 1x16, block16x16 is the tile that the ESP32-S3 skips; default: "
                 "weight"},
        {.name = "sparsity",
         .letter = 's',
         .kind = MOTE_OPTION_REAL,
         .target = &c.sparsity,
         .argument = "S",
         .max = 1,
         .help = "fraction of the weights to remove from each matrix, or from all together with --global"},
        {.name = "threshold",
         .kind = MOTE_OPTION_REAL,
         .target = &c.threshold,
         .argument = "T",
         .max = 1e6,
         .help = "instead of a fraction: remove weights whose importance is below T times the mean of their matrix",
         .excludes = "sparsity layer global"},
        {.name = "layer",
         .kind = MOTE_OPTION_TEXT,
         .target = &c.layers,
         .argument = "PATTERN=S,...",
         .help = "sparsity of the matrices whose names match PATTERN"},
        {.name = "global",
         .kind = MOTE_OPTION_FLAG,
         .target = &c.global,
         .help = "one budget for all matrices, distributed by their measured losses"},
        {.name = "compensate",
         .kind = MOTE_OPTION_FLAG,
         .target = &c.compensate,
         .help = "adjust the remaining weights (second order)",
         .excludes = "granularity=unit"},
        {.name = "calibrate",
         .kind = MOTE_OPTION_INPUT,
         .target = &c.calibrate,
         .argument = "DATA",
         .help = "calibration samples: a text, self (a text that the model generates), or DATA.npz with the network's "
                 "inputs"},
        {.name = "embeddings", .kind = MOTE_OPTION_FLAG, .target = &c.embeddings, .help = "prune token embeddings too"},
        {.name = "multiple",
         .kind = MOTE_OPTION_INT,
         .target = &c.multiple,
         .argument = "N",
         .min = 1,
         .max = 4096,
         .help = "the number of remaining units is a multiple of N; 16 fills vectors; default: 1",
         .needs = "granularity=unit"},
        {.name = "mask",
         .kind = MOTE_OPTION_INPUT,
         .target = &c.mask,
         .argument = "MODEL",
         .help = "use the masks of this pruned model",
         .excludes = "sparsity threshold layer method granularity global embeddings"},
        {.name = "picture",
         .kind = MOTE_OPTION_OUTPUT,
         .target = &c.picture,
         .argument = "FILE.svg",
         .help = "draw the masks as a picture",
         .not_stdout = "the table of matrices is printed there"},
        {.name = "json", .kind = MOTE_OPTION_FLAG, .target = &c.json, .help = "print JSON"},
        {0}};
    const mote_command command = {
        .name = "prune",
        .operands = "MODEL -o OUT [OPTIONS]",
        .summary = "Removes the least important weights of a float model. Fine-tune with mote train --init OUT to\n"
                   "recover the lost quality; mote quantize packs the result.",
        .options = options,
        .examples = "  mote prune m.mote -o half.mote --sparsity 0.5 --method activation --calibrate text.txt\n"
                    "  mote prune m.mote -o small.mote --granularity unit --sparsity 0.5 --multiple 16\n"
                    "  mote prune m.mote -o m2.mote --sparsity 0.5 --layer 'layer0.*=0.75,head*=0'\n",
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    mote_error error = {0};
    return work(operands[0], &c, &error) ? MOTE_OK : mote_report("prune", &error);
}
