/* For cores whose loads do not extend signs. Four weights come in a word; a shift or a mask makes each 256 times itself
 * in the low half, all that a 16-bit multiplication looks at. */
#include "dots.h"

static int32_t row_dot(const uint32_t *words, const int16_t *x, uint32_t columns)
{
    int32_t sum = 0;
    for (const int16_t *end = x + columns; x < end; x += 4) {
        const uint32_t low = *words++, high = low >> 16;
        sum += (int16_t)(low << 8) * x[0];
        sum += (int16_t)(low & 0xff00) * x[1];
        sum += (int16_t)(high << 8) * x[2];
        sum += (int16_t)(high & 0xff00) * x[3];
    }
    return sum >> 8;
}

void mote_scalar_dots_int8(const uint32_t *weights, const int16_t *x, int32_t *dots, uint32_t rows, uint32_t columns)
{
    for (const int32_t *last = dots + rows; dots < last; weights += columns / 4)
        *dots++ = row_dot(weights, x, columns);
}
