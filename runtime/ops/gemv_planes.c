/* GEMV of codes in planes: Σ(step·code − zero)·x = step·Σcode·x − zero·Σx, with the codes of two rows in the halves of
 * one word, as in gemv_ternary2.c. The halves are separated every 8 bytes: |Σ code·x| <= 16·15·128 < 2^15 for codes of
 * 4 bits, 32·3·128 for 2 bits and 64·128 for 1 bit. */
#include "planes.h"

#include "../model.h"
#include "../requantize.h"
#include "ternary.h"

/* Returns Σ code·x of both rows over eight bytes, of which `planes` planes hold columns. */
static inline uint32_t byte_sum(uint32_t bits, const uint8_t *a, const uint8_t *b, const int8_t *x, uint32_t planes)
{
    const uint32_t mask = ((1u << bits) - 1) * 0x00010001u;
    uint32_t sum = 0;
    for (uint32_t j = 0; j < 8; j++) {
        uint32_t codes = a[j] | (uint32_t)b[j] << 16;
        for (uint32_t k = 0; k < planes; k++, codes >>= bits)
            sum += (codes & mask) * mote_wrapped(x[16 * k + j]);
    }
    return sum;
}

/* dots += step·Σ code·x */
static inline void add_dots(const mote_gemv *g, uint32_t bits, int32_t step, const uint8_t *a, const uint8_t *b,
                            int32_t dots[2])
{
    const uint32_t group = mote_planes_group(bits), whole = g->columns & ~15u;
    for (uint32_t c = 0; c < whole; c += group) {
        const uint32_t planes = (whole - c < group ? whole - c : group) / 16, at = c / group * 16;
        mote_take_apart(byte_sum(bits, a + at, b + at, g->x + c, planes), step, dots);
        mote_take_apart(byte_sum(bits, a + at + 8, b + at + 8, g->x + c + 8, planes), step, dots);
    }
    uint32_t rest = 0;
    for (uint32_t c = whole; c < g->columns; c++)
        rest += (mote_planes_code(bits, a, c) | mote_planes_code(bits, b, c) << 16) * mote_wrapped(g->x[c]);
    mote_take_apart(rest, step, dots);
}

static void dot_pair_int4(const mote_gemv *g, const uint8_t *a, const uint8_t *b, int32_t dots[2])
{
    add_dots(g, 4, 1, a, b, dots);
}

static void dot_pair_binary(const mote_gemv *g, const uint8_t *a, const uint8_t *b, int32_t dots[2])
{
    add_dots(g, 1, 2, a, b, dots);
}

/* The weight is low + 16·high - zero, with the two parts of the code in separate planes. */
static void dot_pair_int5(const mote_gemv *g, const uint8_t *a, const uint8_t *b, int32_t dots[2])
{
    const uint64_t low = mote_planes_row_size(4, g->columns);
    add_dots(g, 4, 1, a, b, dots);
    add_dots(g, 1, 16, a + low, b + low, dots);
}

static void dot_pair_int6(const mote_gemv *g, const uint8_t *a, const uint8_t *b, int32_t dots[2])
{
    const uint64_t low = mote_planes_row_size(4, g->columns);
    add_dots(g, 4, 1, a, b, dots);
    add_dots(g, 2, 16, a + low, b + low, dots);
}

static void gemv(const mote_gemv *g, mote_dtype dtype, mote_dot_pair *dot_pair, int32_t zero)
{
    mote_gemv_pairs(g, dot_pair, (uint32_t)mote_row_size(dtype, g->columns), zero);
}

void mote_gemv_int4(const mote_gemv *g)
{
    gemv(g, MOTE_I4, dot_pair_int4, 8);
}

void mote_gemv_binary(const mote_gemv *g)
{
    gemv(g, MOTE_BINARY, dot_pair_binary, 1);
}

void mote_gemv_int5(const mote_gemv *g)
{
    gemv(g, MOTE_I5, dot_pair_int5, 16);
}

void mote_gemv_int6(const mote_gemv *g)
{
    gemv(g, MOTE_I6, dot_pair_int6, 32);
}
