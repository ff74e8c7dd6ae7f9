/* Macros that all GEMV kernels share: requantization of sixteen sums t, clamped to 16 bits.
 *
 * Registers: a2 y, advancing    a4 left shift    a6 multipliers, advancing, or 0    a7 rows left - 1    a9 right shift
 *            a11 gain for int16 outputs, gain - 9 for int8    a10, q7 free    q5 sixteen times -127 */
#ifndef MOTE_RUNTIME_ESP32S3_REQUANTIZE_H
#define MOTE_RUNTIME_ESP32S3_REQUANTIZE_H

#include "../xtensa/abi.h"
#include "offsets.h"

/* Offsets in .Lconstants */
#define CONSTANT_BYTES 0  /* -127, -128, 1 */
#define CONSTANT_ROUND 4  /* int16[9]: rounding term for each gain */
#define CONSTANT_LIMIT 24 /* int32: 32767, -32768 */

/* clang-format off */
    .macro CONSTANTS
    .section .rodata
    .align  4
.Lconstants:
    .byte   -127, -128, 1, 0
    .short  0, 1, 2, 4, 8, 16, 32, 64, 128, 0
    .word   32767, -32768
    .endm

/* Loads the registers from the mote_gemv in a2. Destroys a5. a4 = -1 if the outputs need only a right shift and a clamp
 * to int8. */
    .macro REQUANTIZE_OPEN
    l32i    a6, a2, GEMV_MULTIPLIER
    l32i    a7, a2, GEMV_ROWS
    l32i    a9, a2, GEMV_SHIFT
    l32i    a11, a2, GEMV_GAIN
    l32i    a5, a2, GEMV_NARROW
    l32i    a2, a2, GEMV_Y
    addi    a7, a7, -1
    movi    a4, 0
    bgez    a9, 1f
    neg     a4, a9
    movi    a9, 0
1:  beqz    a5, 2f
    or      a5, a11, a6
    or      a5, a5, a4
    addi    a11, a11, -9
    bnez    a5, 2f
    movi    a4, -1
2:
    .endm

/* y[0..15] = requantized q0, q1 (t of rows 0..7 and 8..15). Then jumps to `block`, or to `done` after the last row. */
    .macro REQUANTIZE16 block, done
    ssai    15
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
6:  j       \done

7:  movi    a10, .Lconstants + CONSTANT_ROUND + 2 * 9
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
    j       \done

3:  ee.vmul.s16 q0, q0, q7
    j       4b

9:  loop    a4, 10f
    ee.vadds.s16 q0, q0, q0
    ee.vadds.s16 q1, q1, q1
10: j       2b
    .endm
/* clang-format on */

#endif
