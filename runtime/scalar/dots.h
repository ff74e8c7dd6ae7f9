/* Dot products of several rows. They are separate functions, so that the compiler has all registers for them. */
#ifndef MOTE_RUNTIME_SCALAR_DOTS_H
#define MOTE_RUNTIME_SCALAR_DOTS_H

#include <stdint.h>

/* dots[r] = Σ_c weights[r][c]·x[c] with int8 weights; columns: a multiple of 4 below 512; |x| <= 128. */
void mote_scalar_dots_int8(const uint32_t *weights, const int16_t *x, int32_t *dots, uint32_t rows, uint32_t columns);

/* Returns Σ weight·input of one row; columns: a multiple of 4 below 512; |x| <= 128. It suits cores whose byte loads do
 * not extend the sign: it loads four weights as a word, and a shift or a mask leaves 256 times a weight in the low
 * half, which is all that a 16-bit multiplication reads. */
static inline int32_t mote_scalar_dot_int8(const uint32_t *words, const int16_t *x, uint32_t columns)
{
    int32_t sum = 0;
    for (const int16_t *end = x + columns; x < end; x += 4) {
        const uint32_t low = *words++, high = low >> 16;
        sum += (int16_t)(low << 8) * x[0];
        sum += (int16_t)(low & 0xff00) * x[1];
        sum += (int16_t)(high << 8) * x[2];
        sum += (int16_t)(high & 0xff00) * x[3];
    }
    return sum >> 8;
}

/* dots[r] = Σ code·x over 64·groups columns in the layout of MOTE_TERNARY2. A pair is x[c + 2] + 65536·x[c]. For the
 * word with the columns 16k + w..16k + w + 3 of a group the pairs are those of c = 16k + w, k = 0..3, then those of c =
 * 16k + w + 1. */
void mote_scalar_dots_ternary2(const uint32_t *codes, const uint32_t *pairs, int32_t *dots, uint32_t rows,
                               uint32_t groups);

/* dots[r] = Σ weight·x over the blocks of rows in the layout MOTE_BLOCKS16. Returns the position in the index after
 * these rows. x: int16_t[] of whole blocks for int8 weights; for ternary weights uint32_t[9] for every sixteen columns:
 * the pairs of c = 0, 4, 8, 12, those of c = 1, 5, 9, 13, and the sum of the inputs. */
typedef const uint16_t *mote_scalar_dots_blocks16(const uint32_t *blocks, const void *x, int32_t *dots, uint32_t rows,
                                                  const uint16_t *index);
mote_scalar_dots_blocks16 mote_scalar_dots_blocks16_int8, mote_scalar_dots_blocks16_ternary2;

#endif
