#ifndef MOTE_RUNTIME_HALF_H
#define MOTE_RUNTIME_HALF_H

#include <stdint.h>

static inline int mote_half_is_finite(uint16_t bits)
{
    return (bits & 0x7c00) != 0x7c00;
}

/* Returns |value|·2^fraction of a finite half, rounded to nearest, halves up, and limited to 32767, with the sign of
 * the half. fraction: 0..24. */
static inline int32_t mote_half_fixed(uint16_t bits, uint32_t fraction)
{
    const uint32_t exponent = bits >> 10 & 31;
    const uint32_t mantissa = exponent ? 1024u | (bits & 1023u) : bits & 1023u;
    const int32_t shift = (int32_t)(exponent ? exponent : 1) - 25 + (int32_t)fraction; /* |value| = mantissa·2^(e-25) */
    uint32_t magnitude;
    if (shift < 0)
        magnitude = (mantissa + (1u << (-shift - 1))) >> -shift;
    else
        magnitude = mantissa << (shift < 16 ? shift : 16); /* for shifts above 15 every mantissa but 0 saturates */
    if (magnitude > 32767)
        magnitude = 32767;
    return bits & 0x8000 ? -(int32_t)magnitude : (int32_t)magnitude;
}

#endif
