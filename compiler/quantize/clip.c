#include "compiler/quantize/clip.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/graph/vector.h"

enum { LANES = 16, STEPS_TRIED = 80, POWERS_TRIED = 6, SCALES_TRIED = 16, LARGEST_FACTOR = 127 };

#define STEP_RATIO 0.97f

/* Sums over weights of importance times w², w·code and code². */
typedef struct sums {
    double ww, wq, qq;
} sums;

typedef struct lane_sums {
    float ww[LANES], wq[LANES], qq[LANES];
} lane_sums;

static inline void add_weight(lane_sums *l, size_t lane, float w, float importance, float inverse, float top, bool sign)
{
    const float nearest = 0x1.8p23f; /* adding and subtracting it rounds to the nearest integer */
    float code = w * inverse;
    code = code > top ? top : code;
    code = code < -top ? -top : code;
    code = sign ? (w < 0 ? -1.0f : 1.0f) : code + nearest - nearest;
    l->ww[lane] += importance * w * w;
    l->wq[lane] += importance * w * code;
    l->qq[lane] += importance * code * code;
}

/* Adds up independent lanes so that the loop vectorizes. `sign`: codes are -1 and 1, else the nearest of -top..top. */
MOTE_CLONES static void sum_row(const float *restrict w, const float *restrict importance, size_t count, float inverse,
                                float top, bool sign, sums *total)
{
    lane_sums l = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (size_t j = 0; j < LANES; j++)
            add_weight(&l, j, w[i + j], importance[i + j], inverse, top, sign);
    for (size_t j = 0; i < count; i++, j++)
        add_weight(&l, j, w[i], importance[i], inverse, top, sign);
    for (size_t j = 0; j < LANES; j++) {
        total->ww += (double)l.ww[j];
        total->wq += (double)l.wq[j];
        total->qq += (double)l.qq[j];
    }
}

static sums sum_block(const mote_block *b, mote_scheme scheme, float step)
{
    sums total = {0};
    for (uint32_t r = 0; r < b->rows; r++)
        sum_row(b->weights + r * b->stride, b->importance, b->columns, 1 / step, (float)mote_scheme_top(scheme),
                scheme == MOTE_SCHEME_SIGN, &total);
    return total;
}

static double error_of(sums s, double step)
{
    return s.ww - 2 * step * s.wq + step * step * s.qq;
}

double mote_block_error(const mote_block *b, mote_scheme scheme, float step)
{
    return error_of(sum_block(b, scheme, step), (double)step);
}

static float largest_of(const mote_block *b)
{
    float largest = 0;
    for (uint32_t r = 0; r < b->rows; r++)
        for (uint32_t c = 0; c < b->columns; c++)
            largest = fmaxf(largest, fabsf(b->weights[r * b->stride + c]));
    return largest;
}

/* Refines a step by the least-squares step of its codes, which never has a larger error. */
static float refined(const mote_block *b, mote_scheme scheme, float step)
{
    for (int round = 0; round < 3; round++) {
        const sums s = sum_block(b, scheme, step);
        if (!(s.qq > 0) || !(s.wq / s.qq > 0x1p-100))
            break;
        step = (float)(s.wq / s.qq);
    }
    return step;
}

float mote_block_step(const mote_block *b, mote_scheme scheme, bool pow2, bool full)
{
    float step = largest_of(b) / (float)mote_scheme_top(scheme);
    if (!(step > 0x1p-100f))
        return 1;
    if (pow2)
        step = exp2f(ceilf(log2f(step)));
    if (full)
        return step;
    float best = step;
    double least = INFINITY;
    for (int i = 0; i < (pow2 ? POWERS_TRIED : STEPS_TRIED); i++, step *= pow2 ? 0.5f : STEP_RATIO) {
        const double error = mote_block_error(b, scheme, step);
        if (error < least) {
            least = error;
            best = step;
        }
    }
    return pow2 ? best : refined(b, scheme, best);
}

int16_t mote_nearest_code(mote_scheme scheme, float value)
{
    const float top = (float)mote_scheme_top(scheme);
    if (scheme == MOTE_SCHEME_SIGN)
        return value < 0 ? -1 : 1;
    return (int16_t)lrintf(fmaxf(-top, fminf(top, value)));
}

/* --- groups: a scale and integer factors --- */

typedef struct factoring {
    const mote_recipe *recipe;
    mote_block *blocks; /* the groups of one row after another */
    float *steps;       /* best step of each block alone */
    uint32_t count;
    uint32_t limit; /* largest factor */
    bool pow2;
} factoring;

/* Returns the better of the two factors next to a block's own step. Adds its error to *error. */
static uint8_t factor_of(const factoring *f, uint32_t i, float scale, double *error)
{
    const float ratio = fmaxf(f->steps[i] / scale, 1);
    const float below = f->pow2 ? exp2f(floorf(log2f(ratio))) : floorf(ratio);
    const float above = f->pow2 ? 2 * below : below + 1;
    const float limit = (float)f->limit, low = fminf(below, limit), high = above > limit ? low : above;
    const double low_error = mote_block_error(&f->blocks[i], f->recipe->scheme, scale * low);
    const double high_error = mote_block_error(&f->blocks[i], f->recipe->scheme, scale * high);
    *error += fmin(low_error, high_error);
    return (uint8_t)(high_error < low_error ? high : low);
}

static float largest_step(const factoring *f)
{
    float largest = 0;
    for (uint32_t i = 0; i < f->count; i++)
        largest = fmaxf(largest, f->steps[i]);
    return largest;
}

/* Returns the scale of least error. Tries SCALES_TRIED scales, from the largest step / `limit` upwards. With pow2 there
 * is one candidate. */
static float best_scale(const factoring *f)
{
    const float largest = largest_step(f);
    if (f->pow2)
        return exp2f(ceilf(log2f(largest))) / exp2f(floorf(log2f((float)f->limit)));
    float best = largest;
    double least = INFINITY;
    for (uint32_t k = f->limit; k > 0 && k + SCALES_TRIED > f->limit; k--) {
        const float scale = largest / (float)k;
        double error = 0;
        for (uint32_t i = 0; i < f->count; i++)
            factor_of(f, i, scale, &error);
        if (error < least) {
            least = error;
            best = scale;
        }
    }
    return best;
}

static uint32_t limit_of(const mote_matrix *m, const mote_recipe *recipe)
{
    const uint32_t room = recipe->room ? recipe->room : 1u << 23;
    const uint32_t limit = room / (m->columns * (uint32_t)mote_scheme_top(recipe->scheme));
    return limit < 1 ? 1 : limit > LARGEST_FACTOR ? LARGEST_FACTOR : limit;
}

/* Fits the scale that rows first..first+rows share, and the factors of their groups. */
static void fit_groups(mote_matrix *m, const float *weights, const float *importance, factoring *f, uint32_t first,
                       uint32_t rows)
{
    const uint32_t groups = mote_matrix_groups(m);
    f->count = rows * groups;
    for (uint32_t i = 0; i < f->count; i++) {
        const uint32_t column = i % groups * m->group, rest = m->columns - column;
        f->blocks[i] = (mote_block){weights + (size_t)(first + i / groups) * m->columns + column, importance + column,
                                    1, rest < m->group ? rest : m->group, 0};
        f->steps[i] = mote_block_step(&f->blocks[i], f->recipe->scheme, f->pow2, f->recipe->method == MOTE_METHOD_RTN);
        if (!(largest_of(&f->blocks[i]) > 0))
            f->steps[i] = 0x1p-100f;
    }
    const float scale = best_scale(f);
    double error = 0;
    for (uint32_t i = 0; i < f->count; i++)
        m->groups[(size_t)first * groups + i] = factor_of(f, i, scale, &error);
    for (uint32_t r = first; r < first + rows; r++)
        m->scales[r] = scale;
}

static bool fit_all_groups(mote_matrix *m, const float *weights, const float *importance, const mote_recipe *recipe,
                           mote_error *error)
{
    const uint32_t sharing = mote_granularity_is_row(recipe->granularity) ? 1 : m->rows;
    const size_t count = (size_t)sharing * mote_matrix_groups(m);
    factoring f = {.recipe = recipe,
                   .blocks = calloc(count + 1, sizeof *f.blocks),
                   .steps = calloc(count + 1, sizeof *f.steps),
                   .limit = limit_of(m, recipe),
                   .pow2 = mote_granularity_is_pow2(recipe->granularity)};
    const bool room = f.blocks && f.steps;
    for (uint32_t r = 0; room && r < m->rows; r += sharing)
        fit_groups(m, weights, importance, &f, r, sharing);
    free(f.blocks);
    free(f.steps);
    return room || mote_fail(error, MOTE_E_INTERNAL, "no memory to scale a matrix in groups");
}

bool mote_fit_scales(mote_matrix *m, const float *weights, const float *importance, const mote_recipe *recipe,
                     mote_error *error)
{
    if (m->groups)
        return fit_all_groups(m, weights, importance, recipe, error);
    const uint32_t sharing = mote_granularity_is_row(recipe->granularity) ? 1 : m->rows;
    for (uint32_t r = 0; r < m->rows; r++) {
        const mote_block b = {weights + (size_t)r * m->columns, importance, sharing, m->columns, m->columns};
        m->scales[r] = r % sharing ? m->scales[r - 1]
                                   : mote_block_step(&b, recipe->scheme, mote_granularity_is_pow2(recipe->granularity),
                                                     recipe->method == MOTE_METHOD_RTN);
    }
    return true;
}
