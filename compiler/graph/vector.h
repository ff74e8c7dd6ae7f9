/* Elementwise functions that the C compiler can vectorize, and an attribute that builds a function for several
 * processors. */
#ifndef MOTE_COMPILER_VECTOR_H
#define MOTE_COMPILER_VECTOR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Attribute of a function with plain loops: it is compiled for AVX-512, AVX2 and the baseline, and one version is
 * selected when the program starts. The selection runs before ASan and TSan are initialized, so with these there is
 * only one version. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&               \
    !defined(__SANITIZE_THREAD__)
#define MOTE_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MOTE_CLONES
#endif

void mote_accumulate(float *restrict to, const float *restrict from, size_t count); /* to += from */
/* Computes to[j] += Σ_i from[i][j]. */
void mote_add_columns(float *restrict to, const float *restrict from, size_t rows, uint32_t columns);

/* Returns e^x with a relative error below 2e-7. x is clamped to ±87. */
static inline float mote_exp(float x)
{
    const float round = 0x1.8p23f; /* adding it leaves the nearest integer in the low bits */
    x = x < -87 ? -87 : x;
    x = x > 87 ? 87 : x;
    float shifted = x * 1.44269504f + round;
    float whole = shifted - round;
    float f = x - whole * 0.693359375f + whole * 2.12194440e-4f; /* ln 2 in two parts */
    float p = 1.3981999e-3f;
    p = p * f + 8.3334519e-3f;
    p = p * f + 4.1665795e-2f;
    p = p * f + 1.6666665e-1f;
    p = p * f + 0.5f;
    p = p * f + 1.0f;
    p = p * f + 1.0f;
    uint32_t bits; /* unsigned, so that the shift and the sum may wrap if x is NaN */
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 23) + 0x3f800000u;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

static inline float mote_sigmoid(float x)
{
    return 1 / (1 + mote_exp(-x));
}

static inline float mote_tanh(float x)
{
    return 2 / (1 + mote_exp(-2 * x)) - 1;
}

enum { MOTE_LANES = 16 };

/* Returns the sum of MOTE_LANES partial sums, which a loop keeps in vector registers. */
static inline float mote_sum_lanes(const float sums[MOTE_LANES])
{
    float total = 0;
    for (size_t j = 0; j < MOTE_LANES; j++)
        total += sums[j];
    return total;
}

/* Returns Σ a[i]·b[i]. */
static inline float mote_dot(const float *a, const float *b, size_t count)
{
    float sums[MOTE_LANES] = {0}, rest = 0;
    size_t i = 0;
    for (; i + MOTE_LANES <= count; i += MOTE_LANES)
        for (size_t j = 0; j < MOTE_LANES; j++)
            sums[j] += a[i + j] * b[i + j];
    for (; i < count; i++)
        rest += a[i] * b[i];
    return mote_sum_lanes(sums) + rest;
}

#endif
