#include "compiler/quantize/observer.h"

#include <math.h>
#include <string.h>

#define COVERED 0.9999 /* fraction of the values that the percentile covers */

enum { BINS = MOTE_OBSERVER_BINS, CANDIDATES = 128 };

/* Doubles the width: every two bins become one. */
static void widen(mote_observer *o)
{
    for (int i = 0; i < BINS / 2; i++)
        o->bins[i] = o->bins[2 * i] + o->bins[2 * i + 1];
    memset(o->bins + BINS / 2, 0, sizeof o->bins / 2);
    o->width *= 2;
}

static void make_room(mote_observer *o, float most)
{
    if (o->width <= 0) { /* the zeros seen so far are in the first bin whatever its width */
        int exponent;
        frexpf(most / BINS, &exponent);
        o->width = fmaxf(ldexpf(1, exponent), 0x1p-120f);
    }
    while (most >= o->width * BINS)
        widen(o);
}

bool mote_observer_see(mote_observer *o, const float *values, size_t count)
{
    float min = o->count ? o->min : INFINITY, max = o->count ? o->max : -INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            return false;
        min = fminf(min, values[i]);
        max = fmaxf(max, values[i]);
    }
    if (!count)
        return true;
    const float most = fmaxf(fabsf(min), fabsf(max));
    if (most > 0x1p100f)
        return false;
    if (most > 0)
        make_room(o, most);
    const float inverse = o->width > 0 ? 1 / o->width : 0;
    for (size_t i = 0; i < count; i++)
        o->bins[(int)(fabsf(values[i]) * inverse)]++;
    o->min = min;
    o->max = max;
    o->count += count;
    return true;
}

float mote_observer_most(const mote_observer *o)
{
    return fmaxf(fabsf(o->min), fabsf(o->max));
}

float mote_observer_beyond(const mote_observer *o, float range)
{
    uint64_t beyond = 0;
    for (int i = BINS - 1; i >= 0 && o->width * (float)i >= range; i--)
        beyond += o->bins[i];
    return o->count ? (float)((double)beyond / (double)o->count) : 0;
}

static float percentile(const mote_observer *o)
{
    const double target = COVERED * (double)o->count;
    double covered = 0;
    for (int i = 0; i < BINS; i++)
        if ((covered += (double)o->bins[i]) >= target)
            return fminf(o->width * (float)(i + 1), mote_observer_most(o));
    return mote_observer_most(o);
}

/* Returns the squared error of the values in codes up to `top`. All values of a bin count as its middle. The error is
 * step²/12 within the range, at most the value's square, and the square of the clipped part beyond it. */
static double squared_error(const mote_observer *o, double range, int top)
{
    const double step = range / top;
    double error = 0;
    for (int i = 0; i < BINS; i++) {
        const double size = (double)o->width * (i + 0.5), cut = size > range ? size - range : 0;
        error += (double)o->bins[i] * (cut > 0 ? cut * cut : fmin(step * step / 12, size * size));
    }
    return error;
}

static float least_error(const mote_observer *o, int top)
{
    const float most = mote_observer_most(o);
    float best = most;
    double least = INFINITY;
    for (int i = CANDIDATES; i > CANDIDATES / 16; i--) {
        const float range = most * (float)i / CANDIDATES;
        const double error = squared_error(o, (double)range, top);
        if (error < least)
            least = error, best = range;
    }
    return best;
}

float mote_observer_range_pow2(const mote_observer *o, int top)
{
    const float most = mote_observer_most(o), whole = (float)top * exp2f(ceilf(log2f(most / (float)top)));
    if (!(most > 0))
        return 0;
    float best = whole;
    for (float range = whole; range >= whole / 4; range /= 2)
        if (squared_error(o, (double)range, top) < squared_error(o, (double)best, top))
            best = range;
    return best;
}

float mote_observer_range(const mote_observer *o, mote_observer_kind kind, int top)
{
    if (o->width <= 0)
        return 0;
    return kind == MOTE_OBSERVE_PERCENTILE ? percentile(o)
           : kind == MOTE_OBSERVE_MSE      ? least_error(o, top)
                                           : mote_observer_most(o);
}

void mote_observer_ranges(const mote_observer *o, int top, float ranges[MOTE_OBSERVER_KIND_COUNT])
{
    for (int kind = 0; kind < MOTE_OBSERVER_KIND_COUNT; kind++)
        ranges[kind] = mote_observer_range(o, (mote_observer_kind)kind, top);
}
