/* void mote_s3_gemv_tiles16_ternary2(const mote_gemv *g)
 *
 *     for r in 0..rows:
 *         acc = bias[r] + Σ_c code[r][c]·x[c] - Σ_c x[c]      over the columns of the stored tiles
 *         y[r] = requantize(acc)                              (mote_requantize, runtime/requantize.h)
 *
 * Needs: weights in the layout MOTE_TILES16, whose verified bound leaves the lanes of QACC headroom for code·x, up to
 * twice the inputs; otherwise what mote_s3_gemv_lanes16_int8 needs. Reads the 16 bytes past the last tile.
 *
 * Registers: those of lanes16.h, except that a8 is the index, advancing, and a0 the step to the inputs of the next
 * tile. q2 and q1 in turn hold four columns of sixteen rows, q3 a mask of the low two bits of every byte, q6 sixteen
 * times 1. ACCX sums the inputs; the sum S is subtracted in every block as ten products:
 *     -S = -128·(8·H + L) + 127·r    where S = 128·D + r, 0 <= r < 128, and D + r = 8·H + L, 0 <= L < 8
 * with H, L and -r in lanes 0..2 of q7. */
#include "lanes16.h"

    .macro COLUMNS4 codes, next, lane
    ee.andq q7, \codes, q3
    ee.vsmulas.s8.qacc.ld.incp \next, a3, q7, q0, \lane
    ee.vsr.32 \codes, \codes
    ee.andq q7, \codes, q3
    ee.vsmulas.s8.qacc q7, q0, \lane + 1
    ee.vsr.32 \codes, \codes
    ee.andq q7, \codes, q3
    ee.vsmulas.s8.qacc q7, q0, \lane + 2
    ee.vsr.32 \codes, \codes
    ee.andq q7, \codes, q3
    ee.vsmulas.s8.qacc q7, q0, \lane + 3
    .endm

    CONSTANTS

FUNCTION(mote_s3_gemv_tiles16_ternary2)
    LANES_OPEN
    TILES_OPEN
    movi    a10, 3
    s8i     a10, a1, LANES_FACTOR
    addi    a10, a1, LANES_FACTOR
    ee.vldbc.8 q3, a10
    ee.vld.128.ip q2, a3, 16
.Lblock:
    TILES_START
    ssai    2
    ee.zero.accx
    loopgtz a10, .Lsum
    ee.vld.128.xp q0, a5, a0
    l16ui   a0, a8, 0
    addi    a8, a8, 2
    ee.vmulas.s8.accx q0, q6
    COLUMNS4 q2, q1, 0
    COLUMNS4 q1, q2, 4
    COLUMNS4 q2, q1, 8
    COLUMNS4 q1, q2, 12
.Lsum:
    rur.accx_0 a10
    extui   a0, a10, 0, 7
    srai    a10, a10, 7
    add     a10, a10, a0
    neg     a0, a0
    slli    a0, a0, 16
    extui   a5, a10, 0, 3
    slli    a5, a5, 8
    or      a0, a0, a5
    srai    a10, a10, 3
    extui   a10, a10, 0, 8
    or      a0, a0, a10
    ee.movi.32.q q7, a0, 0
    .rept   8
    ee.vsmulas.s8.qacc q4, q7, 0
    .endr
    ee.vsmulas.s8.qacc q4, q7, 1
    ee.vsmulas.s8.qacc q5, q7, 2
    LANES_CLOSE .Lblock
END(mote_s3_gemv_tiles16_ternary2)
