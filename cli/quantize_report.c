#include "cli/quantize_report.h"

#include <math.h>
#include <stdio.h>

static const char *name_of(mote_dtype dtype)
{
    static const char *const names[MOTE_DTYPE_COUNT] = {
        [MOTE_F32] = "float",       [MOTE_I16] = "int16",    [MOTE_I8] = "int8", [MOTE_TERNARY2] = "ternary",
        [MOTE_TERNARY5] = "trits5", [MOTE_I4] = "int4",      [MOTE_I5] = "int5", [MOTE_I6] = "int6",
        [MOTE_F16] = "fp16",        [MOTE_BINARY] = "binary"};
    return names[dtype] ? names[dtype] : "?";
}

/* --- the mix of types --- */

static const mote_fit_choice *chosen(const mote_fit_row *row)
{
    return &row->choices[row->chosen];
}

void mote_fit_print(const mote_fit_table *t, const mote_graph *g)
{
    double sum = 0;
    printf("Nats a token more than the float model's %.4f when one matrix alone is of a type; * marks the choice.\n\n",
           t->float_loss);
    for (int i = 0; i < t->count; i++) {
        const mote_fit_row *row = &t->rows[i];
        printf("%-24s", g->tensors[row->tensor].name);
        for (int j = 0; j < row->count; j++)
            printf("  %7s %8.4f%c", name_of(row->choices[j].dtype), row->choices[j].loss, j == row->chosen ? '*' : ' ');
        printf("  %8llu bytes\n", (unsigned long long)chosen(row)->bytes);
        sum += chosen(row)->loss;
    }
    printf("\n%-24s  %+.4f nats, were losses to add up; %llu bytes of matrices\n", "the mix", sum,
           (unsigned long long)mote_fit_bytes(t));
}

json_t *mote_fit_json(const mote_fit_table *t, const mote_graph *g)
{
    json_t *rows = json_array();
    for (int i = 0; i < t->count; i++) {
        const mote_fit_row *row = &t->rows[i];
        json_t *choices = json_array();
        for (int j = 0; j < row->count; j++)
            json_array_append_new(choices, json_pack("{s:s, s:I, s:f}", "type", name_of(row->choices[j].dtype), "bytes",
                                                     (json_int_t)row->choices[j].bytes, "loss", row->choices[j].loss));
        json_array_append_new(rows, json_pack("{s:s, s:s, s:o}", "matrix", g->tensors[row->tensor].name, "type",
                                              name_of(chosen(row)->dtype), "choices", choices));
    }
    return json_pack("{s:f, s:I, s:o}", "float_loss", t->float_loss, "bytes", (json_int_t)mote_fit_bytes(t), "matrices",
                     rows);
}

/* --- what quantising did --- */

static void total_bytes(const mote_report_table *t, unsigned long long *before, unsigned long long *after)
{
    *before = *after = 0;
    for (int i = 0; i < t->count; i++) {
        *before += t->layers[i].float_bytes;
        *after += t->layers[i].bytes;
    }
}

void mote_report_print(const mote_report_table *t, const mote_graph *g)
{
    printf("%-24s  %-7s  %18s  %21s  %9s  %6s  %8s  %9s  %9s  %5s\n", "matrix", "type", "range", "scale", "saturated",
           "SNR dB", "loss", "bytes", "before", "ratio");
    for (int i = 0; i < t->count; i++) {
        const mote_layer_report *l = &t->layers[i];
        printf("%-24s  %-7s  %8.4f..%8.4f  %.3e..%.3e  %7.2f %%  %6.1f  %+8.4f  %9llu  %9llu  %5.1f\n",
               g->tensors[l->tensor].name, name_of(l->dtype), (double)l->least, (double)l->most, (double)l->least_scale,
               (double)l->most_scale, 100 * l->saturated, l->snr, l->loss, (unsigned long long)l->bytes,
               (unsigned long long)l->float_bytes, (double)l->float_bytes / (double)l->bytes);
    }
    unsigned long long before, after;
    total_bytes(t, &before, &after);
    printf("%-24s  %-7s  %18s  %21s  %9s  %6s  %+8.4f  %9llu  %9llu  %5.1f\n", "all", "", "", "", "", "",
           t->loss - t->float_loss, after, before, (double)before / (double)after);
    printf(
        "\nLoss: nats a token more than the float model's %.4f on the calibration text, activations not quantised.\n",
        t->float_loss);
}

/* A ratio without noise is infinite, which JSON cannot say. */
static json_t *finite_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *mote_report_json(const mote_report_table *t, const mote_graph *g)
{
    json_t *layers = json_array();
    for (int i = 0; i < t->count; i++) {
        const mote_layer_report *l = &t->layers[i];
        json_array_append_new(layers, json_pack("{s:s, s:s, s:[ff], s:[ff], s:f, s:o, s:f, s:I, s:I}", "matrix",
                                                g->tensors[l->tensor].name, "type", name_of(l->dtype), "range",
                                                (double)l->least, (double)l->most, "scale", (double)l->least_scale,
                                                (double)l->most_scale, "saturated", l->saturated, "snr_db",
                                                finite_or_null(l->snr), "loss", l->loss, "bytes", (json_int_t)l->bytes,
                                                "float_bytes", (json_int_t)l->float_bytes));
    }
    unsigned long long before, after;
    total_bytes(t, &before, &after);
    return json_pack("{s:f, s:f, s:I, s:I, s:f, s:o}", "float_loss", t->float_loss, "loss", t->loss, "bytes",
                     (json_int_t)after, "float_bytes", (json_int_t)before, "ratio", (double)before / (double)after,
                     "matrices", layers);
}
