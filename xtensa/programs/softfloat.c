/* Single-precision arithmetic in integers, IEEE 754, round to nearest even: the helpers that gcc-xtensa-lx106 calls and
 * does not bring along. Built with -ffreestanding. Every NaN that comes out is 0x7fc00000. */
#include <stdint.h>

float __addsf3(float a, float b);
float __subsf3(float a, float b);
float __mulsf3(float a, float b);
float __floatsisf(int32_t a);
float __floatunsisf(uint32_t a);

enum {
    BIAS = 127,
    TOP_EXPONENT = 255,
    TOP = 30 /* bit of the leading one while computing; 7 bits below for rounding */
};

#define SIGN     0x80000000u
#define INFINITE 0x7f800000u
#define NOT_ANY  0x7fc00000u

typedef struct number {
    uint32_t sign;
    int32_t exponent;  /* biased; the value is mantissa * 2^(exponent - BIAS - TOP) */
    uint32_t mantissa; /* leading one at bit TOP, or 0 */
} number;

static uint32_t bits_of(float f)
{
    union {
        float f;
        uint32_t u;
    } x = {.f = f};
    return x.u;
}

static float float_of(uint32_t bits)
{
    union {
        uint32_t u;
        float f;
    } x = {.u = bits};
    return x.f;
}

static uint32_t shift_right_sticky(uint32_t m, int32_t by)
{
    if (by > 31)
        return m != 0;
    return by ? m >> by | ((m << (32 - by)) != 0) : m;
}

/* Puts the leading one at bit TOP. */
static number normalise(number n)
{
    if (n.mantissa >> (TOP + 1)) {
        n.mantissa = shift_right_sticky(n.mantissa, 1);
        n.exponent++;
    }
    while (n.mantissa && !(n.mantissa >> TOP)) {
        n.mantissa <<= 1;
        n.exponent--;
    }
    return n;
}

static number unpack(uint32_t u)
{
    int32_t exponent = (int32_t)(u >> 23 & 0xff);
    uint32_t fraction = u & 0x7fffff;
    number n = {u & SIGN, exponent ? exponent : 1, (exponent ? fraction | 0x800000 : fraction) << 7};
    return normalise(n);
}

static float pack(number n)
{
    n = normalise(n);
    if (n.mantissa == 0)
        return float_of(n.sign);
    if (n.exponent >= TOP_EXPONENT)
        return float_of(n.sign | INFINITE);
    if (n.exponent <= 0) { /* a subnormal counts from exponent 1 but has 0 in the field */
        n.mantissa = shift_right_sticky(n.mantissa, 1 - n.exponent);
        n.exponent = 1;
    }
    uint32_t rounded = (n.mantissa + 0x3f + (n.mantissa >> 7 & 1)) >> 7;
    return float_of(n.sign | (((uint32_t)(n.exponent - 1) << 23) + rounded));
}

static int is_nan(uint32_t u)
{
    return (u & ~SIGN) > INFINITE;
}

static int is_infinite(uint32_t u)
{
    return (u & ~SIGN) == INFINITE;
}

static float add(uint32_t ua, uint32_t ub)
{
    if (is_nan(ua) || is_nan(ub) || (is_infinite(ua) && is_infinite(ub) && ua != ub))
        return float_of(NOT_ANY);
    if (is_infinite(ua) || is_infinite(ub))
        return float_of(is_infinite(ua) ? ua : ub);
    if ((ua & ~SIGN) < (ub & ~SIGN)) {
        uint32_t swap = ua;
        ua = ub;
        ub = swap;
    }
    if ((ub & ~SIGN) == 0)
        return float_of((ua & ~SIGN) == 0 ? ua & ub : ua);
    number a = unpack(ua), b = unpack(ub);
    uint32_t m = shift_right_sticky(b.mantissa, a.exponent - b.exponent);
    if (a.sign == b.sign)
        a.mantissa += m;
    else
        a.mantissa -= m;
    if (a.mantissa == 0)
        a.sign = 0;
    return pack(a);
}

float __addsf3(float a, float b)
{
    return add(bits_of(a), bits_of(b));
}

float __subsf3(float a, float b)
{
    return add(bits_of(a), bits_of(b) ^ SIGN);
}

float __mulsf3(float fa, float fb)
{
    uint32_t ua = bits_of(fa), ub = bits_of(fb), sign = (ua ^ ub) & SIGN;
    int zero = (ua & ~SIGN) == 0 || (ub & ~SIGN) == 0, infinite = is_infinite(ua) || is_infinite(ub);
    if (is_nan(ua) || is_nan(ub) || (zero && infinite))
        return float_of(NOT_ANY);
    if (zero || infinite)
        return float_of(infinite ? sign | INFINITE : sign);
    number a = unpack(ua), b = unpack(ub);
    uint64_t product = (uint64_t)(a.mantissa >> 7) * (b.mantissa >> 7); /* 2^46 to 2^48 */
    uint32_t m = (uint32_t)(product >> 16) | ((product & 0xffff) != 0);
    return pack((number){sign, a.exponent + b.exponent - BIAS, m});
}

static float from_magnitude(uint32_t sign, uint32_t magnitude)
{
    return pack((number){sign, BIAS + TOP, magnitude});
}

float __floatunsisf(uint32_t a)
{
    return from_magnitude(0, a);
}

float __floatsisf(int32_t a)
{
    return a < 0 ? from_magnitude(SIGN, -(uint32_t)a) : from_magnitude(0, (uint32_t)a);
}
