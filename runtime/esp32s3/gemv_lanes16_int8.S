/* void mote_s3_gemv_lanes16_int8(const mote_gemv *g)
 *
 *     for r in 0..rows:
 *         acc = bias[r] + Σ_c weights[r][c]·x[c]
 *         y[r] = requantize(acc)                      (mote_requantize, runtime/requantize.h)
 *
 * Needs: weights in the layout MOTE_LANES16, whose verified bound keeps every 20-bit lane of QACC exact; weights, x, y
 * and multiplier 16-byte aligned; multipliers not negative; gain at most 8. Reads x up to a multiple of 16 (the weights
 * are zero there) and the 32 bytes past the last block with which the layout ends. Writes y up to a multiple of 16
 * bytes.
 *
 * Registers: those of lanes16.h, except that a0 is the number of pairs of 16 columns and a8 is 1 if another 16 remain.
 *
 * Multiplies one column of sixteen rows per cycle: its weights, loaded two columns ahead into q2 and q3 in turn, times
 * one lane of the inputs in q0 and q1. Everything else is in lanes16.h. */
#include "lanes16.h"

    .macro COLUMNS16 x
    .irp    lane, 0, 2, 4, 6, 8, 10, 12, 14
    ee.vsmulas.s8.qacc.ld.incp q2, a3, q2, \x, \lane
    ee.vsmulas.s8.qacc.ld.incp q3, a3, q3, \x, \lane + 1
    .endr
    .endm

    CONSTANTS

FUNCTION(mote_s3_gemv_lanes16_int8)
    LANES_OPEN
    srli    a0, a8, 1
    extui   a8, a8, 0, 1
    ee.vld.128.ip q2, a3, 16
    ee.vld.128.ip q3, a3, 16
.Lblock:
    LANES_START
    loopgtz a0, .Lpairs
    ee.vld.128.ip q0, a5, 16
    ee.vld.128.ip q1, a5, 16
    COLUMNS16 q0
    COLUMNS16 q1
.Lpairs:
    bnez    a8, .Lodd
.Lclose:
    LANES_CLOSE .Lblock
.Lodd:
    ee.vld.128.ip q0, a5, 16
    COLUMNS16 q0
    j       .Lclose
END(mote_s3_gemv_lanes16_int8)
