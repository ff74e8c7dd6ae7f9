#include "cli/quantize_report.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>

static void print_json(json_t *all)
{
    json_dumpf(all, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(7));
    putchar('\n');
    json_decref(all);
}

static double chosen_loss(const mote_fit_table *t)
{
    double loss = 0;
    for (int i = 0; i < t->count; i++)
        loss += fmax(t->rows[i].choices[t->rows[i].chosen].loss, 0);
    return loss;
}

static json_t *fit_json(const mote_fit_table *t, const mote_graph *g, uint64_t bytes)
{
    json_t *rows = json_array();
    for (int i = 0; i < t->count; i++) {
        const mote_fit_row *r = &t->rows[i];
        json_t *choices = json_array();
        for (int j = 0; j < r->count; j++)
            json_array_append_new(choices,
                                  json_pack("{s:s, s:I, s:f, s:b}", "type", mote_dtype_name(r->choices[j].dtype),
                                            "bytes", (json_int_t)r->choices[j].bytes, "loss", r->choices[j].loss,
                                            "chosen", j == r->chosen));
        json_array_append_new(rows, json_pack("{s:s, s:o}", "name", g->tensors[r->tensor].name, "types", choices));
    }
    return json_pack("{s:I, s:I, s:f, s:f, s:o}", "budget", (json_int_t)bytes, "matrix_bytes",
                     (json_int_t)mote_fit_bytes(t), "float_loss", t->float_loss, "added_loss", chosen_loss(t),
                     "matrices", rows);
}

void mote_print_fit(const mote_fit_table *t, const mote_graph *g, uint64_t bytes, const char *place, bool json)
{
    if (json) {
        print_json(fit_json(t, g, bytes));
        return;
    }
    printf("Nats a token that each matrix adds alone as each type, and its bytes; chosen ones in brackets.\n"
           "Float: %.4f on the calibration text. Budget: %" PRIu64 " bytes, %s.\n\n",
           t->float_loss, bytes, place);
    for (int i = 0; i < t->count; i++) {
        const mote_fit_row *r = &t->rows[i];
        printf("%-24s", g->tensors[r->tensor].name);
        for (int j = 0; j < r->count; j++) {
            const mote_fit_choice *c = &r->choices[j];
            const bool chosen = j == r->chosen;
            printf("  %c%s %+.4f %" PRIu64 "%c", chosen ? '[' : ' ', mote_dtype_name(c->dtype), c->loss, c->bytes,
                   chosen ? ']' : ' ');
        }
        putchar('\n');
    }
    printf("\nTogether %" PRIu64 " bytes of matrices, about %+.4f nats a token.\n", mote_fit_bytes(t), chosen_loss(t));
}

static void totals(const mote_report_table *t, uint64_t *before, uint64_t *after)
{
    *before = *after = 0;
    for (int i = 0; i < t->count; i++) {
        *before += t->layers[i].float_bytes;
        *after += t->layers[i].bytes;
    }
}

static json_t *report_json(const mote_report_table *t, const mote_graph *g)
{
    json_t *layers = json_array();
    uint64_t before, after;
    totals(t, &before, &after);
    for (int i = 0; i < t->count; i++) {
        const mote_layer_report *l = &t->layers[i];
        json_array_append_new(layers,
                              json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:o, s:f, s:I, s:I}", "name",
                                        g->tensors[l->tensor].name, "type", mote_dtype_name(l->dtype), "min",
                                        (double)l->least, "max", (double)l->most, "scale_min", (double)l->least_scale,
                                        "scale_max", (double)l->most_scale, "saturated", l->saturated, "snr_db",
                                        isfinite(l->snr) ? json_real(l->snr) : json_null(), "loss", l->loss,
                                        "float_bytes", (json_int_t)l->float_bytes, "bytes", (json_int_t)l->bytes));
    }
    return json_pack("{s:f, s:f, s:I, s:I, s:f, s:o}", "float_loss", t->float_loss, "loss", t->loss, "float_bytes",
                     (json_int_t)before, "bytes", (json_int_t)after, "ratio", (double)before / (double)after,
                     "matrices", layers);
}

void mote_print_report(const mote_report_table *t, const mote_graph *g, bool json)
{
    if (json) {
        print_json(report_json(t, g));
        return;
    }
    uint64_t before, after;
    totals(t, &before, &after);
    printf("%-24s %-9s %18s %21s %9s %6s %8s %8s\n", "matrix", "type", "range", "scale", "saturated", "SNR dB", "loss",
           "bytes");
    for (int i = 0; i < t->count; i++) {
        const mote_layer_report *l = &t->layers[i];
        printf("%-24s %-9s %8.4f..%8.4f %10.3g..%9.3g %7.2f %% %6.1f %+8.4f %8" PRIu64 "\n", g->tensors[l->tensor].name,
               mote_dtype_name(l->dtype), (double)l->least, (double)l->most, (double)l->least_scale,
               (double)l->most_scale, 100 * l->saturated, l->snr, l->loss, l->bytes);
    }
    printf("\nloss: nats a token on the calibration text when only this matrix is quantised. Float %.4f, all together "
           "%.4f (%+.4f).\n%" PRIu64 " bytes became %" PRIu64 ": 1 of %.1f.\n",
           t->float_loss, t->loss, t->loss - t->float_loss, before, after, (double)before / (double)after);
}
