/* Helpers that the x86 kernels share, for eight rows side by side. */
#ifndef MOTE_RUNTIME_X86_ROWS8_H
#define MOTE_RUNTIME_X86_ROWS8_H

#include <immintrin.h>
#include <stddef.h>

#include "../requantize.h"

#define AVX2  __attribute__((target("avx2")))
#define BLOCK 8 /* rows */

AVX2 static inline __m256i clamp(__m256i v, int32_t low, int32_t high)
{
    return _mm256_min_epi32(_mm256_max_epi32(v, _mm256_set1_epi32(low)), _mm256_set1_epi32(high));
}

AVX2 static inline __m256i clamp16(__m256i v)
{
    return clamp(v, -32768, 32767);
}

/* Narrows eight 32-bit values, which must fit 16 bits, to int16. */
AVX2 static inline __m128i narrow16(__m256i v)
{
    return _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
}

AVX2 static inline __m256i load_widened(const int16_t *p)
{
    return _mm256_cvtepi16_epi32(_mm_loadu_si128((const void *)p));
}

/* Does what mote_requantize does, for rows row..row+7. */
AVX2 static inline void requantize(const mote_gemv *g, uint32_t row, __m256i acc)
{
    if (g->out.bias)
        acc = _mm256_add_epi32(acc, _mm256_loadu_si256((const void *)(g->out.bias + row)));
    __m256i u = g->out.shift >= 0 ? clamp16(_mm256_sra_epi32(acc, _mm_cvtsi32_si128(g->out.shift)))
                                  : clamp16(_mm256_sll_epi32(clamp16(acc), _mm_cvtsi32_si128(-g->out.shift)));
    if (g->out.multiplier)
        u = _mm256_srai_epi32(_mm256_mullo_epi32(u, load_widened(g->out.multiplier + row)), 15);
    if (g->out.narrow) {
        u = clamp16(_mm256_add_epi32(u, _mm256_set1_epi32((1 << g->out.gain) >> 1)));
        const __m128i y = narrow16(clamp(_mm256_sra_epi32(u, _mm_cvtsi32_si128(g->out.gain)), -127, 127));
        _mm_storel_epi64((void *)((int8_t *)g->out.y + row), _mm_packs_epi16(y, y));
    } else {
        const __m256i y = clamp16(_mm256_sll_epi32(u, _mm_cvtsi32_si128(g->out.gain)));
        _mm_storeu_si128((void *)((int16_t *)g->out.y + row), narrow16(y));
    }
}

/* Returns the sums of the elements of each of eight vectors, in order. */
AVX2 static inline __m256i sum_each(const __m256i v[BLOCK])
{
    const __m256i a = _mm256_hadd_epi32(_mm256_hadd_epi32(v[0], v[1]), _mm256_hadd_epi32(v[2], v[3]));
    const __m256i b = _mm256_hadd_epi32(_mm256_hadd_epi32(v[4], v[5]), _mm256_hadd_epi32(v[6], v[7]));
    return _mm256_add_epi32(_mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(a, b, 0x31));
}

/* Computes the rows after the last whole block with the portable kernel. */
static inline void remaining_rows(const mote_gemv *g, uint32_t done, uint32_t row_size, void (*gemv)(const mote_gemv *))
{
    if (done == g->rows)
        return;
    mote_gemv rest = *g;
    rest.weights += (size_t)done * row_size;
    rest.out.bias = g->out.bias ? g->out.bias + done : NULL;
    rest.out.multiplier = g->out.multiplier ? g->out.multiplier + done : NULL;
    rest.out.y = (uint8_t *)g->out.y + (g->out.narrow ? done : 2 * done);
    rest.rows -= done;
    gemv(&rest);
}

static inline int32_t sum_of(const int8_t *x, uint32_t columns)
{
    int32_t sum = 0;
    for (uint32_t c = 0; c < columns; c++)
        sum += x[c];
    return sum;
}

#define MAX_BYTES 256 /* maximum bytes of a TERNARY5 row that the vector kernels take: 1280 columns */

/* Sets planes[k][j] to x_k − 3·x_(k−1) of byte j, zero past the end, where x_k is the input of trit k of the byte. With
 * q_k = ⌊byte / 3^k⌋, trit k is q_k − 3·q_(k+1), so Σ trit_k·x_k = Σ q_k·(x_k − 3·x_(k−1)), which needs no trits. */
static inline void differences(int16_t planes[5][MAX_BYTES], const int8_t *x, uint32_t columns, uint32_t padded)
{
    for (uint32_t j = 0; j < padded; j++)
        for (uint32_t k = 0; k < 5; k++) {
            const int here = 5 * j + k < columns ? x[5 * j + k] : 0;
            const int before = k > 0 && 5 * j + k - 1 < columns ? x[5 * j + k - 1] : 0;
            planes[k][j] = (int16_t)(here - 3 * before);
        }
}

#endif
