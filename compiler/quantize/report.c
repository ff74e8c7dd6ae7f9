#include "compiler/quantize/report.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/quantize/probe.h"
#include "compiler/quantize/select.h"
#include "runtime/model.h"

uint64_t mote_matrix_bytes(const mote_matrix *m)
{
    return (uint64_t)m->rows * (mote_row_size(m->dtype, m->columns) + mote_matrix_groups(m));
}

/* Returns the largest code of a type whose codes may saturate; 0 for other types. */
static int top_of(mote_dtype dtype)
{
    static const int top[MOTE_DTYPE_COUNT] = {
        [MOTE_I8] = 127, [MOTE_I4] = 7, [MOTE_I16] = 32767, [MOTE_I5] = 15, [MOTE_I6] = 31};
    return top[dtype];
}

/* Fills the range of the weights and the ranges of the observers. Quantized weights are always finite. */
static void observe(mote_layer_report *l, const float *weights, size_t count)
{
    mote_observer o = {0};
    mote_observer_see(&o, weights, count);
    l->least = o.min;
    l->most = o.max;
    mote_observer_ranges(&o, top_of(l->dtype), l->ranges);
    if (!top_of(l->dtype))
        l->ranges[MOTE_OBSERVE_MSE] = NAN;
}

static void describe(mote_layer_report *l, const mote_matrix *m, const float *weights)
{
    double power = 0, noise = 0, saturated = 0;
    const int top = top_of(m->dtype);
    l->dtype = m->dtype;
    observe(l, weights, (size_t)m->rows * m->columns);
    l->least_scale = l->most_scale = mote_matrix_step(m, 0, 0);
    for (uint32_t r = 0; r < m->rows; r++)
        for (uint32_t c = 0; c < m->columns; c++) {
            const size_t at = (size_t)r * m->columns + c;
            const float step = mote_matrix_step(m, r, c), w = weights[at];
            const double error = (double)w - (double)m->codes[at] * (double)step;
            l->least_scale = fminf(l->least_scale, step);
            l->most_scale = fmaxf(l->most_scale, step);
            power += (double)w * (double)w;
            noise += error * error;
            saturated += top && abs(m->codes[at]) >= top;
        }
    l->saturated = saturated / ((double)m->rows * m->columns);
    l->snr = 10 * log10(power / noise);
    l->bytes = mote_matrix_bytes(m);
    l->float_bytes = (uint64_t)m->rows * m->columns * sizeof(float);
}

/* Measures the loss with only this matrix quantized; `room` holds its values. */
static bool loss_of(mote_probe *p, const mote_matrix *m, int tensor, float *room, double *loss, mote_error *error)
{
    mote_matrix_floats(m, room);
    mote_probe_replace(p, tensor, room);
    const bool measured = mote_probe_loss(p, loss, error);
    mote_probe_restore(p, tensor);
    return measured;
}

static size_t largest_matrix(const mote_quantization *q)
{
    size_t largest = 1;
    for (int i = 0; i < q->from->tensor_count; i++) {
        const size_t size = (size_t)q->matrices[i].rows * q->matrices[i].columns;
        largest = size > largest ? size : largest;
    }
    return largest;
}

static bool measure_losses(mote_report_table *t, const mote_quantization *q, mote_probe *p, float *room,
                           mote_error *error)
{
    if (!mote_probe_loss(p, &t->float_loss, error))
        return false;
    for (int i = 0; i < t->count; i++) {
        mote_layer_report *l = &t->layers[i];
        if (!loss_of(p, &q->matrices[l->tensor], l->tensor, room, &l->loss, error))
            return false;
        l->loss -= t->float_loss;
    }
    for (int i = 0; i < t->count; i++) {
        mote_matrix_floats(&q->matrices[t->layers[i].tensor], room);
        mote_probe_replace(p, t->layers[i].tensor, room);
    }
    return mote_probe_loss(p, &t->loss, error);
}

static bool report_matrices(mote_report_table *t, const mote_quantization *q, mote_error *error)
{
    mote_probe p;
    t->layers = calloc((size_t)q->from->tensor_count + 1, sizeof *t->layers);
    float *room = malloc(largest_matrix(q) * sizeof *room);
    bool done = t->layers && room;
    if (!done)
        mote_fail(error, MOTE_E_INTERNAL, "no memory for a report");
    for (int i = 0; done && i < q->from->tensor_count; i++)
        if (q->matrices[i].codes) {
            t->layers[t->count].tensor = i;
            describe(&t->layers[t->count++], &q->matrices[i], q->from->tensors[i].data);
        }
    done = done && mote_probe_init(&p, q->from, &q->source, error);
    if (done) {
        done = measure_losses(t, q, &p, room, error);
        mote_probe_free(&p);
    }
    free(room);
    return done;
}

static bool report_activations(mote_report_table *t, const mote_quantization *q, const mote_graph *packed,
                               mote_error *error)
{
    mote_graph seen;
    if (!q->source.is_text)
        return true;
    if (!mote_quantization_seen(q, &seen, error))
        return false;
    const bool done = mote_activations_init(&t->activations, &seen, packed, &q->source, error);
    mote_graph_free(&seen);
    return done;
}

bool mote_report_init(mote_report_table *t, const mote_quantization *q, const mote_graph *packed, mote_error *error)
{
    *t = (mote_report_table){0};
    if (report_matrices(t, q, error) && report_activations(t, q, packed, error))
        return true;
    mote_report_free(t);
    return false;
}

void mote_report_free(mote_report_table *t)
{
    free(t->layers);
    mote_activations_free(&t->activations);
    *t = (mote_report_table){0};
}
