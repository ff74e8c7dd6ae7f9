/* Products with a matrix that is used many times, packed once into panels of 32 columns, so that each use reads it from
 * start to end; the rest of the columns is a panel of 16 where that is enough. */
#ifndef MOTE_COMPILER_PANEL_H
#define MOTE_COMPILER_PANEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOTE_PANEL = 32, MOTE_HALF_PANEL = 16 };

/* Floats a packed [inner, columns] matrix takes; they must lie at a multiple of 64 bytes. */
size_t mote_panel_size(uint32_t inner, uint32_t columns);

/* Packs the matrix whose element (k, j) is w[k·inner_stride + j·column_stride]. */
void mote_panel_pack(float *panels, const float *w, size_t inner_stride, size_t column_stride, uint32_t inner,
                     uint32_t columns);

/* c [rows, columns] = (or, with `add`, +=) a [rows, inner] · packed [inner, columns]; all row-major and dense. */
void mote_panel_multiply(float *c, const float *a, const float *panels, uint32_t rows, uint32_t inner, uint32_t columns,
                         bool add);

/* c [m, n] += aᵀ·b, a [rows, m], b [rows, n]: the gradient of weights. All row-major and dense. */
void mote_panel_gradient(float *c, const float *a, const float *b, uint32_t rows, uint32_t m, uint32_t n);

/* One panel, `columns` (32 or 16) wide: c [rows, columns] = (or +=) a [rows, inner] · panel [inner, columns], the panel
 * dense at a multiple of 64 bytes; strides in floats from row to row. */
void mote_panel_product(float *c, size_t c_stride, const float *a, size_t a_stride, const float *panel, uint32_t rows,
                        uint32_t inner, uint32_t columns, bool add);

#endif
