#include "cli/quantize_report.h"
#include "compiler/graph/names.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "cli/json.h"

static void print_json(json_t *all)
{
    mote_json_print(all, JSON_INDENT(2) | JSON_REAL_PRECISION(7));
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
        json_array_append_new(
            rows, json_pack("{s:o, s:o}", "name", mote_json_text(g->tensors[r->tensor].name), "types", choices));
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
    printf("Loss in nats a token that each matrix alone adds with each type, and its bytes; chosen types in brackets.\n"
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

/* Returns a number, or null for infinity and NaN, which JSON does not have. */
static json_t *json_of(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static const char *text_of(double value, int digits, char room[16])
{
    snprintf(room, 16, isfinite(value) ? "%.*f" : "-", digits, value);
    return room;
}

static json_t *matrix_json(const mote_layer_report *l, const mote_graph *g)
{
    return json_pack("{s:o, s:s, s:f, s:f, s:f, s:o, s:f, s:f, s:f, s:o, s:f, s:I, s:I}", "name",
                     mote_json_text(g->tensors[l->tensor].name), "type", mote_dtype_name(l->dtype), "min",
                     (double)l->least, "max", (double)l->most, "range_percentile",
                     (double)l->ranges[MOTE_OBSERVE_PERCENTILE], "range_mse",
                     json_of((double)l->ranges[MOTE_OBSERVE_MSE]), "scale_min", (double)l->least_scale, "scale_max",
                     (double)l->most_scale, "saturated", l->saturated, "snr_db", json_of(l->snr), "loss", l->loss,
                     "float_bytes", (json_int_t)l->float_bytes, "bytes", (json_int_t)l->bytes);
}

static json_t *activation_json(const mote_activation_report *a, const mote_graph *packed)
{
    const mote_tensor *t = &packed->tensors[a->tensor];
    return json_pack("{s:o, s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:o}", "name", mote_json_text(t->name), "type",
                     mote_dtype_name(t->dtype), "min", (double)a->least, "max", (double)a->most, "range_percentile",
                     (double)a->ranges[MOTE_OBSERVE_PERCENTILE], "range_mse", (double)a->ranges[MOTE_OBSERVE_MSE],
                     "scale_mean", a->scale, "scale_max", a->most_scale, "saturated", a->saturated, "snr_db",
                     json_of(a->snr));
}

static json_t *report_json(const mote_report_table *t, const mote_graph *g, const mote_graph *packed)
{
    json_t *layers = json_array(), *activations = json_array();
    uint64_t before, after;
    totals(t, &before, &after);
    for (int i = 0; i < t->count; i++)
        json_array_append_new(layers, matrix_json(&t->layers[i], g));
    for (int i = 0; i < t->activations.count; i++)
        json_array_append_new(activations, activation_json(&t->activations.rows[i], packed));
    return json_pack("{s:f, s:f, s:f, s:I, s:I, s:f, s:o, s:o}", "float_loss", t->float_loss, "loss", t->loss,
                     "activation_loss", t->activations.loss - t->activations.float_loss, "float_bytes",
                     (json_int_t)before, "bytes", (json_int_t)after, "ratio", (double)before / (double)after,
                     "matrices", layers, "activations", activations);
}

static void print_matrices(const mote_report_table *t, const mote_graph *g)
{
    char mse[16], snr[16];
    printf("%-24s %-11s %18s %8s %8s %21s %9s %6s %8s %8s\n", "matrix", "type", "range", "99.99 %", "MSE", "scale",
           "saturated", "SNR dB", "loss", "bytes");
    for (int i = 0; i < t->count; i++) {
        const mote_layer_report *l = &t->layers[i];
        printf("%-24s %-11s %8.4f..%8.4f %8.4f %8s %10.3g..%9.3g %7.2f %% %6s %+8.4f %8" PRIu64 "\n",
               g->tensors[l->tensor].name, mote_dtype_name(l->dtype), (double)l->least, (double)l->most,
               (double)l->ranges[MOTE_OBSERVE_PERCENTILE], text_of((double)l->ranges[MOTE_OBSERVE_MSE], 4, mse),
               (double)l->least_scale, (double)l->most_scale, 100 * l->saturated, text_of(l->snr, 1, snr), l->loss,
               l->bytes);
    }
}

static void print_activations(const mote_activation_table *t, const mote_graph *packed)
{
    char snr[16];
    printf("%-24s %-11s %18s %8s %8s %21s %9s %6s\n", "activation", "type", "range", "99.99 %", "MSE",
           "scale: mean..largest", "saturated", "SNR dB");
    for (int i = 0; i < t->count; i++) {
        const mote_activation_report *a = &t->rows[i];
        const mote_tensor *tensor = &packed->tensors[a->tensor];
        printf("%-24s %-11s %8.4f..%8.4f %8.4f %8.4f %10.3g..%9.3g %7.2f %% %6s\n", tensor->name,
               mote_dtype_name(tensor->dtype), (double)a->least, (double)a->most,
               (double)a->ranges[MOTE_OBSERVE_PERCENTILE], (double)a->ranges[MOTE_OBSERVE_MSE], a->scale, a->most_scale,
               100 * a->saturated, text_of(a->snr, 1, snr));
    }
}

void mote_print_report(const mote_report_table *t, const mote_graph *g, const mote_graph *packed, bool json)
{
    if (json) {
        print_json(report_json(t, g, packed));
        return;
    }
    uint64_t before, after;
    totals(t, &before, &after);
    print_matrices(t, g);
    const bool text = t->activations.count > 0; /* only calibration on a text measures activations */
    printf("\nloss: %s when only this matrix is quantized. Float %.4f, all together "
           "%.4f (%+.4f).\n%" PRIu64 " bytes became %" PRIu64 ": 1 of %.1f.\n\n",
           text ? "nats a token on the calibration text" : "of the calibration samples", t->float_loss, t->loss,
           t->loss - t->float_loss, before, after, (double)before / (double)after);
    if (!text)
        return;
    print_activations(&t->activations, packed);
    printf("\nCompared with the float model with these matrices, on the calibration text: integer activations add "
           "%+.4f nats a "
           "token.\n99.99 %%, MSE: the magnitude that 99.99 %% of values do not exceed; the clipping point with the "
           "least squared error.\n",
           t->activations.loss - t->activations.float_loss);
}
