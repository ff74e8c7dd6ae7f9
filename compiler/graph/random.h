/* Seeded random numbers (SplitMix64: Steele, Lea and Flood 2014): 64 bits of state, the same draws on every machine. */
#ifndef MOTE_COMPILER_RANDOM_H
#define MOTE_COMPILER_RANDOM_H

#include <stdint.h>

typedef struct mote_random {
    uint64_t state;
} mote_random;

static inline uint64_t mote_random_bits(mote_random *random)
{
    uint64_t x = random->state += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* Uniform in [0, 1). */
static inline float mote_random_unit(mote_random *random)
{
    return (float)(mote_random_bits(random) >> 40) * 0x1p-24f;
}

/* Approximately normal with mean 0 and variance 1: a sum of 12 uniform numbers, within ±6. */
static inline float mote_random_normal(mote_random *random)
{
    float sum = -6;
    for (int i = 0; i < 12; i++)
        sum += mote_random_unit(random);
    return sum;
}

#endif
