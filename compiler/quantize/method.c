#include "compiler/quantize/method.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/pack/codes.h"
#include "compiler/quantize/clip.h"
#include "compiler/quantize/gptq.h"
#include "runtime/ops/half.h"

#define DAMPING     0.1f /* in means of the diagonal; best value on self-generated text */
#define SCALE_RANGE 256.0f
#define ROOM        (1u << 23)

enum { MOST_FRACTION = 24 };

static bool row_is_empty(const mote_matrix *m, uint32_t row)
{
    for (uint32_t c = 0; c < m->columns; c++)
        if (m->codes[(size_t)row * m->columns + c])
            return false;
    return true;
}

/* Gives rows of zeros the largest scale of the other rows, so that they do not widen the range of scales. */
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
    mote_quantize_matrix(recipe->scheme, recipe->granularity, weights, m->rows, m->columns, codes, m->scales);
    for (size_t i = 0; i < count; i++)
        m->codes[i] = codes[i];
    free(codes);
    return true;
}

static void round_codes(mote_matrix *m, const float *weights, mote_scheme scheme)
{
    for (uint32_t r = 0; r < m->rows; r++)
        for (uint32_t c = 0; c < m->columns; c++)
            m->codes[(size_t)r * m->columns + c] =
                mote_nearest_code(scheme, weights[(size_t)r * m->columns + c] / mote_matrix_step(m, r, c));
}

/* Fills scales, then codes. DAMPING gives columns whose inputs were all 0 some importance, so that their weights keep
 * sensible values. */
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

/* Fills an fp16 matrix: halves as stored, and the integers that a product uses, with as many fraction bits as 16 bits
 * and the room of a row allow. */
static bool fill_halves(mote_matrix *m, const float *weights, uint32_t room, mote_error *error)
{
    const size_t count = (size_t)m->rows * m->columns;
    float largest = 0;
    double widest = 0; /* largest Σ|w| of a row */
    for (uint32_t r = 0; r < m->rows; r++) {
        double sum = 0;
        for (uint32_t c = 0; c < m->columns; c++) {
            const float size = fabsf(weights[(size_t)r * m->columns + c]);
            largest = fmaxf(largest, size);
            sum += (double)size;
        }
        widest = fmax(widest, sum);
    }
    if (largest >= 65520)
        return mote_fail(error, MOTE_E_FORMAT, "weights up to %g are beyond fp16; choose another type",
                         (double)largest);
    while (m->fraction < MOST_FRACTION && ldexp((double)largest, m->fraction + 1) <= 32767 &&
           ldexp(widest, m->fraction + 1) + m->columns <= room)
        m->fraction++;
    for (size_t i = 0; i < count; i++) {
        m->halves[i] = mote_half_of(weights[i]);
        m->codes[i] = (int16_t)mote_half_fixed(m->halves[i], (uint32_t)m->fraction);
    }
    for (uint32_t r = 0; r < m->rows; r++)
        m->scales[r] = ldexpf(1, -m->fraction);
    return true;
}

/* Raises the scales of rows beyond the lanes' limit, to about 0.1 % above the finest that suffices. Does nothing if a
 * row exceeds `coarser` times the limit. */
static void fit_lanes(mote_matrix *m, const float *weights, const mote_recipe *recipe)
{
    uint32_t most = 0;
    for (uint32_t r = 0; r < m->rows; r++)
        most = mote_matrix_magnitude(m, r) > most ? mote_matrix_magnitude(m, r) : most;
    if (most > recipe->coarser * recipe->lanes)
        return;
    for (uint32_t r = 0; r < m->rows; r++)
        for (uint32_t sum; (sum = mote_matrix_magnitude(m, r)) > recipe->lanes;) {
            m->scales[r] *= 1.001f * (float)sum / (float)recipe->lanes;
            for (size_t c = 0, at = (size_t)r * m->columns; c < m->columns; c++, at++)
                m->codes[at] = mote_nearest_code(recipe->scheme, weights[at] / m->scales[r]);
        }
}

static bool fill(mote_matrix *m, const float *weights, const mote_recipe *recipe, const mote_hessian *h,
                 mote_error *error)
{
    if (recipe->scheme == MOTE_SCHEME_FP16)
        return fill_halves(m, weights, recipe->room ? recipe->room : ROOM, error);
    if (recipe->scheme == MOTE_SCHEME_INT16) {
        mote_quantize_int16(recipe->granularity, recipe->room ? recipe->room : ROOM, weights, m->rows, m->columns,
                            m->codes, m->scales);
        return true;
    }
    if (recipe->method != MOTE_METHOD_RTN || m->groups)
        return fill_by_error(m, weights, recipe, h, error);
    if (!fill_as_trained(m, weights, recipe))
        return false;
    if (recipe->scheme == MOTE_SCHEME_INT8 && recipe->granularity == MOTE_PER_ROW && recipe->lanes)
        fit_lanes(m, weights, recipe);
    if (recipe->even)
        mote_matrix_raise_scales(m, mote_matrix_largest_scale(m) / SCALE_RANGE);
    return true;
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
    mote_fail(error, MOTE_E_INTERNAL, "no memory to quantize %s", weights->name); /* a default message */
    if (!mote_matrix_alloc(m) || !fill(m, weights->data, recipe, h, error)) {
        mote_matrix_free(m);
        return false;
    }
    if (!m->halves)
        settle_empty_rows(m);
    return true;
}
