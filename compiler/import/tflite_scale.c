#include "compiler/import/tflite_scale.h"

#include <math.h>

mote_factor mote_tflite_factor(double real)
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

mote_factor mote_tflite_mean_factor(double real, uint32_t count)
{
    mote_factor f = mote_tflite_factor(real);
    int shift = 0;
    while (count >> (shift + 1))
        shift++;
    if (shift > 31 + f.shift)
        shift = 31 + f.shift;
    f.multiplier = (int32_t)(((int64_t)f.multiplier << shift) / count);
    f.shift -= shift;
    return f;
}

mote_factor mote_tflite_softmax_factor(double beta, double scale, int32_t *least)
{
    enum { WHOLE_BITS = 5 }; /* of the scaled difference */
    const double most = (double)((1ll << 31) - 1), real = beta * scale * (1 << (31 - WHOLE_BITS));
    const mote_factor f = mote_tflite_factor(real < most ? real : most);
    const double radius = floor(((1 << WHOLE_BITS) - 1) * ldexp(1, 31 - WHOLE_BITS) / ldexp(1, f.shift));
    *least = -(int32_t)(radius < INT32_MAX ? radius : INT32_MAX);
    return f;
}

static int32_t stored(const mote_tflite_tensor *t, float real)
{
    const float units = roundf(real / mote_tflite_scale(t, 0));
    const double value = (double)units + mote_tflite_zero_point(t, 0);
    return value >= INT32_MAX ? INT32_MAX : value <= INT32_MIN ? INT32_MIN : (int32_t)value;
}

void mote_tflite_limits(const mote_tflite_tensor *y, int64_t activation, int32_t *low, int32_t *high)
{
    const int32_t least = y->type == MOTE_TFLITE_I16  ? INT16_MIN
                          : y->type == MOTE_TFLITE_U8 ? 0
                          : y->type == MOTE_TFLITE_I8 ? INT8_MIN
                                                      : INT32_MIN;
    const int32_t most = y->type == MOTE_TFLITE_I16  ? INT16_MAX
                         : y->type == MOTE_TFLITE_U8 ? UINT8_MAX
                         : y->type == MOTE_TFLITE_I8 ? INT8_MAX
                                                     : INT32_MAX;
    *low = least;
    *high = most;
    if (activation == MOTE_TFLITE_NONE || !(mote_tflite_scale(y, 0) > 0))
        return;
    const int32_t from = stored(y, activation == MOTE_TFLITE_ACT_RELU_N1_TO_1 ? -1 : 0);
    const int32_t to = stored(y, activation == MOTE_TFLITE_ACT_RELU6 ? 6 : 1);
    *low = from > least ? from : least;
    if (activation != MOTE_TFLITE_ACT_RELU && to < most)
        *high = to;
    if (*low > *high)
        *low = *high;
}
