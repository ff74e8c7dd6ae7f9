#include "xtensa/emu/float.h"

#include <fenv.h>
#include <math.h>
#include <string.h>

#define QUIET_BIT   0x00400000u
#define DEFAULT_NAN 0x7fc00000u

/* Bits of FSR; FCR's enables have the same order. */
static const struct {
    int host;
    uint32_t bit;
} flags[] = {{FE_INEXACT, 1 << 7},
             {FE_UNDERFLOW, 1 << 8},
             {FE_OVERFLOW, 1 << 9},
             {FE_DIVBYZERO, 1 << 10},
             {FE_INVALID, 1 << 11}};

static const int host_rounding[4] = {FE_TONEAREST, FE_TOWARDZERO, FE_UPWARD, FE_DOWNWARD};

static void collect_flags(mote_xt_state *s)
{
    int raised = fetestexcept(FE_ALL_EXCEPT);
    for (unsigned k = 0; k < sizeof flags / sizeof flags[0]; k++)
        if (raised & flags[k].host)
            s->fsr |= flags[k].bit;
}

void mote_xt_float_enter(const mote_xt_state *s)
{
    feclearexcept(FE_ALL_EXCEPT);
    fesetround(host_rounding[s->fcr & 3]);
}

void mote_xt_float_leave(mote_xt_state *s)
{
    collect_flags(s);
    feclearexcept(FE_ALL_EXCEPT);
    fesetround(FE_TONEAREST);
}

uint32_t mote_xt_read_fsr(mote_xt_state *s)
{
    collect_flags(s);
    return s->fsr;
}

void mote_xt_write_fsr(mote_xt_state *s, uint32_t value)
{
    feclearexcept(FE_ALL_EXCEPT);
    s->fsr = value & 0xf80;
}

void mote_xt_write_fcr(mote_xt_state *s, uint32_t value)
{
    s->fcr = value & 0x7f;
    fesetround(host_rounding[value & 3]);
}

static float to_float(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t to_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static bool is_nan(uint32_t a)
{
    return (a & ~SIGN_S) > 0x7f800000;
}

static bool is_infinite(uint32_t a)
{
    return (a & ~SIGN_S) == 0x7f800000;
}

static bool is_zero(uint32_t a)
{
    return (a & ~SIGN_S) == 0;
}

static bool is_signalling(uint32_t a)
{
    return is_nan(a) && !(a & QUIET_BIT);
}

/* The result if an operand is not a number: the last such operand, made quiet. */
static uint32_t pick_nan(uint32_t a, uint32_t b)
{
    if (is_signalling(a) || is_signalling(b))
        feraiseexcept(FE_INVALID);
    return (is_nan(b) ? b : a) | QUIET_BIT;
}

static uint32_t result(float value)
{
    uint32_t bits = to_bits(value);
    return is_nan(bits) ? DEFAULT_NAN : bits;
}

uint32_t mote_xt_add_s(uint32_t a, uint32_t b)
{
    return is_nan(a) || is_nan(b) ? pick_nan(a, b) : result(to_float(a) + to_float(b));
}

uint32_t mote_xt_sub_s(uint32_t a, uint32_t b)
{
    return is_nan(a) || is_nan(b) ? pick_nan(a, b) : result(to_float(a) - to_float(b));
}

uint32_t mote_xt_mul_s(uint32_t a, uint32_t b)
{
    return is_nan(a) || is_nan(b) ? pick_nan(a, b) : result(to_float(a) * to_float(b));
}

uint32_t mote_xt_div_s(uint32_t a, uint32_t b)
{
    return is_nan(a) || is_nan(b) ? pick_nan(a, b) : result(to_float(a) / to_float(b));
}

uint32_t mote_xt_sqrt_s(uint32_t a)
{
    return is_nan(a) ? pick_nan(a, a) : result(sqrtf(to_float(a)));
}

uint32_t mote_xt_madd_s(uint32_t sum, uint32_t a, uint32_t b)
{
    bool no_product = (is_infinite(a) && is_zero(b)) || (is_zero(a) && is_infinite(b));
    if (no_product || is_signalling(sum) || is_signalling(a) || is_signalling(b))
        feraiseexcept(FE_INVALID);
    if (is_nan(sum) || is_nan(a) || is_nan(b))
        return (is_nan(sum) ? sum : is_nan(b) ? b : a) | QUIET_BIT;
    return result(fmaf(to_float(a), to_float(b), to_float(sum)));
}

uint32_t mote_xt_maddn_s(uint32_t sum, uint32_t a, uint32_t b)
{
    fenv_t before;
    feholdexcept(&before);
    fesetround(FE_TONEAREST);
    uint32_t value = mote_xt_madd_s(sum, a, b);
    fesetenv(&before);
    return value;
}

uint32_t mote_xt_const_s(uint32_t index)
{
    static const uint32_t constants[4] = {0, ONE_S, 0x40000000, 0x3f000000};
    return constants[index & 3];
}

uint32_t mote_xt_reciprocal_estimate(uint32_t a, bool of_root)
{
    fenv_t before;
    feholdexcept(&before);
    fesetround(FE_TONEAREST);
    uint32_t value = mote_xt_div_s(ONE_S, of_root ? mote_xt_sqrt_s(a) : a);
    fesetenv(&before);
    return is_nan(value) ? value : value & 0xffff0000;
}

/* -a scaled by a power of four into [1, 4). */
uint32_t mote_xt_nexp01_s(uint32_t a)
{
    uint32_t exponent = a >> 23 & 255;
    if (exponent == 0 || exponent == 255)
        return a ^ SIGN_S;
    return (~a & SIGN_S) | (exponent & 1 ? 127u : 128u) << 23 | (a & 0x7fffff);
}

/* |a| * 2^scale rounded to a whole number, clamped to 2^40; *inexact tells whether rounding changed it. Uses integers,
 * which raise no flags of the host. */
static uint64_t round_magnitude(uint32_t a, unsigned scale, rounding mode, bool *inexact)
{
    bool negative = a & SIGN_S;
    int32_t biased = (int32_t)(a >> 23 & 255);
    uint64_t mantissa = (a & 0x7fffff) | (biased ? 0x800000u : 0);
    int32_t exponent = (biased ? biased : 1) - 150 + (int32_t)scale;
    *inexact = false;
    if (exponent >= 0)
        return exponent > 16 && mantissa ? 1ull << 40 : mantissa << exponent;
    unsigned drop = exponent < -41 ? 41 : (unsigned)-exponent;
    uint64_t whole = mantissa >> drop, rest = mantissa & ((1ull << drop) - 1), half = 1ull << (drop - 1);
    *inexact = rest != 0;
    bool up = mode == ROUND_NEAREST ? rest > half || (rest == half && (whole & 1))
                                    : rest && mode == (negative ? ROUND_DOWN : ROUND_UP);
    return whole + up;
}

uint32_t mote_xt_to_integer(uint32_t a, unsigned scale, rounding mode, bool is_signed)
{
    bool inexact, negative = a & SIGN_S;
    if (is_nan(a)) {
        feraiseexcept(FE_INVALID);
        return is_signed ? 0x7fffffff : 0xffffffff;
    }
    uint64_t magnitude = round_magnitude(a, scale, mode, &inexact);
    uint64_t most = negative ? 0x80000000 : is_signed ? 0x7fffffff : 0xffffffff;
    bool fits = magnitude <= most;
    /* utrunc: -1 and below are invalid; the result is their low bits. */
    if (!fits || (!is_signed && negative && magnitude))
        feraiseexcept(FE_INVALID);
    else if (inexact)
        feraiseexcept(FE_INEXACT);
    uint32_t value = (uint32_t)(fits ? magnitude : most);
    return negative ? 0u - value : value;
}

uint32_t mote_xt_from_integer(int64_t value, unsigned scale)
{
    /* The double is exact; the conversion to float rounds once, in the program's direction. */
    volatile double exact = (double)value / (double)(1u << scale);
    return to_bits((float)exact);
}

bool mote_xt_compare_s(uint32_t a, uint32_t b, unsigned accepted, bool quiet)
{
    if (is_nan(a) || is_nan(b)) {
        if (!quiet || is_signalling(a) || is_signalling(b))
            feraiseexcept(FE_INVALID);
        return accepted & UNORDERED;
    }
    float x = to_float(a), y = to_float(b);
    return accepted & (x < y ? LESS : x > y ? GREATER : EQUAL);
}
