#include "compiler/graph/panel.h"

#include <string.h>

enum { ROWS_AT_ONCE = 64 }; /* rows of the other matrix per pass, few enough to stay in the L1 cache */

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Returns the width of the next panel when `left` columns are left. */
static uint32_t panel_width(uint32_t left)
{
    return left <= MOTE_HALF_PANEL ? MOTE_HALF_PANEL : MOTE_PANEL;
}

size_t mote_panel_size(uint32_t inner, uint32_t columns)
{
    const size_t rest = columns % MOTE_PANEL;
    return (columns - rest + (rest ? panel_width((uint32_t)rest) : 0)) * inner;
}

void mote_panel_pack(float *panels, const float *w, size_t inner_stride, size_t column_stride, uint32_t inner,
                     uint32_t columns)
{
    for (uint32_t first = 0; first < columns; first += MOTE_PANEL)
        for (uint32_t k = 0, width = panel_width(columns - first); k < inner; k++)
            for (uint32_t j = first; j < first + width; j++)
                *panels++ = j < columns ? w[k * inner_stride + j * column_stride] : 0;
}

/* Defines a function for c [ROWS, COLUMNS] = (or +=) a [ROWS, inner] · panel [inner, COLUMNS]. The sums are kept in
 * registers of LANES floats. A(r, k) is the index of element (r, k) of a. */
#define DEFINE_TILE(NAME, TARGET, LANES, ROWS, COLUMNS, A)                                                             \
    TARGET static void NAME(float *c, size_t c_stride, const float *a, size_t a_stride, const float *panel,            \
                            uint32_t inner, bool add)                                                                  \
    {                                                                                                                  \
        typedef float vector __attribute__((vector_size(LANES * 4)));                                                  \
        typedef float anywhere __attribute__((vector_size(LANES * 4), aligned(4), may_alias));                         \
        enum { VECTORS = COLUMNS / LANES };                                                                            \
        vector sum[ROWS][VECTORS] = {0};                                                                               \
        if (add)                                                                                                       \
            _Pragma("GCC unroll 16") for (size_t r = 0; r < ROWS; r++)                                                 \
                _Pragma("GCC unroll 8") for (size_t v = 0; v < VECTORS; v++) sum[r][v] =                               \
                    *(const anywhere *)(c + r * c_stride + v * LANES);                                                 \
        for (uint32_t k = 0; k < inner; k++) {                                                                         \
            const vector *row = (const vector *)(const void *)(panel + (size_t)k * COLUMNS);                           \
            _Pragma("GCC unroll 16") for (size_t r = 0; r < ROWS; r++)                                                 \
                _Pragma("GCC unroll 8") for (size_t v = 0; v < VECTORS; v++) sum[r][v] += a[A(r, k)] * row[v];         \
        }                                                                                                              \
        _Pragma("GCC unroll 16") for (size_t r = 0; r < ROWS; r++)                                                     \
                _Pragma("GCC unroll 8") for (size_t v = 0; v < VECTORS; v++) *                                         \
            (anywhere *)(c + r * c_stride + v * LANES) = sum[r][v];                                                    \
    }
#define BY_ROW(r, k)    ((r)*a_stride + (k))
#define BY_COLUMN(r, k) ((k)*a_stride + (r))
/* Defines the functions for both layouts of a and both widths of a panel. */
#define DEFINE_TILES(NAME, TARGET, LANES, ROWS, HALF_ROWS)                                                             \
    DEFINE_TILE(NAME##_rows, TARGET, LANES, ROWS, MOTE_PANEL, BY_ROW)                                                  \
    DEFINE_TILE(NAME##_columns, TARGET, LANES, ROWS, MOTE_PANEL, BY_COLUMN)                                            \
    DEFINE_TILE(NAME##_half_rows, TARGET, LANES, HALF_ROWS, MOTE_HALF_PANEL, BY_ROW)                                   \
    DEFINE_TILE(NAME##_half_columns, TARGET, LANES, HALF_ROWS, MOTE_HALF_PANEL, BY_COLUMN)

typedef void tile_function(float *c, size_t c_stride, const float *a, size_t a_stride, const float *panel,
                           uint32_t inner, bool add);
typedef struct tiling {
    uint32_t rows; /* rows that `many` computes */
    tile_function *many, *one;
} tiling;

#define TILING(KIND, MANY, ROWS, ONE)                                                                                  \
    (tiling)                                                                                                           \
    {                                                                                                                  \
        ROWS, MANY##_##KIND, ONE##_##KIND                                                                              \
    }
/* Selects the tiling for a panel by `by_column` and `half`. */
#define CHOOSE(MANY, ROWS, HALF_ROWS, ONE)                                                                             \
    (by_column ? half ? TILING(half_columns, MANY, HALF_ROWS, ONE) : TILING(columns, MANY, ROWS, ONE)                  \
     : half ? TILING(half_rows, MANY, HALF_ROWS, ONE)                                                                  \
               : TILING(rows, MANY, ROWS, ONE))

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f")))
#define AVX2   __attribute__((target("avx2,fma")))
DEFINE_TILES(avx512, AVX512, 16, 8, 16)
DEFINE_TILES(avx512_one, AVX512, 16, 1, 1)
DEFINE_TILES(avx2, AVX2, 8, 3, 6)
DEFINE_TILES(avx2_one, AVX2, 8, 1, 1)
#endif
DEFINE_TILES(plain, , 4, 1, 1)

static tiling tiling_for(uint32_t width, bool by_column)
{
    const bool half = width == MOTE_HALF_PANEL;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return CHOOSE(avx512, 8, 16, avx512_one);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return CHOOSE(avx2, 3, 6, avx2_one);
#endif
    return CHOOSE(plain, 1, 1, plain);
}

/* The left matrix of a product. Element (r, k) is a[r·stride + k], or a[k·stride + r] if by_column. */
typedef struct left {
    const float *a;
    size_t stride;
    bool by_column;
} left;

static const float *row_of(const left *l, uint32_t r)
{
    return l->a + (l->by_column ? r : r * l->stride);
}

static void multiply_panel(float *c, size_t c_stride, left l, const float *panel, uint32_t rows, uint32_t inner,
                           uint32_t width, bool add)
{
    const tiling t = tiling_for(width, l.by_column);
    uint32_t r = 0;
    for (; r + t.rows <= rows; r += t.rows)
        t.many(c + r * c_stride, c_stride, row_of(&l, r), l.stride, panel, inner, add);
    for (; r < rows; r++)
        t.one(c + r * c_stride, c_stride, row_of(&l, r), l.stride, panel, inner, add);
}

/* Like multiply_panel, for a panel of which c has only the first `used` columns. Computes a full tile and copies these
 * columns. */
static void multiply_partly(float *c, size_t c_stride, left l, const float *panel, uint32_t rows, uint32_t inner,
                            uint32_t width, uint32_t used, bool add)
{
    _Alignas(64) float tile[ROWS_AT_ONCE * MOTE_PANEL];
    for (uint32_t first = 0; first < rows; first += ROWS_AT_ONCE) {
        const uint32_t count = least(rows - first, ROWS_AT_ONCE);
        const left part = {row_of(&l, first), l.stride, l.by_column};
        multiply_panel(tile, width, part, panel, count, inner, width, false);
        for (uint32_t r = 0; r < count; r++)
            for (uint32_t j = 0; j < used; j++) {
                float *to = &c[(first + r) * c_stride + j];
                *to = tile[r * width + j] + (add ? *to : 0);
            }
    }
}

static void multiply_any(float *c, size_t c_stride, left l, const float *panel, uint32_t rows, uint32_t inner,
                         uint32_t width, uint32_t used, bool add)
{
    if (used < width)
        multiply_partly(c, c_stride, l, panel, rows, inner, width, used, add);
    else
        multiply_panel(c, c_stride, l, panel, rows, inner, width, add);
}

void mote_panel_product(float *c, size_t c_stride, const float *a, size_t a_stride, const float *panel, uint32_t rows,
                        uint32_t inner, uint32_t columns, bool add)
{
    multiply_panel(c, c_stride, (left){a, a_stride, false}, panel, rows, inner, columns, add);
}

void mote_panel_multiply_strided(float *c, size_t c_stride, const float *a, size_t a_stride, const float *panels,
                                 size_t rows, uint32_t inner, uint32_t columns, bool add)
{
    for (size_t r = 0; r < rows; r += ROWS_AT_ONCE) {
        const uint32_t count = rows - r < ROWS_AT_ONCE ? (uint32_t)(rows - r) : ROWS_AT_ONCE;
        const float *panel = panels;
        for (uint32_t first = 0; first < columns; first += MOTE_PANEL) {
            const uint32_t width = panel_width(columns - first);
            multiply_any(c + r * c_stride + first, c_stride, (left){a + r * a_stride, a_stride, false}, panel, count,
                         inner, width, least(columns - first, width), add);
            panel += (size_t)inner * width;
        }
    }
}

void mote_panel_multiply(float *c, const float *a, const float *panels, size_t rows, uint32_t inner, uint32_t columns,
                         bool add)
{
    mote_panel_multiply_strided(c, columns, a, inner, panels, rows, inner, columns, add);
}

/* Copies `used` columns of rows, `stride` apart, into a panel, in small pieces, because memcpy of whole rows is slow.
 */
static void copy_panel(float *restrict panel, const float *restrict rows, uint32_t count, size_t stride, uint32_t width,
                       uint32_t used)
{
    for (uint32_t k = 0; k < count; k++, panel += width, rows += stride) {
        uint32_t j = 0;
        for (; j + 4 <= used; j += 4)
            memcpy(panel + j, rows + j, 4 * sizeof *panel);
        for (; j < width; j++)
            panel[j] = j < used ? rows[j] : 0;
    }
}

void mote_panel_gradient_strided(float *c, const float *a, size_t a_stride, const float *b, size_t b_stride,
                                 size_t rows, uint32_t m, uint32_t n)
{
    _Alignas(64) float panel[ROWS_AT_ONCE * MOTE_PANEL];
    for (size_t r = 0; r < rows; r += ROWS_AT_ONCE)
        for (uint32_t first = 0; first < n; first += MOTE_PANEL) {
            const uint32_t count = rows - r < ROWS_AT_ONCE ? (uint32_t)(rows - r) : ROWS_AT_ONCE;
            const uint32_t width = panel_width(n - first), used = least(n - first, width);
            copy_panel(panel, b + r * b_stride + first, count, b_stride, width, used);
            multiply_any(c + first, n, (left){a + r * a_stride, a_stride, true}, panel, m, count, width, used, true);
        }
}

void mote_panel_gradient(float *c, const float *a, const float *b, size_t rows, uint32_t m, uint32_t n)
{
    mote_panel_gradient_strided(c, a, m, b, n, rows, m, n);
}
