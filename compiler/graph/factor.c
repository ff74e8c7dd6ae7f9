#include "compiler/graph/factor.h"

#include <math.h>

mote_factor mote_factor_of(double real)
{
    mote_factor f = {0};
    int shift;
    if (real == 0 || !isfinite(real))
        return f;
    const double fraction = frexp(real, &shift);
    int64_t multiplier = (int64_t)round(fraction * (double)(1ll << 31));
    if (multiplier == 1ll << 31) {
        multiplier /= 2;
        shift++;
    }
    if (shift < -31) /* every result is 0 */
        return f;
    return (mote_factor){(int32_t)multiplier, shift};
}

mote_factor mote_factor_of_mean(double real, uint32_t count)
{
    mote_factor f = mote_factor_of(real);
    int shift = 0;
    while (count >> (shift + 1))
        shift++;
    if (shift > 31 + f.shift)
        shift = 31 + f.shift;
    f.multiplier = (int32_t)(((int64_t)f.multiplier << shift) / count);
    f.shift -= shift;
    return f;
}

mote_factor mote_factor_of_softmax(double beta, double scale, int32_t *least)
{
    enum { WHOLE_BITS = 5 }; /* of the scaled difference */
    const double most = (double)((1ll << 31) - 1), real = beta * scale * (1 << (31 - WHOLE_BITS));
    const mote_factor f = mote_factor_of(real < most ? real : most);
    const double radius = floor(((1 << WHOLE_BITS) - 1) * ldexp(1, 31 - WHOLE_BITS) / ldexp(1, f.shift));
    *least = -(int32_t)(radius < INT32_MAX ? radius : INT32_MAX);
    return f;
}
