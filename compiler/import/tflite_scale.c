#include "compiler/import/tflite_scale.h"

#include <math.h>

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
