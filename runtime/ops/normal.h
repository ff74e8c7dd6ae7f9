#ifndef MOTE_RUNTIME_NORMAL_H
#define MOTE_RUNTIME_NORMAL_H

#include "../requantise.h"

/* A segment of Φ − 1/2 in Q15, 1/32 wide: its value where it begins and how much it rises. */
typedef struct mote_normal_segment {
    int16_t value, rise;
} __attribute__((aligned(4))) mote_normal_segment;

extern const mote_normal_segment mote_normal_table[128];

/* Φ of x in Q10 as Q15, for |x| < 4096: linear within a segment, Φ(−x) = 1 − Φ(x). */
static inline int32_t mote_normal(int32_t x)
{
    const int32_t a = x < 0 ? -x : x;
    const mote_normal_segment *s = mote_normal_table + (a >> 5);
    const int32_t y = s->value + ((s->rise * (a & 31)) >> 5);
    return 16384 + (x < 0 ? -y : y);
}

#endif
