#include "compiler/graph/panel.h"

#include <string.h>

size_t mote_panel_size(uint32_t inner, uint32_t columns)
{
    return ((size_t)columns + MOTE_PANEL - 1) / MOTE_PANEL * MOTE_PANEL * inner;
}

void mote_panel_pack(float *panels, const float *w, size_t inner_stride, size_t column_stride, uint32_t inner,
                     uint32_t columns)
{
    for (uint32_t first = 0; first < columns; first += MOTE_PANEL)
        for (uint32_t k = 0; k < inner; k++)
            for (uint32_t j = first; j < first + MOTE_PANEL; j++)
                *panels++ = j < columns ? w[k * inner_stride + j * column_stride] : 0;
}

/* c [ROWS, COLUMNS] = or += a [ROWS, inner] · panel [inner, COLUMNS], the sums kept in registers of LANES floats. */
#define DEFINE_TILE(NAME, TARGET, LANES, ROWS, COLUMNS)                                                                \
    TARGET static void NAME(float *c, size_t c_stride, const float *a, size_t a_stride, const float *panel,            \
                            uint32_t inner, bool add)                                                                  \
    {                                                                                                                  \
        typedef float vector __attribute__((vector_size(LANES * 4)));                                                  \
        enum { VECTORS = COLUMNS / LANES };                                                                            \
        vector sum[ROWS][VECTORS] = {0};                                                                               \
        for (int r = 0; add && r < ROWS; r++)                                                                          \
            memcpy(sum[r], c + (size_t)r * c_stride, sizeof sum[r]);                                                   \
        for (uint32_t k = 0; k < inner; k++) {                                                                         \
            const vector *row = (const vector *)(const void *)(panel + (size_t)k * COLUMNS);                           \
            _Pragma("GCC unroll 16") for (int r = 0; r < ROWS; r++)                                                    \
                _Pragma("GCC unroll 8") for (int v = 0; v < VECTORS; v++) sum[r][v] +=                                 \
                a[(size_t)r * a_stride + k] * row[v];                                                                  \
        }                                                                                                              \
        for (int r = 0; r < ROWS; r++)                                                                                 \
            memcpy(c + (size_t)r * c_stride, sum[r], sizeof sum[r]);                                                   \
    }

typedef void tile_function(float *c, size_t c_stride, const float *a, size_t a_stride, const float *panel,
                           uint32_t inner, bool add);
typedef struct tiling {
    uint32_t rows; /* of `many` */
    tile_function *many, *one;
} tiling;

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f")))
#define AVX2   __attribute__((target("avx2,fma")))
DEFINE_TILE(tile_avx512_8, AVX512, 16, 8, MOTE_PANEL)
DEFINE_TILE(tile_avx512_1, AVX512, 16, 1, MOTE_PANEL)
DEFINE_TILE(half_avx512_8, AVX512, 16, 8, MOTE_HALF_PANEL)
DEFINE_TILE(half_avx512_1, AVX512, 16, 1, MOTE_HALF_PANEL)
DEFINE_TILE(tile_avx2_3, AVX2, 8, 3, MOTE_PANEL)
DEFINE_TILE(tile_avx2_1, AVX2, 8, 1, MOTE_PANEL)
DEFINE_TILE(half_avx2_6, AVX2, 8, 6, MOTE_HALF_PANEL)
DEFINE_TILE(half_avx2_1, AVX2, 8, 1, MOTE_HALF_PANEL)
#endif
DEFINE_TILE(tile_1, , 4, 1, MOTE_PANEL)
DEFINE_TILE(half_1, , 4, 1, MOTE_HALF_PANEL)

static tiling best_tiling(bool half)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return half ? (tiling){8, half_avx512_8, half_avx512_1} : (tiling){8, tile_avx512_8, tile_avx512_1};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return half ? (tiling){6, half_avx2_6, half_avx2_1} : (tiling){3, tile_avx2_3, tile_avx2_1};
#endif
    return half ? (tiling){1, half_1, half_1} : (tiling){1, tile_1, tile_1};
}

static void multiply_panel(tiling t, float *c, size_t c_stride, const float *a, size_t a_stride, const float *panel,
                           uint32_t rows, uint32_t inner, bool add)
{
    uint32_t r = 0;
    for (; r + t.rows <= rows; r += t.rows)
        t.many(c + r * c_stride, c_stride, a + r * a_stride, a_stride, panel, inner, add);
    for (; r < rows; r++)
        t.one(c + r * c_stride, c_stride, a + r * a_stride, a_stride, panel, inner, add);
}

void mote_panel_product(float *c, size_t c_stride, const float *a, size_t a_stride, const float *panel, uint32_t rows,
                        uint32_t inner, uint32_t columns, bool add)
{
    multiply_panel(best_tiling(columns == MOTE_HALF_PANEL), c, c_stride, a, a_stride, panel, rows, inner, add);
}

/* A panel with fewer columns in use than it has: by way of tiles that have them all. */
static void multiply_partly(tiling t, float *c, const float *a, const float *panel, uint32_t rows, uint32_t inner,
                            uint32_t columns, uint32_t used)
{
    _Alignas(64) float tile[8 * MOTE_PANEL];
    for (uint32_t r = 0; r < rows;) {
        const uint32_t taken = rows - r >= t.rows ? t.rows : 1;
        (taken == t.rows ? t.many : t.one)(tile, MOTE_PANEL, a + (size_t)r * inner, inner, panel, inner, false);
        for (uint32_t end = r + taken, i = 0; r < end; r++, i++)
            for (uint32_t j = 0; j < used; j++)
                c[(size_t)r * columns + j] += tile[i * MOTE_PANEL + j];
    }
}

void mote_panel_multiply(float *c, const float *a, const float *panels, uint32_t rows, uint32_t inner, uint32_t columns)
{
    const tiling t = best_tiling(false);
    for (uint32_t first = 0; first < columns; first += MOTE_PANEL, panels += (size_t)inner * MOTE_PANEL) {
        if (columns - first < MOTE_PANEL)
            multiply_partly(t, c + first, a, panels, rows, inner, columns, columns - first);
        else
            multiply_panel(t, c + first, columns, a, inner, panels, rows, inner, true);
    }
}
