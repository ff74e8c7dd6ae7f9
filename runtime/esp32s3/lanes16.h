/* Macros that the kernels of the layouts MOTE_LANES16 and MOTE_TILES16 share: setup, and conversion of sixteen
 * accumulators to outputs.
 *
 * Registers from LANES_OPEN to LANES_CLOSE, in addition to those of requantize.h:
 *     a3 weights, a5 x, a12 bias: advancing    a13 x    a8 groups of 16 columns    a0, a10 free
 *     q4 sixteen times -128    q6 lane 8 = 1    q0, q1, q7 free
 *     q2, q3 for the kernel: weights of the next block, loaded ahead
 * Scratch at a1: */
#ifndef MOTE_RUNTIME_ESP32S3_LANES16_H
#define MOTE_RUNTIME_ESP32S3_LANES16_H

#include "requantize.h"

#define LANES_FRAME  64
#define LANES_SUMS   0  /* QACC in the format of the biases: 40 bytes */
#define LANES_FACTOR 48 /* 16 bytes for q6 */

/* clang-format off */
    .macro LANES_OPEN
    FRAME(LANES_FRAME)
    movi    a10, .Lconstants
    l32i    a12, a2, GEMV_WEIGHTS
    l32i    a13, a2, GEMV_X
    l32i    a8, a2, GEMV_COLUMNS
    REQUANTIZE_OPEN
    addi    a8, a8, 15
    srli    a8, a8, 4
    srli    a3, a7, 4
    addi    a3, a3, 1
    addx2   a3, a3, a3
    slli    a3, a3, 4
    add     a3, a12, a3
    ee.vldbc.8.ip q5, a10, 1
    ee.vldbc.8.ip q4, a10, 1
    ee.vldbc.8 q6, a10
    .endm

/* QACC = the bias of the next sixteen rows; a5 = x. */
    .macro LANES_START
    ee.ld.qacc_l.l.128.ip a12, 16
    ee.ld.qacc_h.l.128.ip a12, 16
    ee.ld.qacc_l.h.32.ip a12, 4
    ee.ld.qacc_h.h.32.ip a12, 12
    mov     a5, a13
    .endm

/* Setup of MOTE_TILES16, after LANES_OPEN: a3 = the tiles, a8 = the first entry of the index + 2, because a8 is 2 past
 * the next entry at the end of every block. */
    .macro TILES_OPEN
    l32i    a10, a3, 0
    addi    a8, a3, 6
    add     a3, a3, a10
    .endm

/* LANES_START for MOTE_TILES16. Also a10 = the number of tiles, a5 = the inputs of the first, a0 = the step to those of
 * the second. */
    .macro TILES_START
    LANES_START
    addi    a8, a8, -2
    l16ui   a0, a8, 2
    l16ui   a10, a8, 0
    add     a5, a5, a0
    l16ui   a0, a8, 4
    addi    a8, a8, 6
    .endm

/* y[0..15] = requantized QACC. Then jumps to `block`, or returns after the last row.
 *
 * Reads the sums t = QACC >> shift as two bytes per lane. The first ee.srcmb leaves t in QACC, the next leaves
 * high = clamp8(t >> 8). Then QACC = t is restored, 256·high and 128 are subtracted, and the rest is read as low - 128.
 * If t exceeds 16 bits, both bytes clamp in the same direction, so the pair is always clamp16(t). */
    .macro LANES_CLOSE block
    bgez    a4, 1f
    ee.srcmb.s8.qacc q0, a9, 0
    ee.vmax.s8 q0, q0, q5
    ee.vst.128.ip q0, a2, 16
    addi    a7, a7, -16
    bgez    a7, \block
.Ldone:
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
    ee.xorq q0, q0, q4
    ee.vzip.8 q0, q1
    REQUANTIZE16 \block, .Ldone
    .endm
/* clang-format on */

#endif
