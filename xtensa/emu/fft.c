/* The instructions for Fourier transforms. */
#include "xtensa/emu/pie.h"

/* Lane 2n is the real part of complex number n, lane 2n + 1 its imaginary part. */
static void multiply_pair(mote_q *z, mote_q x, mote_q y, unsigned n, bool conjugate, uint32_t shift)
{
    int64_t xr = x.s16[2 * n], xi = x.s16[2 * n + 1], yr = y.s16[2 * n], yi = y.s16[2 * n + 1];
    int64_t real = conjugate ? xr * yr + xi * yi : xr * yr - xi * yi;
    int64_t imaginary = conjugate ? xr * yi - xi * yr : xr * yi + xi * yr;
    z->s16[2 * n] = (int16_t)(real >> shift);
    z->s16[2 * n + 1] = (int16_t)(imaginary >> shift);
}

/* Bit 0 of `select` chooses the half; bit 1 conjugates x. */
mote_q mote_xt_cmul(mote_q z, mote_q x, mote_q y, uint32_t select, uint32_t shift)
{
    unsigned first = (select & 1) * 2;
    multiply_pair(&z, x, y, first, select & 2, shift);
    multiply_pair(&z, x, y, first + 1, select & 2, shift);
    return z;
}

/* select / 2 is the number of the factor. An even `select` conjugates y, which swaps the operands. */
mote_q mote_xt_fft_cmul(mote_q z, mote_q x, mote_q y, uint32_t select, uint32_t shift)
{
    multiply_pair(&z, y, x, select >> 1, !(select & 1), shift);
    return z;
}

/* The product goes into the top 32 bits; `update` selects what the bits below hold. */
mote_q mote_xt_fft_cmul_store(mote_q x, mote_q y, mote_q v, uint32_t select, uint32_t update, uint32_t sar4,
                              uint32_t shift)
{
    mote_q product = mote_xt_fft_cmul(v, x, y, select, shift), scaled = mote_xt_vsra_16(x, sar4);
    mote_q z = v;
    if (update == 1)
        z.u64[0] = scaled.u64[0];
    else if (update == 2)
        z.u32[0] = scaled.u32[0], z.u32[1] = v.u32[2], z.u32[2] = scaled.u32[1];
    z.u32[3] = product.u32[select >> 1];
    return z;
}

static uint32_t reverse_bits(uint32_t v, uint32_t width)
{
    uint32_t z = 0;
    for (uint32_t k = 0; k < width; k++)
        z |= (v >> k & 1) << (width - 1 - k);
    return z;
}

/* Each index or its reversal, whichever is larger: the partner with which it changes places. Widths below 3 are not
 * defined; they leave the index as it is. */
mote_q mote_xt_bitrev(uint32_t from, uint32_t width)
{
    mote_q z;
    uint32_t bits = width < 3 ? 0xffff : (1u << width) - 1;
    for (uint32_t k = 0; k < 8; k++) {
        uint32_t index = (from + k) & bits, reversed = reverse_bits(index, width);
        z.u16[k] = (uint16_t)(reversed > index ? reversed : index);
    }
    return z;
}

/* Sums and differences of the complex numbers of v that are `apart` from each other, wrapping to 16 bits: the sums in
 * the low half, the differences in the high half. */
mote_q mote_xt_r2bf(mote_q v, unsigned apart)
{
    mote_q z;
    for (unsigned k = 0; k < 2; k++) {
        unsigned first = apart == 1 ? 2 * k : k;
        for (unsigned part = 0; part < 2; part++) {
            int a = v.s16[2 * first + part], b = v.s16[2 * (first + apart) + part];
            z.s16[2 * k + part] = (int16_t)(a + b);
            z.s16[4 + 2 * k + part] = (int16_t)(a - b);
        }
    }
    return z;
}

mote_q mote_xt_scaled_sum_16(mote_q x, mote_q y, uint32_t shift)
{
    mote_q z;
    for (unsigned k = 0; k < 8; k++)
        z.s16[k] = (int16_t)((x.s16[k] + y.s16[k]) >> shift);
    return z;
}

mote_q mote_xt_difference_16(mote_q x, mote_q y)
{
    mote_q z;
    for (unsigned k = 0; k < 8; k++)
        z.s16[k] = (int16_t)(x.s16[k] - y.s16[k]);
    return z;
}

/* One step of a real transform on complex number n: z = t + u, z1 = conj(t - u) with t = (xr + yr, xi - yi) and
 * u = (xr - yr, xi + yi) times the factor (select 0) or its conjugate (select 1). Sums of lanes wrap to 16 bits. */
static void add_multiply_subtract(mote_q *z, mote_q *z1, unsigned n, mote_q x, mote_q y, mote_q factor, uint32_t select,
                                  uint32_t shift)
{
    unsigned re = 2 * n, im = 2 * n + 1;
    int64_t dr = x.s16[re] - y.s16[re], di = x.s16[im] + y.s16[im], fr = factor.s16[re], fi = factor.s16[im];
    int16_t tr = (int16_t)(x.s16[re] + y.s16[re]), ti = (int16_t)(x.s16[im] - y.s16[im]);
    int16_t ur = (int16_t)((select ? dr * fr + di * fi : dr * fr - di * fi) >> shift);
    int16_t ui = (int16_t)((select ? di * fr - dr * fi : di * fr + dr * fi) >> shift);
    z->s16[re] = (int16_t)(tr + ur);
    z->s16[im] = (int16_t)(ti + ui);
    z1->s16[re] = (int16_t)(tr - ur);
    z1->s16[im] = (int16_t)(ui - ti);
}

void mote_xt_fft_ams(mote_q *z, mote_q *z1, mote_q x, mote_q y, mote_q factor, uint32_t select, uint32_t shift)
{
    add_multiply_subtract(z, z1, 1, x, y, factor, select, shift);
}

/* The step on the last number; its sum goes to `pair`, whose old value is stored below the first three of v. */
mote_q mote_xt_fft_ams_store(mote_q *z1, uint32_t *pair, mote_q v, mote_q x, mote_q y, mote_q factor, uint32_t select,
                             uint32_t shift)
{
    mote_q z = {{0}}, stored = {.u32 = {*pair, v.u32[0], v.u32[1], v.u32[2]}};
    add_multiply_subtract(&z, z1, 3, x, y, factor, select, shift);
    *pair = z.u32[3];
    return select ? stored : mote_xt_vsra_16(stored, 1);
}
