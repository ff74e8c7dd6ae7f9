/* Observes the values of a tensor while samples run through the float graph: their range, and a histogram of their
 * magnitudes, from which a quantizer's range is chosen. Memory is constant for any number of values. */
#ifndef MOTE_COMPILER_OBSERVER_H
#define MOTE_COMPILER_OBSERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOTE_OBSERVER_BINS = 1024 };

typedef struct mote_observer {
    uint64_t count;
    float min, max;
    float width; /* width of a bin of |value|, a power of two; 0 until a value is not 0 */
    uint64_t bins[MOTE_OBSERVER_BINS];
} mote_observer;

typedef enum mote_observer_kind {
    MOTE_OBSERVE_MINMAX,     /* the largest magnitude seen */
    MOTE_OBSERVE_PERCENTILE, /* the magnitude that 99.99 % of the values do not exceed */
    MOTE_OBSERVE_MSE,        /* the range whose quantization has the least mean squared error */
    MOTE_OBSERVER_KIND_COUNT
} mote_observer_kind;

/* Counts values; the observer starts zeroed. Returns false, and counts nothing, if a value is not finite or above
 * 2^100. */
bool mote_observer_see(mote_observer *o, const float *values, size_t count);

/* Returns the largest magnitude seen; 0 if all values were 0. */
float mote_observer_most(const mote_observer *o);

/* Returns the magnitude that the largest code, `top`, should stand for, in 0..mote_observer_most. */
float mote_observer_range(const mote_observer *o, mote_observer_kind kind, int top);

/* Returns the range top·2^k of the least squared error; 0 if all values were 0. */
float mote_observer_range_pow2(const mote_observer *o, int top);

/* Writes the range of each kind. */
void mote_observer_ranges(const mote_observer *o, int top, float ranges[MOTE_OBSERVER_KIND_COUNT]);

/* Returns the fraction of the values whose magnitude exceeds `range`, to the precision of a bin. */
float mote_observer_beyond(const mote_observer *o, float range);

#endif
