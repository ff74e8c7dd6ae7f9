/* Weights laid out as a chip's kernels want them (mote_layout, runtime/format.h), and back. */
#ifndef MOTE_COMPILER_LAYOUT_H
#define MOTE_COMPILER_LAYOUT_H

#include "compiler/graph/graph.h"
#include "compiler/plan/chips.h"

/* codes [rows, columns] of an I8 or TERNARY2 matrix and its bias [rows], or NULL for none, as MOTE_LANES16; every bias
 * within 20 bits. `out` has mote_lanes16_size bytes. */
void mote_lanes16_pack(mote_dtype dtype, const int16_t *codes, const int32_t *bias, uint32_t rows, uint32_t columns,
                       uint8_t *out);
void mote_lanes16_unpack(mote_dtype dtype, const uint8_t *in, uint32_t rows, uint32_t columns, int16_t *codes,
                         int32_t *bias);

/* Bytes of the same matrix as MOTE_TILES16, then that. */
size_t mote_tiles16_needs(mote_dtype dtype, const int16_t *codes, uint32_t rows, uint32_t columns);
void mote_tiles16_pack(mote_dtype dtype, const int16_t *codes, const int32_t *bias, uint32_t rows, uint32_t columns,
                       uint8_t *out);

/* As MOTE_BLOCKS16, which leaves the bias to its operator. */
size_t mote_blocks16_needs(mote_dtype dtype, const int16_t *codes, uint32_t rows, uint32_t columns);
void mote_blocks16_pack(mote_dtype dtype, const int16_t *codes, uint32_t rows, uint32_t columns, uint8_t *out);

/* Lays out every matrix of a packed graph that is multiplied by plain int8 inputs, in one operator alone, as the chip
 * should be fastest with by chip/costs.def, all in its RAM or, where that is too small, out of flash; where the layout
 * has the bias inside, it goes there. The model says the same, byte for byte. Errors: MOTE_E_INTERNAL out of memory. */
bool mote_graph_lay_out(mote_graph *g, const mote_chip *chip, mote_error *error);

/* The same, but all that can have the one layout. */
bool mote_graph_lay_out_as(mote_graph *g, mote_layout layout, mote_error *error);

#endif
