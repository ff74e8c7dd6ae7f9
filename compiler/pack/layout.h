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

/* Lays out as MOTE_TILES16 the matrices that can have it and that the chip should then be faster with than as
 * MOTE_LANES16, as chip/costs.def has it. Otherwise as mote_graph_lanes16, which may follow. */
bool mote_graph_tiles16(mote_graph *g, const mote_chip *chip, mote_error *error);

/* Lays out as MOTE_LANES16 every matrix of a packed graph that can have it and belongs to one operator alone; its bias
 * goes into it. The model says the same, byte for byte. Errors: MOTE_E_INTERNAL out of memory. */
bool mote_graph_lanes16(mote_graph *g, mote_error *error);

#endif
