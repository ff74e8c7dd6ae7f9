#include "cli/quantize_report.h"
#include "compiler/graph/names.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "cli/json.h"
#include "compiler/plan/cost.h"

static void print_json(json_t *all)
{
    mote_json_print(all, JSON_INDENT(2) | JSON_REAL_PRECISION(7));
}

static double per_second(const mote_fit_table *t, const mote_fit_point *p)
{
    return t->chip->mhz * 1e6 / p->cycles;
}

static json_t *types_json(const mote_fit_row *r)
{
    json_t *types = json_array();
    for (int j = 0; j < r->count; j++)
        json_array_append_new(types, json_pack("{s:s, s:I, s:f, s:b}", "type", mote_dtype_name(r->choices[j].dtype),
                                               "bytes", (json_int_t)r->choices[j].bytes, "loss", r->choices[j].loss,
                                               "chosen", j == r->chosen));
    return types;
}

static json_t *fit_json(const mote_fit_table *t, const mote_fit_frontier *f, const mote_graph *g, uint64_t bytes)
{
    const mote_fit_point *chosen = &f->points[f->chosen];
    json_t *rows = json_array(), *mixes = json_array();
    for (int i = 0; i < t->count; i++)
        json_array_append_new(rows, json_pack("{s:o, s:o}", "name", mote_json_text(g->tensors[t->rows[i].tensor].name),
                                              "types", types_json(&t->rows[i])));
    for (int i = 0; t->chip && i < f->count; i++)
        json_array_append_new(mixes, json_pack("{s:f, s:I, s:f, s:b}", "added_loss", f->points[i].loss, "bytes",
                                               (json_int_t)f->points[i].bytes, "tokens_per_second",
                                               per_second(t, &f->points[i]), "chosen", i == f->chosen));
    json_t *all =
        json_pack("{s:I, s:I, s:f, s:f, s:o}", "budget", (json_int_t)bytes, "bytes", (json_int_t)chosen->bytes,
                  "float_loss", t->float_loss, "added_loss", chosen->loss, "matrices", rows);
    if (t->chip) {
        json_object_set_new(all, "chip", json_string(t->chip->name));
        json_object_set_new(all, "tokens_per_second", json_real(per_second(t, chosen)));
        json_object_set_new(all, "mixes", mixes);
    } else {
        json_decref(mixes);
    }
    return all;
}

static void print_losses(const mote_fit_table *t, const mote_graph *g)
{
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
}

static void print_mixes(const mote_fit_table *t, const mote_fit_frontier *f)
{
    const bool counted = mote_flash_byte_work(t->chip) == 0;
    printf("\nMixes that no other one exceeds in loss, bytes and speed. Loss of all matrices together; speed on %s as "
           "predicted\nfor a token with a full window%s.\n\n  %10s %8s %9s %9s\n",
           t->chip->name, counted ? ", at most: one cycle per instruction" : "", "added loss", "", "bytes", "tokens/s");
    for (int i = 0; i < f->count; i++) {
        const mote_fit_point *p = &f->points[i];
        printf("  %+10.4f %+6.2f %% %9" PRIu64 " %9.0f%s\n", p->loss, 100 * p->loss / t->float_loss, p->bytes,
               per_second(t, p), i == f->chosen ? "  chosen" : "");
    }
}

void mote_print_fit(const mote_fit_table *t, const mote_fit_frontier *f, const mote_graph *g,
                    const mote_fit_budget *budget, bool json)
{
    const mote_fit_point *chosen = &f->points[f->chosen];
    if (json) {
        print_json(fit_json(t, f, g, budget->bytes));
        return;
    }
    printf("Loss in nats a token that each matrix alone adds with each type, and its bytes; chosen types in brackets.\n"
           "Float: %.4f on the calibration text. Budget: %" PRIu64 " bytes, %s.\n\n",
           t->float_loss, budget->bytes, budget->place);
    print_losses(t, g);
    if (t->chip)
        print_mixes(t, f);
    printf("\nChosen: %" PRIu64 " bytes, %+.4f nats a token.\n", chosen->bytes, chosen->loss);
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
