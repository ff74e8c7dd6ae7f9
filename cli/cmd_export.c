#include <stdio.h>

#include "cli/options.h"
#include "cli/verbs.h"
#include "compiler/graph/check.h"
#include "compiler/import/import.h"
#include "compiler/pack/container.h"

/* In the order of mote_ruvm_type. */
static const char *const type_choices[] = {"int8", "int4", "binary", "fixed16", NULL};

static bool export_file(const char *path, const char *out, mote_ruvm_type type, mote_error *error)
{
    mote_graph g;
    if (!mote_graph_load(&g, path, error))
        return false;
    const bool done =
        mote_graph_need_float(&g, path, "mote export", error) && mote_export_ruvm(&g, path, type, out, error);
    mote_graph_free(&g);
    if (done)
        fprintf(stderr, "%s: exported as RUVM, %s\n", out, type_choices[type]);
    return done;
}

int mote_cmd_export(int argc, char **argv)
{
    const char *out = NULL;
    int type = MOTE_RUVM_INT8;
    const mote_option options[] = {{.name = "output",
                                    .letter = 'o',
                                    .kind = MOTE_OPTION_OUTPUT,
                                    .target = &out,
                                    .argument = "FILE",
                                    .help = "the RUVM file to write"},
                                   {.name = "type",
                                    .kind = MOTE_OPTION_CHOICE,
                                    .target = &type,
                                    .argument = "TYPE",
                                    .choices = type_choices,
                                    .help = "how it stores weights; default: int8"},
                                   {0}};
    const mote_command command = {
        .name = "export",
        .operands = "MODEL -o FILE [OPTIONS]",
        .summary = "Writes a float transformer as a RUVM file (docs/SPEC.md). A model that such a file cannot hold is "
                   "refused.",
        .options = options,
        .examples = "  mote export story.mote -o story.ruvm\n"
                    "  mote export story.mote --type int4 -o story.ruvm\n",
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    mote_error error = {0};
    if (!out) {
        mote_fail(&error, MOTE_E_USAGE, "no output named; add -o FILE");
        return mote_report("export", &error);
    }
    return export_file(operands[0], out, (mote_ruvm_type)type, &error) ? MOTE_OK : mote_report("export", &error);
}
