/* Packs matrices in the layouts other than rows (mote_layout, runtime/format.h). */
#ifndef MOTE_COMPILER_LAYOUT_H
#define MOTE_COMPILER_LAYOUT_H

#include <stddef.h>

#include "runtime/format.h"

/* Packs codes [rows, columns] of an I8 or TERNARY2 matrix and its bias [rows] (NULL for none) as MOTE_LANES16. Every
 * bias must fit in 20 bits. `out` has mote_lanes16_size bytes. */
void mote_lanes16_pack(mote_dtype dtype, const int16_t *codes, const int32_t *bias, uint32_t rows, uint32_t columns,
                       uint8_t *out);
void mote_lanes16_unpack(mote_dtype dtype, const uint8_t *in, uint32_t rows, uint32_t columns, int16_t *codes,
                         int32_t *bias);

/* Return the number of bytes of the matrix as MOTE_TILES16, and pack it. */
size_t mote_tiles16_needs(mote_dtype dtype, const int16_t *codes, uint32_t rows, uint32_t columns);
void mote_tiles16_pack(mote_dtype dtype, const int16_t *codes, const int32_t *bias, uint32_t rows, uint32_t columns,
                       uint8_t *out);

/* Return the number of bytes of the matrix as MOTE_BLOCKS16, and pack it. This layout does not contain the bias. */
size_t mote_blocks16_needs(mote_dtype dtype, const int16_t *codes, uint32_t rows, uint32_t columns);
void mote_blocks16_pack(mote_dtype dtype, const int16_t *codes, uint32_t rows, uint32_t columns, uint8_t *out);

#endif
