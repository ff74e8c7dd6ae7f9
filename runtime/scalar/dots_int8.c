#include "dots.h"

void mote_scalar_dots_int8(const uint32_t *weights, const int16_t *x, int32_t *dots, uint32_t rows, uint32_t columns)
{
    for (const int32_t *last = dots + rows; dots < last; weights += columns / 4)
        *dots++ = mote_scalar_dot_int8(weights, x, columns);
}
