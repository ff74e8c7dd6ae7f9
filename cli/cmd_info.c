#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/estimate_report.h"
#include "cli/json.h"
#include "cli/memory_report.h"
#include "cli/options.h"
#include "cli/placement_report.h"
#include "cli/shape_options.h"
#include "cli/verbs.h"
#include "compiler/graph/names.h"
#include "compiler/manifest/json.h"
#include "compiler/pack/container.h"
#include "compiler/plan/chips.h"
#include "compiler/plan/models.h"
#include "compiler/token/token.h"
#include "sim/sim.h"

#define LARGEST_FILE ((size_t)1 << 30)

static size_t constant_bytes(const mote_graph *g)
{
    size_t bytes = 0;
    for (int i = 0; i < g->tensor_count; i++)
        bytes += g->tensors[i].role == MOTE_CONSTANT ? mote_tensor_size(&g->tensors[i]) : 0;
    return bytes;
}

static void print_tensor(const mote_tensor *t)
{
    char shape[48] = "";
    for (int i = 0; i < t->rank; i++) {
        const size_t n = strlen(shape);
        snprintf(shape + n, sizeof shape - n, "%s%u", i ? " x " : "", t->dims[i]);
    }
    printf("  %-28s %-10s %-9s %14s %9zu", t->name, mote_role_names[t->role], mote_dtype_name(t->dtype), shape,
           mote_tensor_size(t));
    if (t->quantizer != MOTE_F32)
        printf("  trained as %s, scale per %s", mote_dtype_name(t->quantizer), mote_granularity_names[t->granularity]);
    if ((t->role == MOTE_INPUT || t->role == MOTE_OUTPUT) && t->quantization.scale > 0)
        printf("  scale %g, zero point %d", (double)t->quantization.scale, t->quantization.zero_point);
    if (t->layout != MOTE_ROWS)
        printf("  %s, |sum| < %u", mote_layout_names[t->layout], t->bound + 1);
    putchar('\n');
}

static void print_chips(const mote_graph *g, size_t file_size)
{
    printf("\n  %-9s %-32s %4s  %-26s %s\n", "chip", "cores", "MHz", "flash: file of KB", "RAM: arena and state of KB");
    for (int i = 0; i < mote_chip_count; i++) {
        const mote_chip *c = &mote_chips[i];
        const mote_fit fit = mote_chip_fit(c, file_size, g->arena_size, g->state_size);
        char flash[40], ram[64];
        snprintf(flash, sizeof flash, "%s %.1f of %u", fit.flash ? "fits" : "NO  ", (double)file_size / 1024,
                 c->flash_kb);
        snprintf(ram, sizeof ram, "%s %.1f of %u%s", fit.ram ? "fits" : "NO  ",
                 (double)(g->arena_size + (uint64_t)g->state_size) / 1024, c->ram_kb,
                 fit.all_ram ? ", the file too" : "");
        printf("  %-9s %-32s %4u  %-26s %s\n", c->name, c->cores, c->mhz, flash, ram);
    }
}

static void print_text(const mote_graph *g, const char *path, size_t file_size, const mote_placement_report *placement)
{
    printf("%s: %s, %zu bytes\n", path, g->packed ? "packed" : "float", file_size);
    for (const char *line = mote_graph_metadata(g); *line;) {
        const size_t length = strcspn(line, "\n");
        printf("  %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
    const mote_tokenizer *tokenizer = (const void *)g->tokenizer;
    if (tokenizer)
        printf("  tokens: %u, %s%s\n", tokenizer->vocabulary,
               tokenizer->kind == MOTE_TOKENIZER_BPE ? "byte pairs" : "bytes",
               mote_tokenizer_unknown_bytes(tokenizer) ? " and one for all others" : "");
    printf("\n  %-28s %-10s %-9s %14s %9s\n", "tensor", "role", "type", "shape", "bytes");
    for (int i = 0; i < g->tensor_count; i++)
        print_tensor(&g->tensors[i]);
    printf("\n  constants %zu bytes", constant_bytes(g));
    if (!g->packed) {
        printf("; a float model: quantize it to see the memory it needs on a chip\n");
        return;
    }
    printf(", arena %u, state %u, operators %d\n", g->arena_size, g->state_size, g->op_count);
    if (placement)
        mote_placement_report_print(placement);
    else
        print_chips(g, file_size);
}

static json_t *json_of_tensor(const mote_tensor *t)
{
    json_t *shape = json_array();
    for (int i = 0; i < t->rank; i++)
        json_array_append_new(shape, json_integer(t->dims[i]));
    json_t *tensor = json_pack("{s:o, s:s, s:s, s:o, s:I, s:f}", "name", mote_json_text(t->name), "role",
                               mote_role_names[t->role], "type", mote_dtype_name(t->dtype), "shape", shape, "bytes",
                               (json_int_t)mote_tensor_size(t), "scale", (double)t->quantization.scale);
    if (t->quantization.zero_point)
        json_object_set_new(tensor, "zero_point", json_integer(t->quantization.zero_point));
    if (t->quantizer != MOTE_F32)
        json_object_set_new(tensor, "trained_as", json_string(mote_dtype_name(t->quantizer)));
    if (t->bound)
        json_object_set_new(tensor, "bound", json_integer(t->bound));
    if (t->layout != MOTE_ROWS)
        json_object_set_new(tensor, "layout", json_string(mote_layout_names[t->layout]));
    if (t->stride)
        json_object_set_new(tensor, "stride", json_integer(t->stride));
    return tensor;
}

static json_t *json_of_chip(const mote_graph *g, const mote_chip *c, size_t file_size)
{
    const mote_fit fit = mote_chip_fit(c, file_size, g->arena_size, g->state_size);
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:b, s:b, s:b}", "name", c->name, "cores", c->cores, "mhz",
                     (json_int_t)c->mhz, "flash_bytes", (json_int_t)c->flash_kb * 1024, "ram_bytes",
                     (json_int_t)c->ram_kb * 1024, "fits_flash", fit.flash, "fits_ram", fit.ram, "fits_ram_with_file",
                     fit.all_ram);
}

static json_t *json_of_metadata(const mote_graph *g)
{
    json_t *metadata = json_object();
    for (const char *line = mote_graph_metadata(g); *line;) {
        const size_t length = strcspn(line, "\n");
        const char *equals = memchr(line, '=', length);
        if (equals) {
            json_t *key = mote_json_bytes(line, (size_t)(equals - line));
            json_object_set_new(metadata, json_string_value(key),
                                mote_json_bytes(equals + 1, length - (size_t)(equals + 1 - line)));
            json_decref(key);
        }
        line += length + (line[length] == '\n');
    }
    return metadata;
}

/* Returns the operators as a manifest lists them, each with the name of its cost function. */
static json_t *json_of_operators(const mote_graph *g)
{
    json_t *list = mote_operators_to_json(g, mote_json_text), *o;
    size_t i;
    json_array_foreach(list, i, o)
        json_object_set_new(o, "cost", json_string(mote_operator_of(g->ops[i].opcode)->cost_name));
    return list ? list : json_array();
}

static void print_json(const mote_graph *g, const char *path, size_t file_size, const mote_placement_report *placement)
{
    json_t *tensors = json_array(), *chips = json_array();
    for (int i = 0; i < g->tensor_count; i++)
        json_array_append_new(tensors, json_of_tensor(&g->tensors[i]));
    for (int i = 0; g->packed && i < mote_chip_count; i++)
        json_array_append_new(chips, json_of_chip(g, &mote_chips[i], file_size));
    json_t *all =
        json_pack("{s:o, s:b, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "model", mote_json_text(path), "packed",
                  g->packed, "file_bytes", (json_int_t)file_size, "constant_bytes", (json_int_t)constant_bytes(g),
                  "arena_bytes", (json_int_t)g->arena_size, "state_bytes", (json_int_t)g->state_size, "metadata",
                  json_of_metadata(g), "tensors", tensors, "operators", json_of_operators(g), "chips", chips);
    if (placement)
        json_object_set_new(all, "placement", mote_placement_report_json(placement));
    mote_json_print(all, JSON_INDENT(2));
}

/* What `mote info` shows of a model besides its contents. */
typedef struct wish {
    const mote_chip *chip; /* the placement of constants; NULL: none */
    uint64_t sram;
    bool memory; /* the arena over a run */
    const char *picture;
    bool json;
} wish;

static bool show_memory(const mote_graph *g, const char *path, const wish *w, mote_error *error)
{
    mote_memory_report r;
    if (!g->packed || !g->op_count)
        return mote_fail(error, MOTE_E_USAGE, "%s: --memory is for packed models; a float model has no arena", path);
    if (!mote_memory_report_make(&r, g, error))
        return false;
    const bool done = !w->picture || mote_memory_report_draw(&r, w->picture, error);
    if (done && w->json)
        mote_json_print(mote_memory_report_json(&r), JSON_INDENT(2));
    else if (done)
        mote_memory_report_print(&r);
    mote_memory_report_free(&r);
    return done;
}

/* Prints information about a model file. */
static bool show(const char *path, const wish *w, mote_error *error)
{
    const mote_chip *chip = w->chip;
    mote_bytes file;
    mote_graph g = {0};
    mote_placement_report placement = {0};
    if (!mote_file_read(path, LARGEST_FILE, &file, error))
        return false;
    bool ok = mote_graph_view(&g, file.data, file.size, path, error) &&
              (!chip || mote_placement_report_make(&placement, file, path, chip, w->sram, error));
    if (ok && w->memory)
        ok = show_memory(&g, path, w, error);
    else if (ok && w->json)
        print_json(&g, path, file.size, chip ? &placement : NULL);
    else if (ok)
        print_text(&g, path, file.size, chip ? &placement : NULL);
    mote_placement_report_free(&placement);
    mote_graph_free(&g);
    free(file.data);
    return ok;
}

/* Prints the memory that a model of this shape needs, without training one. */
static bool estimate(const mote_shape_choices *shape, bool json, mote_error *error)
{
    mote_train_options options = mote_train_defaults();
    if (!mote_shape_given(shape) && shape->chip < 0)
        return mote_fail(error, MOTE_E_USAGE,
                         "no model named; usage: mote info MODEL, or mote info --arch KIND [OPTIONS] for one that is "
                         "not trained yet");
    mote_shape_apply(shape, &options);
    return mote_estimate_show(&options, json, error);
}

/* Returns the index of the chip's model in mote_chip_models, -1 if there is none. */
static int model_for(const mote_chip *chip)
{
    for (int i = 0; chip && i < MOTE_CHIP_MODELS; i++)
        if (mote_chip_of(&mote_chip_models[i]) == chip)
            return i;
    return -1;
}

int mote_cmd_info(int argc, char **argv)
{
    const char *chips[MOTE_SIM_CHIPS + 1] = {NULL};
    for (int i = 0; i < MOTE_SIM_CHIPS; i++)
        chips[i] = mote_sim_chips[i].name;
    bool json = false, memory = false;
    const char *picture = NULL;
    int chip = -1;
    long sram = 0;
    mote_shape_choices shape = MOTE_SHAPE_NOT_GIVEN;
    mote_option shape_options[MOTE_SHAPE_OPTIONS];
    mote_shape_options(&shape, shape_options);
    const mote_option options[] = {
        {.name = "chip",
         .letter = 'c',
         .kind = MOTE_OPTION_CHOICE,
         .target = &chip,
         .argument = "CHIP",
         .choices = chips,
         .help =
             "shows which constants this chip copies to SRAM and the predicted speed; without MODEL, the shape of "
             "a transformer that fits the chip, changed by the other options; a shape that does not fit is an error"},
        {.name = "sram",
         .kind = MOTE_OPTION_INT,
         .target = &sram,
         .argument = "BYTES",
         .min = 1,
         .max = 1L << 20,
         .help = "SRAM for the model; default: the part that the chip leaves for a model",
         .needs = "chip"},
        {.name = "memory",
         .kind = MOTE_OPTION_FLAG,
         .target = &memory,
         .help = "show how much of the arena is in use at each operator, and what is alive where most is",
         .excludes = "chip"},
        {.name = "picture",
         .kind = MOTE_OPTION_OUTPUT,
         .target = &picture,
         .argument = "FILE.svg",
         .help = "draw the arena over the operators",
         .needs = "memory"},
        {.name = "json", .kind = MOTE_OPTION_FLAG, .target = &json, .help = "print JSON"},
        {0}};
    const mote_command command = {
        .name = "info",
        .operands = "[MODEL] [OPTIONS]",
        .summary = "Lists the contents of a model file, the memory it needs, and the chips it fits. Without MODEL: the "
                   "memory that a\n"
                   "model of the given shape needs; the options are those of mote train.",
        .options = options,
        .more = shape_options,
        .more_title = "The model's shape",
        .examples = "  mote info story.mote\n"
                    "  mote info story.mote --chip esp32s3 --sram 65536\n"
                    "  mote info faces.mote --memory --picture arena.svg\n"
                    "  mote info --arch transformer --dim 64 --layers 4 --heads 4 --context 128 --vocab 512\n"
                    "  mote info --arch gru --dim 256 --embed 16 --weights ternary --json\n",
        .min_operands = 0,
        .max_operands = 1,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    mote_error error = {0};
    const mote_chip *on = chip < 0 ? NULL : mote_sim_about(&mote_sim_chips[chip]);
    shape.chip = model_for(on);
    bool done;
    if (!count)
        done = sram || memory ? mote_fail(&error, MOTE_E_USAGE, "%s is for a MODEL", sram ? "--sram" : "--memory")
                              : estimate(&shape, json, &error);
    else if (mote_shape_given(&shape))
        done = mote_fail(&error, MOTE_E_USAGE, "%s has a shape; leave out the options that give one", operands[0]);
    else
        done = show(operands[0],
                    &(wish){.chip = on, .sram = (uint64_t)sram, .memory = memory, .picture = picture, .json = json},
                    &error);
    return done ? MOTE_OK : mote_report("info", &error);
}
