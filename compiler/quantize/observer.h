/* What a tensor's values were while a text ran through the float graph: their range, and the histogram of their sizes
 * from which a quantizer's range is chosen. Memory is constant however many values come. */
#ifndef MOTE_COMPILER_OBSERVER_H
#define MOTE_COMPILER_OBSERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOTE_OBSERVER_BINS = 1024 };

typedef struct mote_observer {
    uint64_t count;
    float min, max;
    float width; /* of a bin of |value|, a power of two; 0 until a value is not 0 */
    uint64_t bins[MOTE_OBSERVER_BINS];
} mote_observer;

typedef enum mote_observer_kind {
    MOTE_OBSERVE_MINMAX,     /* the largest size seen */
    MOTE_OBSERVE_PERCENTILE, /* the size that 99.99 % of the values do not exceed */
    MOTE_OBSERVE_MSE,        /* the range whose quantization has the least mean squared error */
    MOTE_OBSERVER_KIND_COUNT
} mote_observer_kind;

/* Begin with a zeroed observer. False when a value is not finite, and nothing is counted. */
bool mote_observer_see(mote_observer *o, const float *values, size_t count);

/* The largest size seen; 0 when all values were 0. */
float mote_observer_most(const mote_observer *o);

/* The size that the largest code, `top`, should stand for, in 0..mote_observer_most. */
float mote_observer_range(const mote_observer *o, mote_observer_kind kind, int top);

/* By each kind. */
void mote_observer_ranges(const mote_observer *o, int top, float ranges[MOTE_OBSERVER_KIND_COUNT]);

/* The part of the values whose size exceeds `range`, to the precision of a bin. */
float mote_observer_beyond(const mote_observer *o, float range);

#endif
