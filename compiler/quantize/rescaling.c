#include "compiler/quantize/rescaling.h"

#include <math.h>
#include <stdlib.h>

enum { MIN_SHIFT = -8, MAX_SHIFT = 24, MAX_GAIN = 8, MAX_BIAS = 1 << 30 };

/* Requirements of a row: y = factor · (Σ code·x) + bias, with y and bias in output units. */
typedef struct row_need {
    double factor, bias;
    uint32_t magnitude; /* Σ|code|·factor */
} row_need;

static void find_needs(row_need *needs, const mote_matrix *m, const float *bias, const mote_product_form *form)
{
    const double x_scale = (double)form->x_scale, y_scale = (double)form->y_scale;
    for (uint32_t r = 0; r < m->rows; r++) {
        needs[r] = (row_need){.factor = (double)m->scales[r] * x_scale / y_scale,
                              .bias = bias ? (double)bias[r] / y_scale : 0,
                              .magnitude = mote_matrix_magnitude(m, r)};
    }
}

/* Returns the exponent e of the largest factor f·2^e, 1/2 <= f < 1. Sets *shift_alone if every factor is 2^(e-1). */
static int common_exponent(const row_need *needs, uint32_t rows, bool *shift_alone)
{
    int exponent = -1000;
    *shift_alone = true;
    for (uint32_t r = 0; r < rows; r++) {
        int e;
        const double f = frexp(needs[r].factor, &e);
        *shift_alone = *shift_alone && f == 0.5 && needs[r].factor == needs[0].factor;
        if (e > exponent)
            exponent = e;
    }
    return exponent;
}

/* Fills one row for this shift and gain. Returns false if the bias does not fit, or if the first clamp would cut the
 * row off although its output is within range. `most` is the largest magnitude of an input. */
static bool fit_row(mote_rescaling *q, uint32_t row, const row_need *need, double most)
{
    const double unit = ldexp(1, q->shift); /* accumulator units per unit after the shift */
    double multiplier = 1, rounding = q->shift > 0 ? unit / 2 : 0;
    if (q->multiplier) {
        const double m = rint(need->factor * ldexp(32768, q->shift - q->gain));
        q->multiplier[row] = (int16_t)(m > 32767 ? 32767 : m < 1 ? 1 : m);
        multiplier = q->multiplier[row] / 32768.0;
        rounding += unit / multiplier / 2;
    }
    const double bias = rint(need->bias / need->factor + rounding);
    if (fabs(bias) > MAX_BIAS)
        return false;
    q->bias[row] = (int32_t)bias;
    const double reached = (most * need->magnitude + fabs(bias)) / unit;
    return reached <= 32767 || multiplier * ldexp(32768, q->gain) >= 32767;
}

static bool fit_rows(mote_rescaling *q, const row_need *needs, uint32_t rows, double most)
{
    for (uint32_t r = 0; r < rows; r++)
        if (!fit_row(q, r, &needs[r], most))
            return false;
    return true;
}

static bool fit(mote_rescaling *q, const row_need *needs, uint32_t rows, int exponent, double most)
{
    const int scaled = q->multiplier ? 0 : 1; /* without a multiplier, the shift alone makes the factor 2^(e-1) */
    for (q->gain = 0; q->gain <= MAX_GAIN; q->gain++) {
        const int shift = q->gain - exponent + scaled;
        q->shift = shift > MAX_SHIFT && !scaled ? MAX_SHIFT : shift;
        if (q->shift >= MIN_SHIFT && q->shift <= MAX_SHIFT && fit_rows(q, needs, rows, most))
            return true;
    }
    return false;
}

/* Fills all rows with their factors times 2^exponent, a power of two that the exponent takes back. */
static bool fit_vector_rows(mote_rescaling *q, const row_need *needs, uint32_t rows)
{
    for (uint32_t r = 0; r < rows; r++) {
        const row_need need = {ldexp(needs[r].factor, q->exponent), 0, needs[r].magnitude};
        if (!fit_row(q, r, &need, 127) || 127.0 * need.magnitude + q->bias[r] > ldexp(32767, q->shift))
            return false;
    }
    return true;
}

/* Fits a product whose input scale comes at run time. The largest factor is f·2^exponent, 1/2 <= f < 1, and y =
 * u·2^-q->exponent. */
static bool fit_vector(mote_rescaling *q, const row_need *needs, uint32_t rows, int exponent)
{
    const int common = q->multiplier ? exponent : exponent - 1;
    for (q->shift = 0; q->shift <= MAX_SHIFT; q->shift++) {
        q->exponent = -(common + q->shift);
        if (fit_vector_rows(q, needs, rows))
            return true;
    }
    return false;
}

static uint32_t bound_of(const mote_rescaling *q, const mote_matrix *m, uint32_t most)
{
    uint64_t bound = 0;
    for (uint32_t r = 0; r < m->rows; r++) {
        const uint64_t magnitude = mote_matrix_reach(m, r);
        const uint64_t reached = most * magnitude + (uint32_t)abs(q->bias[r]);
        if (reached > bound)
            bound = reached;
    }
    return bound <= INT32_MAX ? (uint32_t)bound : 0;
}

static bool fit_form(mote_rescaling *q, const mote_matrix *m, const float *bias, const mote_product_form *form,
                     row_need *needs)
{
    bool shift_alone;
    find_needs(needs, m, bias, form);
    const int exponent = common_exponent(needs, m->rows, &shift_alone);
    if (shift_alone) {
        free(q->multiplier);
        q->multiplier = NULL;
    }
    const bool fits = form->x == MOTE_I8V ? fit_vector(q, needs, m->rows, exponent)
                                          : fit(q, needs, m->rows, exponent, form->x == MOTE_I16 ? 32767 : 127);
    q->bound = fits ? bound_of(q, m, form->x == MOTE_I16 ? 32768 : 128) : 0;
    return q->bound > 0;
}

bool mote_rescaling_init(mote_rescaling *q, const mote_matrix *m, const float *bias, const mote_product_form *form,
                         const char *name, mote_error *error)
{
    row_need *needs = calloc(m->rows, sizeof *needs);
    *q = (mote_rescaling){.bias = calloc(m->rows, sizeof *q->bias),
                          .multiplier = calloc(m->rows, sizeof *q->multiplier)};
    bool done = needs && q->bias && q->multiplier;
    if (!done) {
        mote_fail(error, MOTE_E_INTERNAL, "no memory to quantize %s", name);
    } else {
        done = fit_form(q, m, bias, form, needs);
        if (!done)
            mote_fail(error, MOTE_E_UNSUPPORTED, "%s: its weights or biases are too large or too uneven for 16 bits",
                      name);
    }
    free(needs);
    if (!done)
        mote_rescaling_free(q);
    return done;
}

void mote_rescaling_free(mote_rescaling *q)
{
    free(q->bias);
    free(q->multiplier);
    *q = (mote_rescaling){0};
}
