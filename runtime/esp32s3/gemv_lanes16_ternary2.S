/* void mote_s3_gemv_lanes16_ternary2(const mote_gemv *g)
 *
 *     for r in 0..rows:
 *         acc = bias[r] + Σ_c (code[r][c] - 1)·x[c] = bias[r] - Σ_c x[c] + Σ_c code[r][c]·x[c]
 *         y[r] = requantize(acc)                      (mote_requantize, runtime/requantize.h)
 *
 * Needs: what mote_s3_gemv_lanes16_int8 needs, and at most 752 columns. Reads 16 bytes past the last block.
 *
 * Registers: those of lanes16.h, and q3 a mask of the low two bits of every byte. q2 and q1 in turn hold four columns
 * of sixteen rows, two bits each: mask, multiply, shift right by two. Inputs of padding columns cancel, because their
 * code is 1. The sum of the inputs S is subtracted in every block as eight products:
 *     -S = -128·(D + r) + 127·r    where S = 128·D + r, 0 <= r < 128
 * with D + r split into lanes 0..6 of q6 and -r in lane 7. */
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

FUNCTION(mote_s3_gemv_lanes16_ternary2)
    LANES_OPEN
    ee.zero.accx
    ee.zero.q q0
    mov     a5, a13
    loopgtz a8, .Lsum
    ee.vmulas.s8.accx.ld.ip q0, a5, 16, q0, q6
.Lsum:
    ee.vmulas.s8.accx q0, q6
    movi    a10, 1
    s8i     a10, a1, LANES_FACTOR + 8
    rur.accx_0 a10
    extui   a5, a10, 0, 7
    srai    a10, a10, 7
    add     a10, a10, a5
    neg     a5, a5
    s8i     a5, a1, LANES_FACTOR + 7
    .irp    lane, 0, 1, 2, 3, 4, 5, 6
    clamps  a5, a10, 7
    s8i     a5, a1, LANES_FACTOR + \lane
    sub     a10, a10, a5
    .endr
    movi    a5, 3
    s8i     a5, a1, LANES_FACTOR + 9
    addi    a10, a1, LANES_FACTOR
    ee.vld.128.ip q6, a10, 0
    addi    a10, a10, 9
    ee.vldbc.8 q3, a10
    ee.vld.128.ip q2, a3, 16
.Lblock:
    LANES_START
    ssai    2
    ee.vsmulas.s8.qacc q5, q6, 7
    .irp    lane, 0, 1, 2, 3, 4, 5, 6
    ee.vsmulas.s8.qacc q4, q6, \lane
    .endr
    loopgtz a8, .Lclose
    ee.vld.128.ip q0, a5, 16
    COLUMNS4 q2, q1, 0
    COLUMNS4 q1, q2, 4
    COLUMNS4 q2, q1, 8
    COLUMNS4 q1, q2, 12
.Lclose:
    LANES_CLOSE .Lblock
END(mote_s3_gemv_lanes16_ternary2)
