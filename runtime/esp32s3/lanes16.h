/* What the kernels of the layout MOTE_LANES16 share: opening, and turning sixteen accumulators into outputs.
 *
 * Registers from LANES_OPEN to LANES_CLOSE:
 *     a2 y, a3 weights, a5 x, a6 multipliers or 0, a12 bias: all running    a13 x    a7 rows left - 1
 *     a8 groups of 16 columns    a9 right shift    a4 left shift, or -1: nothing but a right shift and a clamp to int8
 *     a11 wide outputs: gain; narrow: gain - 9    a0, a10 free
 *     q4 sixteen times -128    q5 sixteen times -127    q6 lane 8 = 1    q0, q1, q7 free
 *     q2, q3 the kernel's: weights loaded ahead of the next block
 * Scratch at a1: */
#ifndef MOTE_RUNTIME_ESP32S3_LANES16_H
#define MOTE_RUNTIME_ESP32S3_LANES16_H

#include "abi.h"

#define LANES_FRAME  64
#define LANES_SUMS   0  /* QACC in the form of a bias: 40 bytes */
#define LANES_FACTOR 48 /* 16 bytes for q6 */

/* Where in .Lconstants */
#define LANES_BYTES 0 /* -127, -128, 1 */
#define LANES_ROUND 4 /* int16[9]: half of what a gain takes away */

/* clang-format off */
    .macro LANES_CONSTANTS
    .section .rodata
    .align  4
.Lconstants:
    .byte   -127, -128, 1, 0
    .short  0, 1, 2, 4, 8, 16, 32, 64, 128
    .endm

    .macro LANES_OPEN
    FRAME(LANES_FRAME)
    movi    a10, .Lconstants
    l32i    a12, a2, GEMV_WEIGHTS
    l32i    a13, a2, GEMV_X
    l32i    a6, a2, GEMV_MULTIPLIER
    l32i    a7, a2, GEMV_ROWS
    l32i    a8, a2, GEMV_COLUMNS
    l32i    a9, a2, GEMV_SHIFT
    l32i    a11, a2, GEMV_GAIN
    l32i    a5, a2, GEMV_NARROW
    l32i    a2, a2, GEMV_Y
    addi    a7, a7, -1
    addi    a8, a8, 15
    srli    a8, a8, 4
    srli    a3, a7, 4
    addi    a3, a3, 1
    addx2   a3, a3, a3
    slli    a3, a3, 4
    add     a3, a12, a3
    ee.vldbc.8.ip q5, a10, 1
    ee.vldbc.8.ip q4, a10, 1
    ee.vldbc.8.ip q6, a10, 1
    movi    a4, 0
    bgez    a9, 1f
    neg     a4, a9
    movi    a9, 0
1:  beqz    a5, 2f
    or      a10, a11, a6
    or      a10, a10, a4
    addi    a11, a11, -9
    bnez    a10, 2f
    movi    a4, -1
2:
    .endm

/* QACC = the start of the next sixteen sums; a5 = x. */
    .macro LANES_START
    ee.ld.qacc_l.l.128.ip a12, 16
    ee.ld.qacc_h.l.128.ip a12, 16
    ee.ld.qacc_l.h.32.ip a12, 4
    ee.ld.qacc_h.h.32.ip a12, 12
    mov     a5, a13
    .endm

/* y[0..15] = requantised QACC, then the next block, or the end.
 *
 * The sums t = QACC >> shift leave as two bytes a lane. high = clamp8(t >> 8), as ee.srcmb leaves it; then QACC = t is
 * put back, 256·high and 128 are taken off, and what is left reads out as low - 128. Where t passes 16 bits both
 * clamp the same way, so the pair is clamp16(t) always. */
    .macro LANES_CLOSE block
    bgez    a4, 1f
    ee.srcmb.s8.qacc q0, a9, 0
    ee.vmax.s8 q0, q0, q5
    ee.vst.128.ip q0, a2, 16
    addi    a7, a7, -16
    bgez    a7, \block
    RETURN(LANES_FRAME)

1:  ee.srcmb.s8.qacc q0, a9, 0
    mov     a10, a1
    ee.st.qacc_l.l.128.ip a10, 16
    ee.st.qacc_h.l.128.ip a10, 16
    ee.st.qacc_l.h.32.ip a10, 4
    ee.st.qacc_h.h.32.ip a10, -36
    movi    a5, 8
    ee.srcmb.s8.qacc q1, a5, 0
    ee.ld.qacc_l.l.128.ip a10, 16
    ee.ld.qacc_h.l.128.ip a10, 16
    ee.ld.qacc_l.h.32.ip a10, 4
    ee.ld.qacc_h.h.32.ip a10, -36
    ee.vsmulas.s8.qacc q1, q4, 0
    ee.vsmulas.s8.qacc q1, q4, 0
    ee.vsmulas.s8.qacc q4, q6, 8
    movi    a5, 0
    ee.srcmb.s8.qacc q0, a5, 0
    ssai    15
    ee.xorq q0, q0, q4
    ee.vzip.8 q0, q1
    bnez    a4, 9f
2:  beqz    a6, 4f
    ee.vld.128.ip q7, a6, 16
    blti    a7, 8, 3f
    ee.vmul.s16.ld.incp q7, a6, q0, q0, q7
    ee.vmul.s16 q1, q1, q7
4:  bltz    a11, 7f

    loopgtz a11, 5f
    ee.vadds.s16 q0, q0, q0
    ee.vadds.s16 q1, q1, q1
5:  ee.vst.128.ip q0, a2, 16
    blti    a7, 8, 6f
    ee.vst.128.ip q1, a2, 16
    addi    a7, a7, -16
    bgez    a7, \block
6:  RETURN(LANES_FRAME)

7:  movi    a10, .Lconstants + LANES_ROUND + 2 * 9
    addx2   a10, a11, a10
    ee.vldbc.16 q7, a10
    movi    a10, -1
    sub     a10, a10, a11
    ee.vadds.s16 q0, q0, q7
    ee.vadds.s16 q1, q1, q7
    loopgtz a10, 8f
    ee.vadds.s16 q0, q0, q0
    ee.vadds.s16 q1, q1, q1
8:  ee.vunzip.8 q0, q1
    ee.vmax.s8 q1, q1, q5
    ee.vst.128.ip q1, a2, 16
    addi    a7, a7, -16
    bgez    a7, \block
    RETURN(LANES_FRAME)

3:  ee.vmul.s16 q0, q0, q7
    j       4b

9:  loop    a4, 10f
    ee.vadds.s16 q0, q0, q0
    ee.vadds.s16 q1, q1, q1
10: j       2b
    .endm
/* clang-format on */

#endif
