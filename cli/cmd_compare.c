#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/json.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "compiler/graph/names.h"
#include "run/layers.h"

static double decibels(const mote_layer *l)
{
    return l->count && l->noise > 0 ? -10 * log10(l->share) : NAN;
}

static void print_layer(const mote_layer *l)
{
    printf("%-40.40s %-12s %-6s ", l->name, l->operator_, mote_dtype_name(l->type));
    if (!l->count)
        printf("%8s %12s\n", "-", "-");
    else if (l->noise == 0)
        printf("%8s %12s\n", "equal", "0");
    else
        printf("%8.1f %12.4g\n", decibels(l), l->largest);
}

static void print(const mote_layers *l)
{
    const int first = mote_layers_first(l), worst = mote_layers_costliest(l);
    int compared = 0;
    printf("%-40s %-12s %-6s %8s %12s\n", "result", "operator", "type", "SNR dB", "largest off");
    for (int i = 0; i < l->count; i++) {
        print_layer(&l->items[i]);
        compared += l->items[i].count > 0;
    }
    printf("\n%d of %d results have counterparts, over %zu frame%s.\n", compared, l->count, l->frames,
           l->frames == 1 ? "" : "s");
    if (first < 0) {
        puts("All of them are equal.");
        return;
    }
    printf("First that differs: %s (%s).\n", l->items[first].name, l->items[first].operator_);
    if (worst < 0)
        return;
    const mote_layer *y = &l->items[worst];
    printf("Costs most: %s (%s%s%s), whose result has %.3g %% more noise than its inputs, relative to the signal.\n",
           y->name, y->operator_, y->weights ? " with " : "", y->weights ? y->weights : "", 100 * y->cost);
}

static json_t *number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

static void print_json(const mote_layers *l)
{
    const int first = mote_layers_first(l), worst = mote_layers_costliest(l);
    json_t *list = json_array();
    for (int i = 0; i < l->count; i++) {
        const mote_layer *y = &l->items[i];
        json_array_append_new(list, json_pack("{s:o, s:s, s:s, s:b, s:b, s:o, s:f, s:o}", "name",
                                              mote_json_text(y->name), "operator", y->operator_, "type",
                                              mote_dtype_name(y->type), "compared", y->count > 0, "equal",
                                              y->count > 0 && y->noise == 0, "snr_db", number(decibels(y)),
                                              "largest_difference", y->largest, "added_noise", number(y->cost)));
    }
    json_t *all = json_pack("{s:I, s:o}", "frames", (json_int_t)l->frames, "results", list);
    json_object_set_new(all, "first_difference", first < 0 ? json_null() : mote_json_text(l->items[first].name));
    json_object_set_new(all, "costs_most", worst < 0 ? json_null() : mote_json_text(l->items[worst].name));
    mote_json_print(all, JSON_INDENT(2) | JSON_REAL_PRECISION(7));
}

/* Compares with a network, or with arrays. */
static bool compare(const char *reference, mote_network *n, const mote_dataset *d, mote_layers *l, mote_error *error)
{
    mote_network other;
    if (mote_names_arrays(reference))
        return mote_layers_of_arrays(l, reference, n, d, error);
    if (!mote_network_open(&other, reference, error))
        return false;
    const bool done = mote_layers_of(l, &other, n, d, error);
    mote_network_close(&other);
    return done;
}

static bool run(char **operands, const char *data, bool json, mote_error *error)
{
    mote_network n;
    mote_dataset d;
    mote_layers l;
    if (!mote_network_open(&n, operands[1], error))
        return false;
    bool done = mote_dataset_load(&d, data, &n.graph, error);
    if (done) {
        done = compare(operands[0], &n, &d, &l, error);
        if (done) {
            (json ? print_json : print)(&l);
            mote_layers_free(&l);
        }
        mote_dataset_free(&d);
    }
    mote_network_close(&n);
    return done;
}

int mote_cmd_compare(int argc, char **argv)
{
    const char *data = NULL;
    bool json = false;
    const mote_option options[] = {
        {.name = "input",
         .letter = 'i',
         .kind = MOTE_OPTION_TEXT,
         .target = &data,
         .argument = "DATA",
         .help = "samples to run: a file, as for mote run, a folder of files, DATA.csv, or DATA.npz with an array for "
                 "each input"},
        {.name = "json", .kind = MOTE_OPTION_FLAG, .target = &json, .help = "print JSON"},
        {0}};
    const mote_command command = {
        .name = "compare",
        .operands = "REFERENCE MODEL --input DATA [--json]",
        .summary = "Runs two networks on the same samples and compares the results of their operators that have the\n"
                   "same name, as real values: signal to noise, the first that differs, the operator that costs most.\n"
                   "The reference may also be an .npz of values from elsewhere, named as the model's tensors.",
        .options = options,
        .examples = "  mote compare float.mote packed.mote --input pictures/\n"
                    "  mote compare values.npz model.mote --input picture.png --json\n",
        .min_operands = 2,
        .max_operands = 2,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    mote_error error = {0};
    if (!data)
        mote_fail(&error, MOTE_E_USAGE, "nothing to run; add --input DATA");
    return data && run(operands, data, json, &error) ? MOTE_OK : mote_report("compare", &error);
}
