#include "compiler/quantize/matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/quantize/clip.h"
#include "compiler/quantize/gptq.h"

#define DAMPING     0.01f
#define SCALE_RANGE 256.0f
#define ROOM        (1u << 23)

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

static mote_dtype dtype_of(const mote_recipe *recipe)
{
    static const mote_dtype dtypes[MOTE_SCHEME_COUNT] = {
        [MOTE_SCHEME_FLOAT] = MOTE_F32,   [MOTE_SCHEME_INT8] = MOTE_I8, [MOTE_SCHEME_TERNARY] = MOTE_TERNARY2,
        [MOTE_SCHEME_SIGN] = MOTE_BINARY, [MOTE_SCHEME_INT4] = MOTE_I4, [MOTE_SCHEME_INT16] = MOTE_I16,
        [MOTE_SCHEME_INT5] = MOTE_I5,     [MOTE_SCHEME_INT6] = MOTE_I6, [MOTE_SCHEME_FP16] = MOTE_F16,
    };
    return recipe->scheme == MOTE_SCHEME_TERNARY && recipe->five_trits ? MOTE_TERNARY5 : dtypes[recipe->scheme];
}

static bool fill_as_trained(mote_matrix *m, const float *weights, const mote_recipe *recipe)
{
    const size_t count = (size_t)m->rows * m->columns;
    int8_t *codes = malloc(count);
    if (!codes)
        return false;
    mote_quantise_matrix(recipe->scheme, recipe->granularity, weights, m->rows, m->columns, codes, m->scales);
    for (size_t i = 0; i < count; i++)
        m->codes[i] = codes[i];
    free(codes);
    return true;
}

float mote_matrix_largest_scale(const mote_matrix *m)
{
    float largest = 0;
    for (uint32_t r = 0; r < m->rows; r++)
        largest = fmaxf(largest, m->scales[r]);
    return largest;
}

static void round_codes(mote_matrix *m, const float *weights, mote_scheme scheme)
{
    for (uint32_t r = 0; r < m->rows; r++)
        for (uint32_t c = 0; c < m->columns; c++)
            m->codes[(size_t)r * m->columns + c] =
                mote_nearest_code(scheme, weights[(size_t)r * m->columns + c] / mote_matrix_step(m, r, c));
}

/* Scales first, then codes. A column that no input moved counts a little, lest its weights become anything. */
static bool fill_by_error(mote_matrix *m, const float *weights, const mote_recipe *recipe, const mote_hessian *h,
                          mote_error *error)
{
    float *importance = malloc(m->columns * sizeof *importance);
    if (!importance)
        return false;
    double mean = 0;
    for (size_t c = 0; h && c < m->columns; c++)
        mean += (double)h->sum[c * m->columns + c] / m->columns;
    const bool weighted = h && mean > 0 && recipe->method != MOTE_METHOD_RTN;
    for (size_t c = 0; c < m->columns; c++)
        importance[c] = weighted ? (float)((double)h->sum[c * m->columns + c] / mean) + DAMPING : 1;
    bool done = mote_fit_scales(m, weights, importance, recipe, error);
    free(importance);
    const float floor = recipe->even ? mote_matrix_largest_scale(m) / SCALE_RANGE : 0;
    for (uint32_t r = 0; r < m->rows; r++)
        m->scales[r] = fmaxf(m->scales[r], floor);
    if (done && h && recipe->method == MOTE_METHOD_GPTQ)
        done = mote_gptq(m, weights, recipe, h, DAMPING, error);
    else
        round_codes(m, weights, recipe->scheme);
    return done;
}

static bool fill(mote_matrix *m, const float *weights, const mote_recipe *recipe, const mote_hessian *h,
                 mote_error *error)
{
    if (recipe->scheme == MOTE_SCHEME_INT16) {
        mote_quantise_int16(recipe->granularity, recipe->room ? recipe->room : ROOM, weights, m->rows, m->columns,
                            m->codes, m->scales);
        return true;
    }
    if (recipe->method != MOTE_METHOD_RTN || m->groups)
        return fill_by_error(m, weights, recipe, h, error);
    if (!fill_as_trained(m, weights, recipe))
        return false;
    if (recipe->even)
        mote_matrix_raise_scales(m, mote_matrix_largest_scale(m) / SCALE_RANGE);
    return true;
}

static bool take_room(mote_matrix *m)
{
    m->codes = calloc((size_t)m->rows * m->columns, sizeof *m->codes);
    m->scales = malloc(m->rows * sizeof *m->scales);
    if (m->group)
        m->groups = malloc((size_t)m->rows * mote_matrix_groups(m));
    if (m->dtype == MOTE_F16)
        m->halves = malloc((size_t)m->rows * m->columns * sizeof *m->halves);
    return m->codes && m->scales && (!m->group || m->groups) && (m->dtype != MOTE_F16 || m->halves);
}

bool mote_matrix_init(mote_matrix *m, const mote_tensor *weights, const mote_recipe *recipe, const mote_hessian *h,
                      mote_error *error)
{
    const bool grouped = recipe->group && recipe->scheme != MOTE_SCHEME_INT16 && recipe->scheme != MOTE_SCHEME_FP16;
    *m = (mote_matrix){.dtype = dtype_of(recipe),
                       .rows = weights->dims[0],
                       .columns = weights->dims[1],
                       .group = grouped ? recipe->group : 0};
    if (!all_finite(weights->data, mote_tensor_elements(weights)))
        return mote_fail(error, MOTE_E_FORMAT, "tensor %s has infinite or undefined weights; train it again",
                         weights->name);
    mote_fail(error, MOTE_E_INTERNAL, "no memory to quantise %s", weights->name); /* unless something says what it is */
    if (!take_room(m) || !fill(m, weights->data, recipe, h, error)) {
        mote_matrix_free(m);
        return false;
    }
    settle_empty_rows(m);
    return true;
}

bool mote_matrix_copy(mote_matrix *to, const mote_matrix *from, mote_error *error)
{
    *to = *from;
    to->codes = NULL;
    to->scales = NULL;
    to->groups = NULL;
    to->halves = NULL;
    if (!take_room(to)) {
        mote_matrix_free(to);
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for a matrix of %u by %u", from->rows, from->columns);
    }
    const size_t count = (size_t)from->rows * from->columns;
    memcpy(to->codes, from->codes, count * sizeof *to->codes);
    memcpy(to->scales, from->scales, from->rows * sizeof *to->scales);
    if (to->groups)
        memcpy(to->groups, from->groups, (size_t)from->rows * mote_matrix_groups(from));
    if (to->halves)
        memcpy(to->halves, from->halves, count * sizeof *to->halves);
    return true;
}

void mote_matrix_free(mote_matrix *m)
{
    free(m->codes);
    free(m->scales);
    free(m->groups);
    free(m->halves);
    *m = (mote_matrix){0};
}

uint32_t mote_matrix_magnitude(const mote_matrix *m, uint32_t row)
{
    const uint32_t groups = mote_matrix_groups(m);
    uint32_t magnitude = 0;
    for (uint32_t c = 0; c < m->columns; c++)
        magnitude += (uint32_t)abs(m->codes[(size_t)row * m->columns + c]) *
                     (m->groups ? m->groups[(size_t)row * groups + c / m->group] : 1u);
    return magnitude;
}

void mote_matrix_floats(const mote_matrix *m, float *out)
{
    for (uint32_t r = 0; r < m->rows; r++)
        for (uint32_t c = 0; c < m->columns; c++)
            out[(size_t)r * m->columns + c] = (float)m->codes[(size_t)r * m->columns + c] * mote_matrix_step(m, r, c);
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
