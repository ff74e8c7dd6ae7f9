#include "compiler/import/tflite_table.h"

#include <math.h>

#include "compiler/import/tflite_scale.h"

static int32_t saturated(int64_t value)
{
    return value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : (int32_t)value;
}

/* Returns a·b/2^31, rounded to nearest. */
static int32_t product(int32_t a, int32_t b)
{
    const int64_t p = (int64_t)a * b;
    return saturated((p + (p >= 0 ? 1 << 30 : 1 - (1 << 30))) / (1ll << 31));
}

/* Returns value/2^bits, rounded to nearest, halves away from zero. */
static int32_t divided(int32_t value, int bits)
{
    const int64_t magnitude = ((value < 0 ? -(int64_t)value : value) + (bits ? 1ll << (bits - 1) : 0)) >> bits;
    return (int32_t)(value < 0 ? -magnitude : magnitude);
}

/* Returns e^a in 1/2^31 for a ≤ 0 in 1/2^(31 − whole): by a series between −1/4 and 0, times the powers e^−1/4, e^−1/2,
 * e^−1 ... of the rest. */
static int32_t exponential(int32_t a, int whole)
{
    static const int32_t powers[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int32_t eighth = 1895147668, third = 715827883; /* e^−1/8, 1/3 */
    const int quarter_bits = 29 - whole;
    const int32_t quarter = 1 << quarter_bits, part = (a & (quarter - 1)) - quarter, rest = part - a;
    const int32_t x = saturated((int64_t)part * (1 << whole)) + (1 << 28); /* + 1/8 */
    const int32_t x2 = product(x, x), x3 = product(x2, x), x4 = product(x2, x2);
    const int32_t series = x + divided(product(divided(x4, 2) + x3, third) + x2, 1);
    int32_t y = saturated((int64_t)eighth + product(eighth, series));
    for (int i = 0; i < whole + 2; i++)
        if (rest & (int32_t)(1u << (quarter_bits + i)))
            y = product(y, powers[i]);
    return a == 0 ? INT32_MAX : y;
}

/* Returns 2/(1 + a) in 1/2^29 for 0 ≤ a < 1 in 1/2^31: three steps of Newton's method. */
static int32_t twice_reciprocal(int32_t a)
{
    const int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2);
    int32_t x = 1515870810 + product(half, -1010580540); /* 48/17 − 32/17·half */
    for (int i = 0; i < 3; i++)
        x += saturated((int64_t)product(x, (1 << 29) - product(half, x)) * 4);
    return x;
}

static int32_t limited(int32_t value)
{
    return value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : value;
}

/* Returns the value of LOGISTIC or TANH at x, which has 4 whole bits. */
static int8_t curve_at(int code, int32_t x)
{
    const int32_t below = x < 0 ? x : -x;
    if (code == MOTE_TFLITE_OP_LOGISTIC) {
        const int32_t upper = saturated((int64_t)twice_reciprocal(exponential(below, 4)) * 2);
        const int32_t y = x == 0 ? 1 << 30 : x > 0 ? upper : INT32_MAX - upper;
        return (int8_t)limited(divided(y, 23) - 128);
    }
    const int32_t t = saturated(((int64_t)twice_reciprocal(exponential(below, 5)) - (1 << 29)) * 4);
    return (int8_t)limited(divided(x == 0 ? 0 : x < 0 ? -t : t, 24));
}

static int32_t scaled(int32_t value, mote_factor f)
{
    return divided(product((int32_t)((int64_t)value * (1 << (f.shift > 0 ? f.shift : 0))), f.multiplier),
                   f.shift < 0 ? -f.shift : 0);
}

/* Values as far from zero as the radius would leave the 4 whole bits. */
static const char *curve(int code, const mote_tflite_tensor *x, int32_t units, int8_t *y)
{
    const mote_factor f = mote_factor_of((double)mote_tflite_scale(x, 0) * (1 << 27));
    const double radius = floor(15 * ldexp(1, 27 - f.shift));
    if (f.shift < 0 || f.shift > 30)
        return "with a scale out of range";
    if (units <= -radius || units >= radius)
        *y = units < 0 ? INT8_MIN : INT8_MAX;
    else
        *y = curve_at(code, scaled(units, f));
    return NULL;
}

/* Returns a·b/2^15 for values of 16 bits. */
static int32_t product16(int32_t a, int32_t b, bool rounds)
{
    const int32_t p = a * b, half = !rounds ? 0 : p >= 0 ? 1 << 14 : 1 - (1 << 14);
    const int32_t y = (p + half) / (1 << 15);
    return y > INT16_MAX ? INT16_MAX : y;
}

static int32_t shifted16(int32_t value, int bits)
{
    const int64_t y = (int64_t)value * (1ll << bits);
    return y > INT16_MAX ? INT16_MAX : y < INT16_MIN ? INT16_MIN : (int32_t)y;
}

static int32_t multiplier16(mote_factor f)
{
    return f.multiplier >= INT32_MAX - (1 << 15) ? INT16_MAX : (f.multiplier + (1 << 15)) >> 16;
}

/* x·(x/6 + 1/2 within 0 and 1), with x in 1/128 of its units. */
static const char *hard_swish(const mote_tflite_tensor *x, const mote_tflite_tensor *y, int32_t units, int8_t *result)
{
    const float unit = mote_tflite_scale(x, 0) * (1.0f / 128), third = 3.0f / 32768;
    const mote_factor whole = mote_factor_of((double)(unit / mote_tflite_scale(y, 0)));
    const mote_factor gate = mote_factor_of((double)(unit / third));
    if (whole.shift > 0 || whole.shift < -15 || gate.shift < -15 || gate.shift > 16)
        return "with a scale out of range";
    const int32_t value = units * 128, at = product16(value, multiplier16(whole), true);
    int32_t open = gate.shift > 0 ? shifted16(value, gate.shift - 1) : value;
    open = product16(open, multiplier16(gate), true);
    open = gate.shift > 0 ? shifted16(open, 1) : divided(open, -gate.shift);
    open = (open + (1 << 15)) >> 1;
    *result = (int8_t)limited(divided(product16(open, at, false), -whole.shift) + mote_tflite_zero_point(y, 0));
    return NULL;
}

static const char *elu(const mote_tflite_tensor *x, const mote_tflite_tensor *y, int32_t units, int8_t *result)
{
    const float value = mote_tflite_scale(x, 0) * (float)units, inverse = 1 / mote_tflite_scale(y, 0);
    const float stored = roundf((value < 0 ? expf(value) - 1 : value) * inverse);
    if (!(fabsf(stored) < 1e9f))
        return "with a scale out of range";
    *result = (int8_t)limited((int32_t)(stored + (float)mote_tflite_zero_point(y, 0)));
    return NULL;
}

const char *mote_tflite_table(int code, const mote_tflite_tensor *x, const mote_tflite_tensor *y, int8_t table[256])
{
    const int32_t zero = mote_tflite_zero_point(x, 0);
    const char *why = NULL;
    if (x->type != MOTE_TFLITE_I8 || y->type != MOTE_TFLITE_I8)
        return "of other types than int8";
    if (zero < INT8_MIN || zero > INT8_MAX)
        return "with a zero point out of range";
    if ((code == MOTE_TFLITE_OP_LOGISTIC && mote_tflite_zero_point(y, 0) != -128) ||
        (code == MOTE_TFLITE_OP_TANH && mote_tflite_zero_point(y, 0) != 0))
        return "with another scale of its result than TensorFlow Lite defines";
    for (int32_t i = 0; i < 256 && !why; i++) {
        const int32_t units = (i < 128 ? i : i - 256) - zero;
        switch (code) {
        case MOTE_TFLITE_OP_HARD_SWISH:
            why = hard_swish(x, y, units, &table[i]);
            break;
        case MOTE_TFLITE_OP_ELU:
            why = elu(x, y, units, &table[i]);
            break;
        case MOTE_TFLITE_OP_LOGISTIC:
        case MOTE_TFLITE_OP_TANH:
            why = curve(code, x, units, &table[i]);
            break;
        default:
            return "in integers";
        }
    }
    return why;
}
