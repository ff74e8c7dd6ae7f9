/* Products with a matrix that is used many times. The matrix is packed once into panels of 32 columns, so that each
 * product reads it sequentially. The last panel has 16 columns if at most 16 are left. */
#ifndef MOTE_COMPILER_PANEL_H
#define MOTE_COMPILER_PANEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOTE_PANEL = 32, MOTE_HALF_PANEL = 16 };

/* Number of floats of a packed [inner, columns] matrix. They must be 64-byte aligned. */
size_t mote_panel_size(uint32_t inner, uint32_t columns);

/* Packs the matrix whose element (k, j) is w[k·inner_stride + j·column_stride]. */
void mote_panel_pack(float *panels, const float *w, size_t inner_stride, size_t column_stride, uint32_t inner,
                     uint32_t columns);

/* Computes c [rows, columns] = (or, with `add`, +=) a [rows, inner] · packed [inner, columns]. c and a are row-major
 * and dense. */
void mote_panel_multiply(float *c, const float *a, const float *panels, size_t rows, uint32_t inner, uint32_t columns,
                         bool add);

/* Computes c [m, n] += aᵀ·b, the gradient of weights, with a [rows, m] and b [rows, n]. All are row-major and dense. */
void mote_panel_gradient(float *c, const float *a, const float *b, size_t rows, uint32_t m, uint32_t n);

/* The same with rows of c, a and b that are `stride` floats apart; c of a gradient is dense. */
void mote_panel_multiply_strided(float *c, size_t c_stride, const float *a, size_t a_stride, const float *panels,
                                 size_t rows, uint32_t inner, uint32_t columns, bool add);
void mote_panel_gradient_strided(float *c, const float *a, size_t a_stride, const float *b, size_t b_stride,
                                 size_t rows, uint32_t m, uint32_t n);

/* Multiplies by one panel of `columns` (32 or 16) columns: c [rows, columns] = (or, with `add`, +=) a [rows, inner] ·
 * panel [inner, columns]. The panel is dense and 64-byte aligned. Strides are in floats from row to row. */
void mote_panel_product(float *c, size_t c_stride, const float *a, size_t a_stride, const float *panel, uint32_t rows,
                        uint32_t inner, uint32_t columns, bool add);

#endif
