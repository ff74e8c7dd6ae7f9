/* void mote_s3_gemv_blocks16_int8(const mote_gemv *g)
 *
 *     for r in 0..rows:
 *         acc = bias[r] + Σ_c weights[r][c]·x[c]      over the columns of the stored blocks
 *         y[r] = requantize(acc)                      (mote_requantize, runtime/requantize.h)
 *
 * Needs: weights in the layout MOTE_BLOCKS16; weights, x, y, bias and multiplier 16-byte aligned. Accumulates in 40
 * bits, so the result is exact for every matrix that a file may contain. Reads x, bias and multiplier and writes y up
 * to a multiple of 16 bytes, and reads the 16 bytes past the last block with which the layout ends.
 *
 * The sums of sixteen rows (fewer the last time) are kept on the stack as 64-bit numbers. While a block is multiplied,
 * the inputs of the next block are loaded, then its weights.
 *
 * Registers: those of blocks16.h, and q4 weights, loaded ahead. */
#include "blocks16.h"

FUNCTION(mote_s3_gemv_blocks16_int8)
    ROWS_OPEN
    BLOCKS_OPEN

.Lsixteen:
    ee.vld.128.ip q4, a14, 16
    BLOCKS_START
.Lrow:
    BLOCKS_ROW
    loopgtz a10, .Lblocks
    l16ui   a0, a8, 0
    addi    a8, a8, 2
    ee.vmulas.s8.accx.ld.xp q0, a5, a0, q0, q4
    ee.vld.128.ip q4, a14, 16
.Lblocks:
    BLOCKS_NEXT .Lrow

    addi    a14, a14, -16
    ROWS_CLOSE .Lsixteen, mote_s3_rows_close_sums
END(mote_s3_gemv_blocks16_int8)
