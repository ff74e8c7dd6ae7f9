/* The kernels for a PC with AVX2. Their output equals that of the portable ones. They sum eight rows side by side; what
 * does not fill a vector is left to portable code. Hosted compilers only. */
#if defined(__x86_64__)

#include "x86.h"

#include <immintrin.h>
#include <stddef.h>

#include "../ops/planes.h"
#include "../ops/sigmoid.h"
#include "rows8.h"

AVX2 static void gemv_int8(const mote_gemv *g)
{
    const uint32_t whole = g->columns & ~15u;
    const int8_t *w = (const int8_t *)g->weights;
    uint32_t r = 0;
    for (; r + BLOCK <= g->rows; r += BLOCK, w += BLOCK * g->columns) {
        __m256i sum[BLOCK];
        int32_t tail[BLOCK] = {0};
        for (int i = 0; i < BLOCK; i++)
            sum[i] = _mm256_setzero_si256();
        for (uint32_t c = 0; c < whole; c += 16) {
            const __m256i x = _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)(g->x + c)));
            for (uint32_t i = 0; i < BLOCK; i++) {
                const __m128i row = _mm_loadu_si128((const void *)(w + i * g->columns + c));
                sum[i] = _mm256_add_epi32(sum[i], _mm256_madd_epi16(_mm256_cvtepi8_epi16(row), x));
            }
        }
        for (uint32_t i = 0; i < BLOCK; i++)
            for (uint32_t c = whole; c < g->columns; c++)
                tail[i] += w[i * g->columns + c] * g->x[c];
        requantize(g, r, _mm256_add_epi32(sum_each(sum), _mm256_loadu_si256((const void *)tail)));
    }
    remaining_rows(g, r, g->columns, mote_gemv_int8);
}

AVX2 void mote_avx2_gemv_int16(const mote_gemv *g)
{
    const uint32_t whole = g->columns & ~15u;
    const int16_t *w = (const int16_t *)(const void *)g->weights;
    uint32_t r = 0;
    for (; r + BLOCK <= g->rows; r += BLOCK, w += BLOCK * g->columns) {
        __m256i sum[BLOCK];
        int32_t tail[BLOCK] = {0};
        for (int i = 0; i < BLOCK; i++)
            sum[i] = _mm256_setzero_si256();
        for (uint32_t c = 0; c < whole; c += 16) {
            const __m256i x = _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)(g->x + c)));
            for (uint32_t i = 0; i < BLOCK; i++) {
                const __m256i row = _mm256_loadu_si256((const void *)(w + i * g->columns + c));
                sum[i] = _mm256_add_epi32(sum[i], _mm256_madd_epi16(row, x));
            }
        }
        for (uint32_t i = 0; i < BLOCK; i++)
            for (uint32_t c = whole; c < g->columns; c++)
                tail[i] += w[i * g->columns + c] * g->x[c];
        requantize(g, r, _mm256_add_epi32(sum_each(sum), _mm256_loadu_si256((const void *)tail)));
    }
    remaining_rows(g, r, 2 * g->columns, mote_gemv_int16);
}

AVX2 static __m256i load_x_twice(const int8_t *x)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)x));
}

/* Returns Σ code·x over a group of columns of two rows, one in each half; x[k]: inputs of plane k. Every 16-bit lane
 * stays below 2·2·15·128 < 2^13. */
AVX2 static inline __m256i planes_group(uint32_t bits, const uint8_t *a, const uint8_t *b, const __m256i *x)
{
    const __m256i mask = _mm256_set1_epi8((char)((1u << bits) - 1));
    __m256i codes = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const void *)a)),
                                            _mm_loadu_si128((const void *)b), 1);
    __m256i sum = _mm256_setzero_si256();
    for (uint32_t k = 0; k < 8 / bits; k++) {
        sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(_mm256_and_si256(codes, mask), x[k]));
        codes = _mm256_srli_epi16(codes, (int)bits);
    }
    return _mm256_madd_epi16(sum, _mm256_set1_epi16(1));
}

AVX2 static inline __attribute__((always_inline)) void gemv_planes(const mote_gemv *g, mote_planes p,
                                                                   void (*portable)(const mote_gemv *))
{
    const uint32_t whole = g->columns & ~15u, group = mote_planes_group(p.bits);
    const uint32_t row_size = (uint32_t)mote_planes_row_size(p.bits, g->columns);
    const __m256i excess = _mm256_set1_epi32(p.zero * sum_of(g->x, g->columns));
    const uint8_t *w = g->weights;
    uint32_t r = 0;
    for (; r + BLOCK <= g->rows; r += BLOCK, w += BLOCK * row_size) {
        __m256i pair[BLOCK / 2], row[BLOCK];
        int32_t tail[BLOCK] = {0};
        for (int i = 0; i < BLOCK / 2; i++)
            pair[i] = _mm256_setzero_si256();
        for (uint32_t c = 0; c < whole; c += group) {
            __m256i x[8];
            for (uint32_t k = 0; k < 8 / p.bits; k++)
                x[k] = c + 16 * k < whole ? load_x_twice(g->x + c + 16 * k) : _mm256_setzero_si256();
            for (uint32_t i = 0; i < BLOCK / 2; i++) {
                const uint8_t *a = w + 2 * i * row_size + c / group * 16;
                pair[i] = _mm256_add_epi32(pair[i], planes_group(p.bits, a, a + row_size, x));
            }
        }
        for (uint32_t i = 0; i < BLOCK; i++) {
            const __m128i half = i % 2 ? _mm256_extracti128_si256(pair[i / 2], 1) : _mm256_castsi256_si128(pair[i / 2]);
            row[i] = _mm256_zextsi128_si256(half);
            for (uint32_t c = whole; c < g->columns; c++)
                tail[i] += (int32_t)mote_planes_code(p.bits, w + i * row_size, c) * g->x[c];
        }
        const __m256i dot = _mm256_add_epi32(sum_each(row), _mm256_loadu_si256((const void *)tail));
        requantize(g, r, _mm256_sub_epi32(_mm256_mullo_epi32(dot, _mm256_set1_epi32(p.step)), excess));
    }
    remaining_rows(g, r, row_size, portable);
}

AVX2 void mote_avx2_gemv_int4(const mote_gemv *g)
{
    gemv_planes(g, mote_planes_of(MOTE_I4), mote_gemv_int4);
}

AVX2 static void gemv_ternary2(const mote_gemv *g)
{
    gemv_planes(g, mote_planes_of(MOTE_TERNARY2), mote_gemv_ternary2);
}

AVX2 void mote_avx2_gemv_binary(const mote_gemv *g)
{
    gemv_planes(g, mote_planes_of(MOTE_BINARY), mote_gemv_binary);
}

/* Loads `count` bytes, padded with zeros, and reads nothing past them. */
AVX2 static __m128i load_partial(const uint8_t *p, uint32_t count)
{
    uint8_t bytes[16] = {0};
    for (uint32_t i = 0; i < count; i++)
        bytes[i] = p[i];
    return _mm_loadu_si128((const void *)bytes);
}

/* Returns the partial sums of a row. Bytes loaded past the end of the row are multiplied by zeros of `planes`. */
AVX2 static __m256i ternary5_row(const uint8_t *row, uint32_t row_size, const uint8_t *end,
                                 int16_t planes[5][MAX_BYTES])
{
    const __m256i third = _mm256_set1_epi16(21846); /* q·21846 / 2^16 is q/3 rounded down for q < 256 */
    __m256i sum = _mm256_setzero_si256();
    for (uint32_t j = 0; j < row_size; j += 16) {
        const __m128i bytes = end - row >= j + 16 ? _mm_loadu_si128((const void *)(row + j))
                                                  : load_partial(row + j, (uint32_t)(end - row - j));
        __m256i q = _mm256_cvtepu8_epi16(bytes);
        for (uint32_t k = 0; k < 5; k++) {
            const __m256i x = _mm256_loadu_si256((const void *)(planes[k] + j));
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(q, x));
            q = _mm256_mulhi_epu16(q, third);
        }
    }
    return sum;
}

AVX2 static void gemv_ternary5(const mote_gemv *g)
{
    const uint32_t row_size = (g->columns + 4) / 5;
    if (row_size > MAX_BYTES) {
        mote_gemv_ternary5(g);
        return;
    }
    int16_t planes[5][MAX_BYTES];
    differences(planes, g->x, g->columns, (row_size + 15) & ~15u);
    const int32_t sum_x = sum_of(g->x, g->columns);
    const uint8_t *w = g->weights;
    uint32_t r = 0;
    for (; r + BLOCK <= g->rows; r += BLOCK) {
        __m256i row[BLOCK];
        for (int i = 0; i < BLOCK; i++, w += row_size)
            row[i] = ternary5_row(w, row_size, g->weights + (size_t)g->rows * row_size, planes);
        requantize(g, r, _mm256_sub_epi32(sum_each(row), _mm256_set1_epi32(sum_x)));
    }
    remaining_rows(g, r, row_size, mote_gemv_ternary5);
}

/* Returns mote_sigmoid of eight values. One gather loads both numbers of a segment, which are not negative. */
AVX2 static __m256i sigmoid(__m256i x)
{
    const __m256i a = _mm256_min_epi32(_mm256_abs_epi32(x), _mm256_set1_epi32(8191));
    const __m256i segment =
        _mm256_i32gather_epi32((const int *)(const void *)mote_sigmoid_table, _mm256_srli_epi32(a, 6), 4);
    const __m256i value = _mm256_and_si256(segment, _mm256_set1_epi32(0xffff)), rise = _mm256_srli_epi32(segment, 16);
    const __m256i part = _mm256_mullo_epi32(rise, _mm256_and_si256(a, _mm256_set1_epi32(63)));
    const __m256i y = _mm256_add_epi32(value, _mm256_srli_epi32(part, 6));
    const __m256i sign = _mm256_srai_epi32(x, 31);
    return _mm256_add_epi32(_mm256_set1_epi32(16384), _mm256_sub_epi32(_mm256_xor_si256(y, sign), sign));
}

AVX2 static __m256i multiply_q15(__m256i a, __m256i b)
{
    return _mm256_srai_epi32(_mm256_mullo_epi32(a, b), 15);
}

AVX2 void mote_avx2_gru_gates(const int16_t *gx, const int16_t *gh, int16_t *h, int8_t *h8, uint32_t d)
{
    if (d % BLOCK != 0) {
        mote_gru_gates(gx, gh, h, h8, d);
        return;
    }
    for (uint32_t i = 0; i < d; i += BLOCK) {
        const __m256i ar = _mm256_add_epi32(load_widened(gx + i), load_widened(gh + i));
        const __m256i az = _mm256_add_epi32(load_widened(gx + d + i), load_widened(gh + d + i));
        const __m256i r = sigmoid(clamp16(ar)), z = sigmoid(clamp16(az));
        const __m256i gated = multiply_q15(r, load_widened(gh + 2 * d + i));
        const __m256i an = clamp16(_mm256_add_epi32(load_widened(gx + 2 * d + i), gated));
        const __m256i n = _mm256_sub_epi32(sigmoid(_mm256_add_epi32(an, an)), _mm256_set1_epi32(16384));
        const __m256i h_next = _mm256_add_epi32(n, multiply_q15(z, _mm256_sub_epi32(load_widened(h + i), n)));
        const __m256i rounded = _mm256_srai_epi32(_mm256_add_epi32(h_next, _mm256_set1_epi32(64)), 7);
        const __m128i byte = narrow16(clamp(rounded, -127, 127));
        _mm_storeu_si128((void *)(h + i), narrow16(h_next));
        _mm_storel_epi64((void *)(h8 + i), _mm_packs_epi16(byte, byte));
    }
}

const mote_kernels mote_avx2_kernels = {
    MOTE_PORTABLE_ENTRIES,
    MOTE_AVX2_ENTRIES,
    .name = "avx2",
    MOTE_GEMV(ROWS, I8, gemv_int8),
    MOTE_GEMV(ROWS, TERNARY2, gemv_ternary2),
    MOTE_GEMV(ROWS, TERNARY5, gemv_ternary5),
};

#endif
