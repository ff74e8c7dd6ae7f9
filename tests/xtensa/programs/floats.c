/* Single-precision arithmetic, bit for bit: sums, differences, products, quotients, comparisons and conversions of
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

/* NaNs differ between machines in sign and payload: all are shown as one. */
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
    for (int i = 0; i < 2000; i++) {
        uint32_t a = random_bits(), near = (a & 0xff800000) + (random_bits() & 0x1ffffff);
        all = digest(digest(all, try(a, random_bits(), 0)), try(a, near, 0));
    }
    for (int i = -4; i <= 4; i++)
        printf("exp(%d/4) ~ %08x, as integer %d\n", i, (unsigned)to_bits(horner((float)i * 0.25f)),
               (int)(horner((float)i * 0.25f) * 1000.0f));
    for (int i = 0; i < 40; i++)
        all = digest(all, to_bits((float)(int32_t)random_bits()));
    printf("digest %08x\n", (unsigned)all);
    return 0;
}
