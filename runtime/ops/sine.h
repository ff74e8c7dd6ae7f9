#ifndef MOTE_RUNTIME_SINE_H
#define MOTE_RUNTIME_SINE_H

#include <stdint.h>

extern const int16_t mote_sine_table[130];

/* Returns the sine in Q15 of a phase in 2^-32 turns, by linear interpolation between multiples of 1/512 turn. */
static inline int32_t mote_sine(uint32_t phase)
{
    const uint32_t part = phase & 0x3fffffffu, quarter = phase >> 30;
    const uint32_t x = quarter & 1 ? 0x40000000u - part : part;
    const int16_t *t = mote_sine_table + (x >> 23);
    const int32_t y = t[0] + (((t[1] - t[0]) * (int32_t)(x >> 7 & 0xffff) + 32768) >> 16);
    return quarter & 2 ? -y : y;
}

static inline int32_t mote_cosine(uint32_t phase)
{
    return mote_sine(phase + 0x40000000u);
}

#endif
