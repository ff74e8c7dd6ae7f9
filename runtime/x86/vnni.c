/* The kernels for a PC with AVX-512 VNNI. Their output equals that of the portable ones. VNNI multiplies unsigned by
 * signed bytes and adds four products to a 32-bit sum without saturation. Ternary codes are unsigned already; int8
 * weights become unsigned by adding 128. Hosted compilers only. */
#if defined(__x86_64__)

#include "rows8.h"
#include "x86.h"

#define VNNI __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vnni")))

/* Returns a mask of the first `count` lanes, at most 64. */
static __mmask64 first(uint32_t count)
{
    return count < 64 ? ((__mmask64)1 << count) - 1 : ~(__mmask64)0;
}

VNNI static __m256i fold(__m512i v)
{
    return _mm256_add_epi32(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1));
}

/* Σ w·x = Σ (w + 128)·x - 128·Σ x */
VNNI static void gemv_int8(const mote_gemv *g)
{
    const __m256i excess = _mm256_set1_epi32(128 * sum_of(g->x, g->columns));
    const __m512i top = _mm512_set1_epi8(-128);
    const uint8_t *w = g->weights;
    uint32_t r = 0;
    for (; r + BLOCK <= g->rows; r += BLOCK, w += BLOCK * g->columns) {
        __m512i sum[BLOCK];
        __m256i row[BLOCK];
        for (int i = 0; i < BLOCK; i++)
            sum[i] = _mm512_setzero_si512();
        for (uint32_t c = 0; c < g->columns; c += 64) {
            const __mmask64 here = first(g->columns - c);
            const __m512i x = _mm512_maskz_loadu_epi8(here, g->x + c);
            for (uint32_t i = 0; i < BLOCK; i++) {
                const __m512i weights = _mm512_maskz_loadu_epi8(here, w + (size_t)i * g->columns + c);
                sum[i] = _mm512_dpbusd_epi32(sum[i], _mm512_xor_si512(weights, top), x);
            }
        }
        for (int i = 0; i < BLOCK; i++)
            row[i] = fold(sum[i]);
        requantize(g, r, _mm256_sub_epi32(sum_each(row), excess));
    }
    remaining_rows(g, r, g->columns, mote_gemv_int8);
}

/* Loads 16 bytes of each of four rows, one row per quarter. */
VNNI static __m512i load_rows(const uint8_t *w, size_t row_size)
{
    const __m512i a = _mm512_castsi128_si512(_mm_loadu_si128((const void *)w));
    const __m512i b = _mm512_mask_broadcast_i32x4(a, 0x00f0, _mm_loadu_si128((const void *)(w + row_size)));
    const __m512i c = _mm512_mask_broadcast_i32x4(b, 0x0f00, _mm_loadu_si128((const void *)(w + 2 * row_size)));
    return _mm512_mask_broadcast_i32x4(c, 0xf000, _mm_loadu_si128((const void *)(w + 3 * row_size)));
}

/* Returns the sums of the elements of each quarter; a holds rows 0..3, b rows 4..7. */
VNNI static __m256i sum_quarters(__m512i a, __m512i b)
{
    const __m256i low = _mm256_hadd_epi32(_mm512_castsi512_si256(a), _mm512_extracti64x4_epi64(a, 1));
    const __m256i high = _mm256_hadd_epi32(_mm512_castsi512_si256(b), _mm512_extracti64x4_epi64(b, 1));
    return _mm256_permutevar8x32_epi32(_mm256_hadd_epi32(low, high), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

/* Each plane k has its own sums, so that no product depends on the one before. */
VNNI static void gemv_ternary2(const mote_gemv *g)
{
    const size_t row_size = (g->columns + 63) / 64 * 16;
    const __m256i sum_x = _mm256_set1_epi32(sum_of(g->x, g->columns));
    const __m512i mask = _mm512_set1_epi8(3);
    const uint8_t *w = g->weights;
    uint32_t r = 0;
    for (; r + BLOCK <= g->rows; r += BLOCK, w += BLOCK * row_size) {
        __m512i sum[2][4];
        for (int i = 0; i < 8; i++)
            sum[i / 4][i % 4] = _mm512_setzero_si512();
        for (uint32_t c = 0; c < g->columns; c += 64) {
            __m512i a = load_rows(w + c / 4, row_size), b = load_rows(w + c / 4 + 4 * row_size, row_size);
            for (uint32_t k = 0; k < 4 && c + 16 * k < g->columns; k++) {
                const __mmask16 here = (__mmask16)first(g->columns - c - 16 * k);
                const __m512i x = _mm512_broadcast_i32x4(_mm_maskz_loadu_epi8(here, g->x + c + 16 * k));
                sum[0][k] = _mm512_dpbusd_epi32(sum[0][k], _mm512_and_si512(a, mask), x);
                sum[1][k] = _mm512_dpbusd_epi32(sum[1][k], _mm512_and_si512(b, mask), x);
                a = _mm512_srli_epi16(a, 2);
                b = _mm512_srli_epi16(b, 2);
            }
        }
        for (int i = 0; i < 2; i++)
            sum[i][0] =
                _mm512_add_epi32(_mm512_add_epi32(sum[i][0], sum[i][1]), _mm512_add_epi32(sum[i][2], sum[i][3]));
        requantize(g, r, _mm256_sub_epi32(sum_quarters(sum[0][0], sum[1][0]), sum_x));
    }
    remaining_rows(g, r, (uint32_t)row_size, mote_gemv_ternary2);
}

VNNI static __m256i ternary5_row(const uint8_t *row, uint32_t row_size, int16_t planes[5][MAX_BYTES])
{
    const __m512i third = _mm512_set1_epi16(21846); /* q·21846 / 2^16 is q/3 rounded down for q < 256 */
    __m512i sum = _mm512_setzero_si512();
    for (uint32_t j = 0; j < row_size; j += 32) {
        const __mmask32 here = (__mmask32)first(row_size - j);
        __m512i q = _mm512_cvtepu8_epi16(_mm256_maskz_loadu_epi8(here, row + j));
        for (uint32_t k = 0; k < 5; k++) {
            sum = _mm512_dpwssd_epi32(sum, q, _mm512_loadu_si512(planes[k] + j));
            q = _mm512_mulhi_epu16(q, third);
        }
    }
    return fold(sum);
}

VNNI static void gemv_ternary5(const mote_gemv *g)
{
    const uint32_t row_size = (g->columns + 4) / 5;
    if (row_size > MAX_BYTES) {
        mote_gemv_ternary5(g);
        return;
    }
    int16_t planes[5][MAX_BYTES];
    differences(planes, g->x, g->columns, (row_size + 31) & ~31u);
    const __m256i sum_x = _mm256_set1_epi32(sum_of(g->x, g->columns));
    const uint8_t *w = g->weights;
    uint32_t r = 0;
    for (; r + BLOCK <= g->rows; r += BLOCK) {
        __m256i row[BLOCK];
        for (int i = 0; i < BLOCK; i++, w += row_size)
            row[i] = ternary5_row(w, row_size, planes);
        requantize(g, r, _mm256_sub_epi32(sum_each(row), sum_x));
    }
    remaining_rows(g, r, row_size, mote_gemv_ternary5);
}

const mote_kernels mote_vnni_kernels = {
    MOTE_PORTABLE_ENTRIES,
    MOTE_AVX2_ENTRIES,
    .name = "avx512-vnni",
    MOTE_GEMV(ROWS, I8, gemv_int8),
    MOTE_GEMV(ROWS, TERNARY2, gemv_ternary2),
    MOTE_GEMV(ROWS, TERNARY5, gemv_ternary5),
};

#endif
