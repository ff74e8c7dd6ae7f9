#include "compiler/quantize/matrix.h"

#include <math.h>
#include <stdlib.h>

static bool row_is_empty(const mote_matrix *m, uint32_t row)
{
    for (uint32_t c = 0; c < m->columns; c++)
        if (m->codes[(size_t)row * m->columns + c])
            return false;
    return true;
}

/* A row of zeros says nothing about its scale, so it takes the one that disturbs no other row. */
static void settle_empty_rows(mote_matrix *m)
{
    float largest = 0;
    for (uint32_t r = 0; r < m->rows; r++)
        if (!row_is_empty(m, r) && m->scales[r] > largest)
            largest = m->scales[r];
    for (uint32_t r = 0; r < m->rows; r++)
        if (row_is_empty(m, r))
            m->scales[r] = largest > 0 ? largest : 1;
}

static bool all_finite(const float *w, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(w[i]))
            return false;
    return true;
}

static mote_dtype dtype_of(mote_scheme scheme, bool five_trits)
{
    switch (scheme) {
    case MOTE_SCHEME_INT16:
        return MOTE_I16;
    case MOTE_SCHEME_INT4:
        return MOTE_I4;
    case MOTE_SCHEME_SIGN:
        return MOTE_BINARY;
    case MOTE_SCHEME_TERNARY:
        return five_trits ? MOTE_TERNARY5 : MOTE_TERNARY2;
    default:
        return MOTE_I8;
    }
}

/* False when out of memory. */
static bool fill(mote_matrix *m, const float *weights, mote_scheme scheme, mote_granularity granularity)
{
    if (scheme == MOTE_SCHEME_INT16) {
        mote_quantise_int16(granularity, weights, m->rows, m->columns, m->codes, m->scales);
        return true;
    }
    const size_t count = (size_t)m->rows * m->columns;
    int8_t *codes = malloc(count);
    if (!codes)
        return false;
    mote_quantise_matrix(scheme, granularity, weights, m->rows, m->columns, codes, m->scales);
    for (size_t i = 0; i < count; i++)
        m->codes[i] = codes[i];
    free(codes);
    return true;
}

bool mote_matrix_init(mote_matrix *m, const mote_tensor *weights, mote_scheme scheme, mote_granularity granularity,
                      bool five_trits, mote_error *error)
{
    *m = (mote_matrix){.dtype = dtype_of(scheme, five_trits), .rows = weights->dims[0], .columns = weights->dims[1]};
    if (!all_finite(weights->data, mote_tensor_elements(weights)))
        return mote_fail(error, MOTE_E_FORMAT, "tensor %s has infinite or undefined weights; train it again",
                         weights->name);
    m->codes = calloc((size_t)m->rows * m->columns, sizeof *m->codes);
    m->scales = malloc(m->rows * sizeof *m->scales);
    if (!m->codes || !m->scales || !fill(m, weights->data, scheme, granularity)) {
        mote_matrix_free(m);
        return mote_fail(error, MOTE_E_INTERNAL, "no memory to quantise %s", weights->name);
    }
    settle_empty_rows(m);
    return true;
}

void mote_matrix_free(mote_matrix *m)
{
    free(m->codes);
    free(m->scales);
    *m = (mote_matrix){0};
}

void mote_matrix_raise_scales(mote_matrix *m, float floor)
{
    for (uint32_t r = 0; r < m->rows; r++) {
        if (m->scales[r] >= floor)
            continue;
        int16_t *row = m->codes + (size_t)r * m->columns;
        for (uint32_t c = 0; c < m->columns; c++)
            if (m->dtype != MOTE_BINARY)
                row[c] = (int16_t)lrintf((float)row[c] * m->scales[r] / floor);
        m->scales[r] = floor;
    }
}
