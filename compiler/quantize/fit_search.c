#include "compiler/quantize/fit_search.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/quantize/fit_trial.h"
#include "compiler/quantize/probe.h"

/* Prices: 0, powers of 2 to both sides of the middle one, and one so high that only time counts. Sizes: equal steps
 * from the best mix at the middle price half of the way to the smallest types. */
enum { STEPS = 6, HIGHEST = 24, MIDDLE = 1 + STEPS, PRICES = 2 * STEPS + 3, SIZES = 6, ATTEMPTS = 4 };

#define LEAST_LOSS 1e-9 /* a smaller one has no logarithm that could be compared */

typedef struct search {
    mote_fit_frontier *f; /* all mixes that were tried, until the end */
    mote_fit_table *t;
    mote_quantization *q;
    const mote_calibration *calibration;
    uint64_t bytes; /* limits */
    double cycles;
    mote_error *error;
} search;

/* Returns price i. In the middle is that of the exchange rate for a token of the first types in SRAM. */
static double price_of(const mote_fit_table *t, int i)
{
    double cycles = t->other_work;
    for (int r = 0; r < t->count; r++)
        cycles += t->rows[r].choices[0].work;
    const double middle = MOTE_FIT_EXCHANGE * fmax(t->float_loss, LEAST_LOSS) / cycles;
    return i == 0 ? 0 : ldexp(middle, i == PRICES - 1 ? HIGHEST : i - MIDDLE);
}

/* Measures the loss with all matrices of `q` together. */
static bool find_loss(search *s, double *loss)
{
    mote_graph seen;
    mote_probe p;
    if (!mote_quantization_seen(s->q, &seen, s->error))
        return false;
    bool done = mote_probe_init(&p, &seen, &s->q->source, s->error);
    if (done) {
        done = mote_probe_loss(&p, loss, s->error) || s->error->code == MOTE_E_FORMAT;
        mote_probe_free(&p);
    }
    mote_graph_free(&seen);
    return done;
}

/* Packs the chosen mix and measures it. */
static bool measure(search *s, mote_fit_point *p)
{
    mote_fit_trial trial;
    double loss;
    for (int i = 0; i < s->t->count; i++)
        s->q->recipes[s->t->rows[i].tensor] = s->t->rows[i].choices[s->t->rows[i].chosen].recipe;
    if (!mote_fit_trial_init(&trial, s->q, s->calibration, s->error))
        return false;
    p->bytes = trial.file.size;
    bool done = !s->t->chip || mote_fit_trial_cycles(&trial, s->t->chip, &p->cycles, s->error);
    mote_fit_trial_free(&trial);
    done = done && find_loss(s, &loss);
    p->loss = done ? loss - s->t->float_loss : 0;
    return done;
}

static bool has_mix(const mote_fit_point *p, const mote_fit_table *t)
{
    for (int i = 0; i < t->count; i++)
        if (p->mix[i] != t->rows[i].chosen)
            return false;
    return true;
}

/* Measures the chosen mix, unless it was tried before, and returns its point. Returns NULL on failure, with done false,
 * and if the loss or the cycles are not finite. */
static const mote_fit_point *try_mix(search *s, bool *done)
{
    mote_fit_frontier *f = s->f;
    mote_fit_point p = {0};
    for (int i = 0; i < f->count; i++)
        if (has_mix(&f->points[i], s->t))
            return &f->points[i];
    *done = measure(s, &p);
    if (!*done || f->count == MOTE_FIT_POINTS || !isfinite(p.loss) || !isfinite(p.cycles))
        return NULL;
    p.mix = malloc((size_t)s->t->count + 1);
    *done = p.mix || mote_fail(s->error, MOTE_E_INTERNAL, "no memory to choose types");
    for (int i = 0; p.mix && i < s->t->count; i++)
        p.mix[i] = (uint8_t)s->t->rows[i].chosen;
    f->points[f->count] = p;
    return *done ? &f->points[f->count++] : NULL;
}

/* Tries the best mix for a goal. If its file is too large or its token too slow, chooses again with lower limits. */
static bool try_goal(search *s, mote_fit_goal goal)
{
    const uint64_t bytes = goal.bytes;
    const double cycles = goal.cycles;
    bool done = true;
    for (int i = 0; i < ATTEMPTS && mote_fit_choose(s->t, &goal); i++) {
        const mote_fit_point *p = try_mix(s, &done);
        if (!p || (p->bytes <= bytes && p->cycles <= cycles))
            break;
        const uint64_t excess = p->bytes > bytes ? p->bytes - bytes : 0;
        goal.bytes = goal.bytes > excess ? goal.bytes - excess : 0;
        goal.cycles *= p->cycles > cycles ? cycles / p->cycles : 1;
    }
    return done;
}

/* Tries a goal without and with the limit of cycles. */
static bool try_both(search *s, uint64_t bytes, double price)
{
    return try_goal(s, (mote_fit_goal){bytes, INFINITY, price}) &&
           (!isfinite(s->cycles) || try_goal(s, (mote_fit_goal){bytes, s->cycles, price}));
}

/* Returns limit i of SIZES below the size of the best mix at the middle price. */
static uint64_t size_of(search *s, int i)
{
    const mote_fit_goal goal = {s->bytes, INFINITY, price_of(s->t, MIDDLE)};
    const uint64_t least = mote_fit_least(s->t);
    return mote_fit_choose(s->t, &goal)
               ? least + (mote_fit_bytes(s->t) - least) * (uint64_t)(2 * SIZES - 1 - i) / (2 * SIZES)
               : 0;
}

/* Tries the prices without a lower size, then the sizes at the middle price: memory that is there has no price, so a
 * mix that is only smaller is the best at none. */
static bool try_all(search *s, const mote_fit_progress *progress)
{
    const int prices = s->t->chip ? PRICES : 1, sizes = s->t->chip ? SIZES : 0;
    for (int i = 0; i < prices + sizes; i++) {
        const bool done = i < prices ? try_both(s, s->bytes, price_of(s->t, i))
                                     : try_both(s, size_of(s, i - prices), price_of(s->t, MIDDLE));
        if (s->t->starved)
            return mote_fail(s->error, MOTE_E_INTERNAL, "no memory to choose types");
        if (!done)
            return false;
        if (progress->show)
            progress->show(progress->context, (size_t)i + 1, (size_t)(prices + sizes));
    }
    return true;
}

/* Returns what the decision minimizes; INFINITY for a point beyond the limits. */
static double score(const search *s, const mote_fit_point *p)
{
    if (p->bytes > s->bytes || p->cycles > s->cycles)
        return INFINITY;
    return s->t->chip && !isfinite(s->cycles)
               ? log(fmax(s->t->float_loss + p->loss, LEAST_LOSS)) + MOTE_FIT_EXCHANGE * log(p->cycles)
               : p->loss;
}

static bool exceeds(const mote_fit_point *a, const mote_fit_point *b)
{
    return a->loss <= b->loss && a->bytes <= b->bytes && a->cycles <= b->cycles &&
           (a->loss < b->loss || a->bytes < b->bytes || a->cycles < b->cycles);
}

static int by_loss(const void *a, const void *b)
{
    const mote_fit_point *x = a, *y = b;
    return (x->loss > y->loss) - (x->loss < y->loss);
}

/* Removes points that are too large or exceeded by another, and sorts the rest. */
static void keep_frontier(search *s)
{
    mote_fit_frontier *f = s->f;
    bool beaten[MOTE_FIT_POINTS] = {0};
    int kept = 0;
    for (int i = 0; i < f->count; i++) {
        beaten[i] = f->points[i].bytes > s->bytes;
        for (int j = 0; j < f->count; j++)
            beaten[i] = beaten[i] || (f->points[j].bytes <= s->bytes && exceeds(&f->points[j], &f->points[i]));
    }
    for (int i = 0; i < f->count; i++)
        if (beaten[i])
            free(f->points[i].mix);
        else
            f->points[kept++] = f->points[i];
    f->count = kept;
    qsort(f->points, (size_t)kept, sizeof *f->points, by_loss);
}

/* Fails because no point is within the limits. */
static bool fail_limits(const search *s)
{
    double fastest = INFINITY;
    for (int i = 0; i < s->f->count; i++)
        fastest = fmin(fastest, s->f->points[i].cycles);
    if (s->f->count == 0)
        return mote_fail(s->error, MOTE_E_UNSUPPORTED,
                         "no mix of types makes a file of %llu bytes; the smallest has some %llu",
                         (unsigned long long)s->bytes, (unsigned long long)mote_fit_least(s->t));
    const double second = s->t->chip->mhz * 1e6;
    return mote_fail(s->error, MOTE_E_UNSUPPORTED,
                     "no mix of types was found with %.0f tokens/s on %s; the fastest that was tried has %.0f",
                     second / s->cycles, s->t->chip->name, second / fastest);
}

static bool decide(search *s)
{
    mote_fit_frontier *f = s->f;
    double best = INFINITY;
    keep_frontier(s);
    for (int i = 0; i < f->count; i++)
        if (score(s, &f->points[i]) < best) {
            best = score(s, &f->points[i]);
            f->chosen = i;
        }
    if (!(best < INFINITY))
        return fail_limits(s);
    for (int i = 0; i < s->t->count; i++) {
        mote_fit_row *row = &s->t->rows[i];
        row->chosen = f->points[f->chosen].mix[i];
        s->q->recipes[row->tensor] = row->choices[row->chosen].recipe;
    }
    return true;
}

bool mote_fit_search(mote_fit_frontier *f, mote_fit_table *t, mote_quantization *q, uint64_t bytes, double cycles,
                     const mote_calibration *calibration, const mote_fit_progress *progress, mote_error *error)
{
    search s = {f, t, q, calibration, bytes, cycles, error};
    *f = (mote_fit_frontier){0};
    if (try_all(&s, progress) && decide(&s))
        return true;
    mote_fit_frontier_free(f);
    return false;
}

void mote_fit_frontier_free(mote_fit_frontier *f)
{
    for (int i = 0; i < f->count; i++)
        free(f->points[i].mix);
    *f = (mote_fit_frontier){0};
}
