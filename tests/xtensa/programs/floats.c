/* Arithmetic of floats and doubles, bit for bit: sums, differences, products, quotients, comparisons and conversions of
 * chosen and of random numbers. */
#include <stdint.h>
#include <stdio.h>

static uint32_t random_state = 2463534242u;

static uint32_t random_bits(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static float from_bits(uint32_t u)
{
    union {
        uint32_t u;
        float f;
    } x = {.u = u};
    return x.f;
}

/* NaNs differ between machines in sign and payload, so that all are printed as one. */
static uint32_t to_bits(float f)
{
    union {
        float f;
        uint32_t u;
    } x = {.f = f};
    return (x.u & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : x.u;
}

static uint32_t digest(uint32_t d, uint32_t u)
{
    return (d ^ u) * 16777619u;
}

static uint32_t try(uint32_t ua, uint32_t ub, int show)
{
    volatile float a = from_bits(ua), b = from_bits(ub);
    uint32_t sum = to_bits(a + b), difference = to_bits(a - b), product = to_bits(a * b);
    unsigned order = (unsigned)(a < b) | (unsigned)(a == b) << 1 | (unsigned)(a >= b) << 2;
    if (show)
        printf("%08x %08x: %08x %08x %08x %u\n", (unsigned)ua, (unsigned)ub, (unsigned)sum, (unsigned)difference,
               (unsigned)product, order);
    return digest(digest(digest(digest(2166136261u, sum), difference), product), order);
}

static float horner(float x)
{
    static const float terms[] = {0.0083333333f, 0.041666667f, 0.16666667f, 0.5f, 1.0f, 1.0f};
    volatile float y = 0;
    for (unsigned i = 0; i < sizeof terms / sizeof terms[0]; i++) {
        volatile float product = y * x; /* rounded, even where the host could fuse */
        y = product + terms[i];
    }
    return y;
}

static double double_of(uint64_t u)
{
    union {
        uint64_t u;
        double d;
    } x = {.u = u};
    return x.d;
}

static uint64_t bits_of_double(double d)
{
    union {
        double d;
        uint64_t u;
    } x = {.d = d};
    return (x.u & 0x7fffffffffffffffu) > 0x7ff0000000000000u ? 0x7ff8000000000000u : x.u;
}

static uint32_t digest_double(uint32_t d, double x)
{
    uint64_t bits = bits_of_double(x);
    return digest(digest(d, (uint32_t)bits), (uint32_t)(bits >> 32));
}

static uint32_t try_doubles(uint64_t ua, uint64_t ub)
{
    volatile double a = double_of(ua), b = double_of(ub);
    uint32_t d = digest_double(digest_double(2166136261u, a + b), a - b);
    d = digest_double(digest_double(d, a * b), a / b);
    d = digest(d, to_bits((float)a));
    return digest(d, (uint32_t)(a < b) | (uint32_t)(a == b) << 1 | (uint32_t)(a >= b) << 2);
}

static uint32_t doubles(void)
{
    static const uint64_t chosen[] = {0,
                                      0x8000000000000000u,
                                      0x3ff0000000000000u,
                                      0xbff0000000000001u,
                                      1,
                                      0x000fffffffffffffu,
                                      0x0010000000000000u,
                                      0x7fefffffffffffffu,
                                      0x7ff0000000000000u,
                                      0xfff0000000000000u,
                                      0x7ff8000000000000u,
                                      0x4340000000000001u,
                                      0x3ca0000000000000u,
                                      0x36a0000000000000u,
                                      0x380fffffffffffffu};
    enum { COUNT = sizeof chosen / sizeof chosen[0] };
    uint32_t all = 0;
    for (unsigned i = 0; i < COUNT; i++)
        for (unsigned j = 0; j < COUNT; j++)
            all = digest(all, try_doubles(chosen[i], chosen[j]));
    for (int i = 0; i < 250; i++) {
        uint64_t a = (uint64_t)random_bits() << 32 | random_bits();
        uint64_t b = (uint64_t)random_bits() << 32 | random_bits();
        uint64_t near = (a & 0xfff0000000000000u) + (b & 0x1fffffffffffffu);
        all = digest(digest(all, try_doubles(a, b)), try_doubles(a, near));
        all = digest_double(all, (double)(int32_t)random_bits() / 1000.0);
        volatile double small = (double)random_bits() / 3.0;
        all = digest(digest(all, (uint32_t)(int32_t)(small - 700000000.0)), (uint32_t)small);
    }
    volatile float f = 1.1f;
    printf("%08x as double %08x\n", (unsigned)to_bits(f), (unsigned)(bits_of_double((double)f) >> 29));
    return all;
}

int main(void)
{
    static const uint32_t chosen[] = {0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x00000001,
                                      0x007fffff, 0x00800000, 0x7f7fffff, 0x7f800000, 0xff800000,
                                      0x7fc00000, 0x4b800001, 0x33800000, 0x3f800001};
    enum { COUNT = sizeof chosen / sizeof chosen[0] };
    uint32_t all = 0;
    for (unsigned i = 0; i < COUNT; i++)
        for (unsigned j = 0; j < COUNT; j++)
            all = digest(all, try(chosen[i], chosen[j], i == 11 || j == 4));
    for (int i = 0; i < 500; i++) {
        uint32_t a = random_bits(), near = (a & 0xff800000) + (random_bits() & 0x1ffffff);
        all = digest(digest(all, try(a, random_bits(), 0)), try(a, near, 0));
    }
    for (int i = -4; i <= 4; i++)
        printf("exp(%d/4) ~ %08x, as integer %d\n", i, (unsigned)to_bits(horner((float)i * 0.25f)),
               (int)(horner((float)i * 0.25f) * 1000.0f));
    for (int i = 0; i < 40; i++)
        all = digest(all, to_bits((float)(int32_t)random_bits()));
    printf("digest %08x, of doubles %08x\n", (unsigned)all, (unsigned)doubles());
    return 0;
}
