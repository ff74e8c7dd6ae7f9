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

/* tile [ROWS, 32] = a [ROWS, inner] · panel [inner, 32], the sums kept in registers of LANES floats. */
#define DEFINE_TILE(NAME, TARGET, LANES, ROWS)                                                                         \
    TARGET static void NAME(float *tile, const float *a, const float *panel, uint32_t inner)                           \
    {                                                                                                                  \
        typedef float vector __attribute__((vector_size(LANES * 4)));                                                  \
        vector sum[ROWS][MOTE_PANEL / LANES] = {0};                                                                    \
        for (uint32_t k = 0; k < inner; k++) {                                                                         \
            const vector *row = (const vector *)(const void *)(panel + (size_t)k * MOTE_PANEL);                        \
            _Pragma("GCC unroll 8") for (int r = 0; r < ROWS; r++)                                                     \
                _Pragma("GCC unroll 8") for (int v = 0; v < MOTE_PANEL / LANES; v++) sum[r][v] +=                      \
                a[(size_t)r * inner + k] * row[v];                                                                     \
        }                                                                                                              \
        memcpy(tile, sum, sizeof sum);                                                                                 \
    }

typedef void tile_function(float *tile, const float *a, const float *panel, uint32_t inner);
typedef struct tiling {
    uint32_t rows; /* of `many` */
    tile_function *many, *one;
} tiling;

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f")))
#define AVX2   __attribute__((target("avx2,fma")))
DEFINE_TILE(tile_avx512_8, AVX512, 16, 8)
DEFINE_TILE(tile_avx512_1, AVX512, 16, 1)
DEFINE_TILE(tile_avx2_3, AVX2, 8, 3)
DEFINE_TILE(tile_avx2_1, AVX2, 8, 1)
#endif
DEFINE_TILE(tile_1, , 4, 1)

static tiling best_tiling(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return (tiling){8, tile_avx512_8, tile_avx512_1};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return (tiling){3, tile_avx2_3, tile_avx2_1};
#endif
    return (tiling){1, tile_1, tile_1};
}

static void add_tile(float *c, const float *tile, uint32_t rows, uint32_t columns, uint32_t used)
{
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t j = 0; j < used; j++)
            c[(size_t)r * columns + j] += tile[r * MOTE_PANEL + j];
}

void mote_panel_multiply(float *c, const float *a, const float *panels, uint32_t rows, uint32_t inner, uint32_t columns)
{
    tiling t = best_tiling();
    _Alignas(64) float tile[8 * MOTE_PANEL];
    for (uint32_t first = 0; first < columns; first += MOTE_PANEL, panels += (size_t)inner * MOTE_PANEL) {
        uint32_t used = columns - first < MOTE_PANEL ? columns - first : MOTE_PANEL;
        for (uint32_t r = 0; r < rows;) {
            uint32_t taken = rows - r >= t.rows ? t.rows : 1;
            (taken == t.rows ? t.many : t.one)(tile, a + (size_t)r * inner, panels, inner);
            add_tile(c + (size_t)r * columns + first, tile, taken, columns, used);
            r += taken;
        }
    }
}
