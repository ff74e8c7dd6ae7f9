#include "compiler/pack/codes.h"

#include <math.h>
#include <string.h>

enum { INFINITE = 0x7c00, QUIET = 0x0200, LEAST_EXPONENT = -24 };

uint16_t mote_half_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    if (isnan(value))
        return (uint16_t)(sign | INFINITE | QUIET);
    const double size = fabs((double)value);
    if (size >= 65520)
        return (uint16_t)(sign | INFINITE);
    int exponent; /* exponent of the lowest of the 11 significant bits */
    frexp(size, &exponent);
    exponent = size == 0 || exponent - 11 < LEAST_EXPONENT ? LEAST_EXPONENT : exponent - 11;
    /* Value in units of that bit. In the sum below, its top bit and a carry from rounding add to the exponent field. */
    const uint32_t units = (uint32_t)rint(ldexp(size, -exponent));
    return (uint16_t)(sign | (units + ((uint32_t)(exponent - LEAST_EXPONENT) << 10)));
}

float mote_half_value(uint16_t half)
{
    const uint32_t exponent = half >> 10 & 31, mantissa = half & 1023u;
    const double size = exponent == 31 ? (mantissa ? (double)NAN : (double)INFINITY)
                        : exponent     ? ldexp(1024 + mantissa, (int)exponent - 25)
                                       : ldexp(mantissa, LEAST_EXPONENT);
    return (float)(half & 0x8000 ? -size : size);
}
