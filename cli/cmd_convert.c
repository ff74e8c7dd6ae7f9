#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "cli/verbs.h"
#include "compiler/manifest/manifest.h"
#include "compiler/pack/container.h"

static const char *const form_choices[] = {"json", "npz", NULL}; /* in the order of mote_manifest_form */

enum { BACK = -1 };

/* Returns true if encoding the graph reproduces the file. A file that this program did not write may contain data that
 * a graph does not keep. */
static bool comes_back(const mote_graph *g, const char *path, mote_error *error)
{
    mote_bytes file, again;
    if (!mote_file_read(path, MOTE_FILE_LIMIT, &file, error))
        return false;
    bool same = mote_graph_encode(g, &again, error);
    if (same) {
        same = file.size == again.size && memcmp(file.data, again.data, file.size) == 0;
        free(again.data);
        if (!same)
            mote_fail(error, MOTE_E_UNSUPPORTED,
                      "%s: not written by this version; converting it back would give a different file", path);
    }
    free(file.data);
    return same;
}

static bool convert_to(const char *path, mote_manifest_form form, const char *out, mote_error *error)
{
    mote_graph g;
    if (!mote_graph_load(&g, path, error))
        return false;
    const bool done = comes_back(&g, path, error) && mote_manifest_save(&g, form, out, error);
    mote_graph_free(&g);
    return done;
}

static bool convert_back(const char *path, const char *out, mote_error *error)
{
    mote_graph g;
    if (!mote_manifest_load(&g, path, error))
        return false;
    const bool done = mote_graph_save(&g, out, error);
    mote_graph_free(&g);
    return done;
}

int mote_cmd_convert(int argc, char **argv)
{
    const char *out = NULL;
    int form = BACK;
    const mote_option options[] = {
        {.name = "output",
         .letter = 'o',
         .kind = MOTE_OPTION_OUTPUT,
         .target = &out,
         .argument = "FILE",
         .help = "the file to write"},
        {.name = "to",
         .kind = MOTE_OPTION_CHOICE,
         .target = &form,
         .argument = "FORM",
         .choices = form_choices,
         .help = "output format: JSON or numpy's npz; default: a model, made from one of these"},
        {0}};
    const mote_command command = {
        .name = "convert",
        .operands = "FILE -o FILE [--to json|npz]",
        .summary = "Writes a model as a manifest with all names, shapes, scales and integers (docs/manifest.md), and "
                   "makes the\nsame model from the manifest, byte for byte.",
        .options = options,
        .examples = "  mote convert packed.mote --to npz -o packed.npz\n"
                    "  mote convert packed.npz -o again.mote\n",
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
        return mote_report("convert", &error);
    }
    const bool done = form == BACK ? convert_back(operands[0], out, &error)
                                   : convert_to(operands[0], (mote_manifest_form)form, out, &error);
    return done ? MOTE_OK : mote_report("convert", &error);
}
