/* IEEE 754 arithmetic in software, round to nearest even: the helpers for float and double that gcc-xtensa-lx106 calls
 * but does not provide. Both formats share one implementation. Every NaN result is the positive quiet NaN. Built with
 * -ffreestanding. */
#include <stdint.h>

float __addsf3(float a, float b);
float __subsf3(float a, float b);
float __mulsf3(float a, float b);
float __floatsisf(int32_t a);
float __floatunsisf(uint32_t a);
double __adddf3(double a, double b);
double __subdf3(double a, double b);
double __muldf3(double a, double b);
double __divdf3(double a, double b);
double __floatsidf(int32_t a);
double __floatunsidf(uint32_t a);
double __extendsfdf2(float a);
float __truncdfsf2(double a);
int32_t __fixdfsi(double a);
uint32_t __fixunsdfsi(double a);

typedef struct format {
    int fraction, exponent; /* bits of each */
} format;

static const format single = {23, 8}, wide = {52, 11};

typedef enum kind { ZERO, FINITE, INFINITE, NOT_A_NUMBER } kind;

/* A number is sign * mantissa * 2^(exponent - TOP). The leading one of a normalised mantissa is bit TOP. */
enum { TOP = 62 };

typedef struct number {
    kind kind;
    unsigned negative;
    int exponent;
    uint64_t mantissa;
} number;

static uint64_t shift_right_sticky(uint64_t m, int by)
{
    if (by > 63)
        return m != 0;
    return by ? m >> by | ((m << (64 - by)) != 0) : m;
}

static number normalise(number n)
{
    if (n.kind == FINITE && n.mantissa == 0)
        n.kind = ZERO;
    if (n.kind != FINITE)
        return n;
    for (; n.mantissa >> (TOP + 1); n.exponent++)
        n.mantissa = shift_right_sticky(n.mantissa, 1);
    for (; !(n.mantissa >> TOP); n.exponent--)
        n.mantissa <<= 1;
    return n;
}

static int largest_exponent(format f)
{
    return (1 << f.exponent) - 1;
}

static int bias(format f)
{
    return largest_exponent(f) / 2;
}

static number unpack(format f, uint64_t bits)
{
    int exponent = (int)(bits >> f.fraction) & largest_exponent(f);
    uint64_t fraction = bits & (((uint64_t)1 << f.fraction) - 1);
    number n = {.kind = FINITE, .negative = (unsigned)(bits >> (f.fraction + f.exponent)) & 1};
    if (exponent == largest_exponent(f)) {
        n.kind = fraction ? NOT_A_NUMBER : INFINITE;
        return n;
    }
    n.exponent = (exponent ? exponent : 1) - bias(f);
    n.mantissa = (exponent ? fraction | (uint64_t)1 << f.fraction : fraction) << (TOP - f.fraction);
    return normalise(n);
}

static uint64_t pack(format f, number n)
{
    uint64_t infinity = (uint64_t)largest_exponent(f) << f.fraction;
    uint64_t sign = (uint64_t)n.negative << (f.fraction + f.exponent);
    n = normalise(n);
    if (n.kind == NOT_A_NUMBER)
        return infinity | (uint64_t)1 << (f.fraction - 1);
    if (n.kind == ZERO)
        return sign;
    int exponent = n.exponent + bias(f), extra = TOP - f.fraction;
    if (n.kind == INFINITE || exponent >= largest_exponent(f))
        return sign | infinity;
    if (exponent <= 0) { /* a subnormal has exponent 1 but 0 in the field */
        n.mantissa = shift_right_sticky(n.mantissa, 1 - exponent);
        exponent = 1;
    }
    uint64_t half = (uint64_t)1 << (extra - 1), odd = n.mantissa >> extra & 1;
    return sign | (((uint64_t)(exponent - 1) << f.fraction) + ((n.mantissa + half - 1 + odd) >> extra));
}

static number add(number a, number b)
{
    if (a.kind == NOT_A_NUMBER || (b.kind != NOT_A_NUMBER && a.kind == INFINITE)) {
        if (b.kind == INFINITE && a.negative != b.negative)
            a.kind = NOT_A_NUMBER;
        return a;
    }
    if (b.kind == NOT_A_NUMBER || b.kind == INFINITE)
        return b;
    if (a.kind == ZERO && b.kind == ZERO)
        return (number){.kind = ZERO, .negative = a.negative & b.negative};
    if (a.kind == ZERO || b.kind == ZERO)
        return a.kind == ZERO ? b : a;
    if (a.exponent < b.exponent || (a.exponent == b.exponent && a.mantissa < b.mantissa)) {
        number larger = b;
        b = a;
        a = larger;
    }
    uint64_t m = shift_right_sticky(b.mantissa, a.exponent - b.exponent);
    a.mantissa = a.negative == b.negative ? a.mantissa + m : a.mantissa - m;
    if (a.mantissa == 0)
        a.negative = 0;
    return a;
}

static number minus(number a)
{
    a.negative ^= 1;
    return a;
}

/* Returns a * b / 2^TOP with a sticky lowest bit. */
static uint64_t multiply_mantissas(uint64_t a, uint64_t b)
{
    uint32_t al = (uint32_t)a, ah = (uint32_t)(a >> 32), bl = (uint32_t)b, bh = (uint32_t)(b >> 32);
    uint64_t low = (uint64_t)al * bl, middle = (uint64_t)ah * bl + (low >> 32); /* ah < 2^31: no carry is lost */
    uint64_t other = (uint64_t)al * bh + (uint32_t)middle;
    uint64_t high = (uint64_t)ah * bh + (middle >> 32) + (other >> 32);
    low = other << 32 | (uint32_t)low;
    return high << (64 - TOP) | low >> TOP | (low << (64 - TOP) != 0);
}

static number multiply(number a, number b)
{
    unsigned negative = a.negative ^ b.negative;
    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER || (a.kind == INFINITE && b.kind == ZERO) ||
        (a.kind == ZERO && b.kind == INFINITE))
        return (number){.kind = NOT_A_NUMBER};
    if (a.kind != FINITE || b.kind != FINITE)
        return (number){.kind = a.kind == INFINITE || b.kind == INFINITE ? INFINITE : ZERO, .negative = negative};
    return (number){FINITE, negative, a.exponent + b.exponent, multiply_mantissas(a.mantissa, b.mantissa)};
}

/* Returns a * 2^TOP / b with a sticky lowest bit. The leading one of both is bit TOP. */
static uint64_t divide_mantissas(uint64_t a, uint64_t b)
{
    uint64_t quotient = 0;
    for (int i = 0; i <= TOP; i++) {
        quotient <<= 1;
        if (a >= b) {
            a -= b;
            quotient |= 1;
        }
        a <<= 1;
    }
    return quotient | (a != 0);
}

static number divide(number a, number b)
{
    unsigned negative = a.negative ^ b.negative;
    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER || (a.kind == b.kind && a.kind != FINITE))
        return (number){.kind = NOT_A_NUMBER};
    if (a.kind == INFINITE || b.kind == ZERO)
        return (number){.kind = INFINITE, .negative = negative};
    if (a.kind == ZERO || b.kind == INFINITE)
        return (number){.kind = ZERO, .negative = negative};
    return (number){FINITE, negative, a.exponent - b.exponent, divide_mantissas(a.mantissa, b.mantissa)};
}

static number from_integer(unsigned negative, uint32_t magnitude)
{
    return (number){FINITE, negative, TOP, magnitude};
}

static number from_signed(int32_t a)
{
    return from_integer(a < 0, a < 0 ? -(uint32_t)a : (uint32_t)a);
}

/* Returns the integer part of the magnitude, or UINT32_MAX when it is larger. */
static uint32_t to_integer(number n)
{
    if (n.kind == ZERO || (n.kind == FINITE && n.exponent < 0))
        return 0;
    return n.kind == FINITE && n.exponent < 32 ? (uint32_t)(n.mantissa >> (TOP - n.exponent)) : UINT32_MAX;
}

static number of_float(float x)
{
    union {
        float f;
        uint32_t bits;
    } u = {.f = x};
    return unpack(single, u.bits);
}

static number of_double(double x)
{
    union {
        double d;
        uint64_t bits;
    } u = {.d = x};
    return unpack(wide, u.bits);
}

static float to_float(number n)
{
    union {
        uint32_t bits;
        float f;
    } u = {.bits = (uint32_t)pack(single, n)};
    return u.f;
}

static double to_double(number n)
{
    union {
        uint64_t bits;
        double d;
    } u = {.bits = pack(wide, n)};
    return u.d;
}

float __addsf3(float a, float b)
{
    return to_float(add(of_float(a), of_float(b)));
}

float __subsf3(float a, float b)
{
    return to_float(add(of_float(a), minus(of_float(b))));
}

float __mulsf3(float a, float b)
{
    return to_float(multiply(of_float(a), of_float(b)));
}

float __floatsisf(int32_t a)
{
    return to_float(from_signed(a));
}

float __floatunsisf(uint32_t a)
{
    return to_float(from_integer(0, a));
}

double __adddf3(double a, double b)
{
    return to_double(add(of_double(a), of_double(b)));
}

double __subdf3(double a, double b)
{
    return to_double(add(of_double(a), minus(of_double(b))));
}

double __muldf3(double a, double b)
{
    return to_double(multiply(of_double(a), of_double(b)));
}

double __divdf3(double a, double b)
{
    return to_double(divide(of_double(a), of_double(b)));
}

double __floatsidf(int32_t a)
{
    return to_double(from_signed(a));
}

double __floatunsidf(uint32_t a)
{
    return to_double(from_integer(0, a));
}

double __extendsfdf2(float a)
{
    return to_double(of_float(a));
}

float __truncdfsf2(double a)
{
    return to_float(of_double(a));
}

int32_t __fixdfsi(double a)
{
    number n = of_double(a);
    uint32_t magnitude = to_integer(n);
    if (magnitude > INT32_MAX)
        return n.negative ? INT32_MIN : INT32_MAX;
    return n.negative ? -(int32_t)magnitude : (int32_t)magnitude;
}

uint32_t __fixunsdfsi(double a)
{
    number n = of_double(a);
    return n.negative ? 0 : to_integer(n);
}
