#ifndef MOTE_RUNTIME_SEGMENT_H
#define MOTE_RUNTIME_SEGMENT_H

#include <stdint.h>

/* A segment, 64 wide, of a piecewise linear curve: the value at its start and the rise to its end. Vector kernels load
 * both as one word. */
typedef struct mote_segment {
    int16_t value, rise;
} __attribute__((aligned(4))) mote_segment;

/* Returns the value of the curve at x >= 0, linear within a segment. */
static inline int32_t mote_segment_at(const mote_segment *curve, int32_t x)
{
    const mote_segment *s = curve + (x >> 6);
    return s->value + ((s->rise * (x & 63)) >> 6);
}

#endif
