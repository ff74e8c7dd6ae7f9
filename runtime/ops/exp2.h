#ifndef MOTE_RUNTIME_EXP2_H
#define MOTE_RUNTIME_EXP2_H

#include <stdint.h>

extern const uint16_t mote_exp2_table[33];

/* Returns 2^(30 - down - x / 2^16) by linear interpolation in a table of 2^-(i/32). down: up to 30; x: below
 * (32 - down)·2^16. Always inline, for loops. */
static inline __attribute__((always_inline)) uint32_t mote_exp2_down(uint32_t down, uint32_t x)
{
    const uint16_t *t = mote_exp2_table + (x >> 11 & 31);
    const uint32_t fraction = ((uint32_t)t[0] << 11) - (uint32_t)(t[0] - t[1]) * (x & 2047); /* in 2^26ths, <= 1 */
    return fraction << 4 >> (down + (x >> 16));
}

/* Returns 2^(one - x / 2^16) likewise. */
static inline uint32_t mote_exp2(uint32_t one, uint32_t x)
{
    return mote_exp2_down(30 - one, x);
}

#endif
