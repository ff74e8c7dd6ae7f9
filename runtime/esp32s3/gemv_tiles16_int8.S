/* void mote_s3_gemv_tiles16_int8(const mote_gemv *g)
 *
 *     for r in 0..rows:
 *         acc = bias[r] + Σ_c weights[r][c]·x[c]      over the columns of the stored tiles
 *         y[r] = requantize(acc)                      (mote_requantize, runtime/requantize.h)
 *
 * Needs: weights in the layout MOTE_TILES16, otherwise what mote_s3_gemv_lanes16_int8 needs. Reads the 32 bytes past
 * the last tile with which the layout ends.
 *
 * Registers: those of lanes16.h, except that a8 is the index, advancing, and a0 the step to the inputs of the next
 * tile. Works like the dense kernel, but finds the inputs of each sixteen columns by the index. */
#include "lanes16.h"

    CONSTANTS

FUNCTION(mote_s3_gemv_tiles16_int8)
    LANES_OPEN
    TILES_OPEN
    ee.vld.128.ip q2, a3, 16
    ee.vld.128.ip q3, a3, 16
.Lblock:
    TILES_START
    loopgtz a10, .Lclose
    ee.vld.128.xp q0, a5, a0
    l16ui   a0, a8, 0
    addi    a8, a8, 2
    .irp    lane, 0, 2, 4, 6, 8, 10, 12, 14
    ee.vsmulas.s8.qacc.ld.incp q2, a3, q2, q0, \lane
    ee.vsmulas.s8.qacc.ld.incp q3, a3, q3, q0, \lane + 1
    .endr
.Lclose:
    LANES_CLOSE .Lblock
END(mote_s3_gemv_tiles16_int8)
