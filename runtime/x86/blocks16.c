/* GEMV of the layout MOTE_BLOCKS16 for a PC with AVX2: block by block, eight rows per requantization. */
#if defined(__x86_64__)

#include "../ops/blocks16.h"

#include "rows8.h"
#include "x86.h"

/* Returns sixteen weights as int16. Ternary weights are shifted into the two top bits of their bytes, which multiplies
 * them by 64. */
AVX2 static inline __m256i weights_of(mote_dtype dtype, const uint8_t *block)
{
    if (dtype != MOTE_TERNARY2)
        return _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)block));
    const __m128i bytes = _mm_set1_epi32(*(const int32_t *)(const void *)block);
    const __m128i shifted = _mm_sllv_epi32(bytes, _mm_setr_epi32(6, 4, 2, 0));
    return _mm256_cvtepi8_epi16(_mm_and_si128(shifted, _mm_set1_epi8((char)0xc0)));
}

AVX2 static inline __m256i row_sum(mote_dtype dtype, mote_blocks16 *walk, const int8_t *x)
{
    __m256i sum = _mm256_setzero_si256();
    for (uint32_t count = mote_index_next(&walk->index); count > 0;
         count--, walk->block += mote_blocks16_bytes(dtype)) {
        x += mote_index_next(&walk->index);
        const __m256i inputs = _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)x));
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(weights_of(dtype, walk->block), inputs));
    }
    walk->index += 2;
    return sum;
}

AVX2 static inline __attribute__((always_inline)) void gemv(const mote_gemv *g, mote_dtype dtype)
{
    mote_blocks16 walk = mote_blocks16_begin(g->weights);
    for (uint32_t r = 0; r < g->rows; r += BLOCK) {
        const uint32_t rows = g->rows - r < BLOCK ? g->rows - r : BLOCK;
        __m256i sums[BLOCK];
        int32_t dots[BLOCK];
        for (uint32_t i = 0; i < BLOCK; i++)
            sums[i] = i < rows ? row_sum(dtype, &walk, g->x) : _mm256_setzero_si256();
        const __m256i acc = _mm256_srai_epi32(sum_each(sums), dtype == MOTE_TERNARY2 ? 6 : 0);
        if (rows == BLOCK) {
            requantize(g, r, acc);
            continue;
        }
        _mm256_storeu_si256((void *)dots, acc);
        mote_requantize_rows(&g->out, r, rows, dots, 0);
    }
}

AVX2 void mote_avx2_gemv_blocks16_int8(const mote_gemv *g)
{
    gemv(g, MOTE_I8);
}

AVX2 void mote_avx2_gemv_blocks16_ternary2(const mote_gemv *g)
{
    gemv(g, MOTE_TERNARY2);
}

#endif
