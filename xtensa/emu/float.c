#include "xtensa/emu/float.h"

#include <fenv.h>
#include <math.h>
#include <string.h>

#define QUIET_BIT   0x00400000u
#define DEFAULT_NAN 0x7fc00000u

/* Bits of FSR; the order of FCR's enables too. */
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
    s->fsr = value;
}

void mote_xt_write_fcr(mote_xt_state *s, uint32_t value)
{
    s->fcr = value;
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

static bool is_signalling(uint32_t a)
{
    return is_nan(a) && !(a & QUIET_BIT);
}

/* The result when an operand is not a number: the first such, made quiet. */
static uint32_t pick_nan(uint32_t a, uint32_t b)
{
    if (is_signalling(a) || is_signalling(b))
        feraiseexcept(FE_INVALID);
    return (is_nan(a) ? a : b) | QUIET_BIT;
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
    bool no_product = (is_signalling(sum) || is_signalling(a) || is_signalling(b));
    if (no_product)
        feraiseexcept(FE_INVALID);
    if (is_nan(sum) || is_nan(a) || is_nan(b))
        return (is_nan(sum) ? sum : is_nan(a) ? a : b) | QUIET_BIT;
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
    return index < 4 ? constants[index] : 0;
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

uint32_t mote_xt_to_integer(uint32_t a, unsigned scale, rounding mode, bool is_signed)
{
    double least = is_signed ? -2147483648.0 : 0.0, most = is_signed ? 2147483647.0 : 4294967295.0;
    uint32_t lowest = is_signed ? 0x80000000 : 0, highest = is_signed ? 0x7fffffff : 0xffffffff;
    if (is_nan(a)) {
        feraiseexcept(FE_INVALID);
        return highest;
    }
    /* Exact: 24 bits times a power of two. */
    double value = (double)to_float(a) * (double)(1u << scale);
    double whole = mode == ROUND_DOWN ? floor(value) : mode == ROUND_UP ? ceil(value) : trunc(value);
    if (mode == ROUND_NEAREST) {
        double above = fabs(value - whole);
        if (above > 0.5 || (above == 0.5 && fmod(whole, 2.0) != 0))
            whole += value < 0 ? -1 : 1;
    }
    if (whole < least || whole > most) {
        feraiseexcept(FE_INVALID);
        return whole < least ? lowest : highest;
    }
    if (whole != value)
        feraiseexcept(FE_INEXACT);
    return is_signed ? (uint32_t)(int32_t)whole : (uint32_t)whole;
}

uint32_t mote_xt_from_integer(int64_t value, unsigned scale)
{
    /* The double is exact; one rounding to float, in the program's direction. */
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
