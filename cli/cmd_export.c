#include <stdio.h>

#include "cli/options.h"
#include "cli/verbs.h"
#include "compiler/graph/check.h"
#include "compiler/import/import.h"
#include "compiler/pack/container.h"

/* In the order of mote_ruvm_type. */
static const char *const type_choices[] = {"int8", "int4", "binary", "fixed16", NULL};

typedef enum format { RUVM, LLAMA2C, SAFETENSORS } format;
static const char *const format_choices[] = {"ruvm", "llama2c", "safetensors", NULL};

typedef struct choices {
    const char *out;
    int type, format;
} choices;

static bool write_graph(const mote_graph *g, const char *path, const choices *c, mote_error *error)
{
    switch ((format)c->format) {
    case RUVM:
        return mote_export_ruvm(g, path, (mote_ruvm_type)c->type, c->out, error);
    case LLAMA2C:
        return mote_export_llama2c(g, path, c->out, error);
    case SAFETENSORS:
        return mote_export_huggingface(g, path, c->out, error);
    }
    return false;
}

static bool export_file(const char *path, const choices *c, mote_error *error)
{
    mote_graph g;
    if (!mote_graph_load(&g, path, error))
        return false;
    const bool done = mote_graph_need_float(&g, path, "mote export", error) && write_graph(&g, path, c, error);
    mote_graph_free(&g);
    if (done)
        fprintf(stderr, "%s: exported as %s%s%s\n", c->out, format_choices[c->format], c->format == RUVM ? ", " : "",
                c->format == RUVM ? type_choices[c->type] : "");
    return done;
}

int mote_cmd_export(int argc, char **argv)
{
    choices c = {.type = MOTE_RUVM_INT8, .format = RUVM};
    const mote_option options[] = {{.name = "output",
                                    .letter = 'o',
                                    .kind = MOTE_OPTION_OUTPUT,
                                    .target = &c.out,
                                    .argument = "FILE",
                                    .help = "the file to write; for safetensors, a folder that does not exist yet"},
                                   {.name = "format",
                                    .letter = 'f',
                                    .kind = MOTE_OPTION_CHOICE,
                                    .target = &c.format,
                                    .argument = "FORMAT",
                                    .choices = format_choices,
                                    .help = "default: ruvm; llama2c: a checkpoint of version 0, which run.c reads; "
                                            "safetensors: model.safetensors and config.json of a Llama or GPT-2 model"},
                                   {.name = "type",
                                    .kind = MOTE_OPTION_CHOICE,
                                    .target = &c.type,
                                    .argument = "TYPE",
                                    .choices = type_choices,
                                    .help = "how a RUVM file stores weights; default: int8",
                                    .excludes = "format=llama2c format=safetensors"},
                                   {0}};
    const mote_command command = {
        .name = "export",
        .operands = "MODEL -o FILE [OPTIONS]",
        .summary = "Writes a float transformer in the format of another program (docs/import.md). A model that the "
                   "format cannot hold is refused.",
        .options = options,
        .examples = "  mote export story.mote -o story.ruvm\n"
                    "  mote export story.mote --type int4 -o story.ruvm\n"
                    "  mote export story.mote --format llama2c -o story.bin\n"
                    "  mote export story.mote --format safetensors -o story/\n",
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    mote_error error = {0};
    if (!c.out) {
        mote_fail(&error, MOTE_E_USAGE, "no output named; add -o FILE");
        return mote_report("export", &error);
    }
    return export_file(operands[0], &c, &error) ? MOTE_OK : mote_report("export", &error);
}
