/* Macro that defines the GEMV kernels of unsigned codes in planes (runtime/ops/planes.h):
 *
 *     for r in 0..rows:
 *         acc = bias[r] + step·Σ_c code[r][c]·x[c] - zero·Σ_c x[c]
 *         y[r] = requantize(acc)                      (mote_requantize, runtime/requantize.h)
 *
 * Needs: weights in the layout MOTE_ROWS; columns a multiple of 16; weights, x, y, bias and multiplier 16-byte aligned.
 * Accumulates in 40 bits, so the result is exact for every matrix that a file may contain. Reads bias and multiplier
 * and writes y up to a multiple of 16 bytes.
 *
 * Works row by row. A mask extracts one plane, 16 columns, from 16 bytes of codes, and a shift moves the next plane
 * into place. A plane is multiplied while the inputs of the next plane are loaded. The sum of the inputs is computed
 * once per call.
 *
 * Registers, in addition to those of rows.h: a0 rows left in the block    a3 planes of the last, incomplete group, or 0
 * a5 x, a14 weights: advancing    a8 whole groups    a13 x
 * q0 inputs    q1 codes    q2 one plane    q3 mask */
#ifndef MOTE_RUNTIME_ESP32S3_PLANES_H
#define MOTE_RUNTIME_ESP32S3_PLANES_H

#include "rows.h"

#define PLANES_OFFSET ROWS_SPARE       /* -zero·Σx */
#define PLANES_MASK   (ROWS_SPARE + 4) /* one byte */

/* clang-format off */
    .macro PLANE
    ee.vmulas.s8.accx.ld.ip q0, a5, 16, q0, q2
    ee.andq q2, q1, q3
    .endm

/* zero = 1 << zero_bits, step = 1 or 2, bits = 1 << bits_log. */
    .macro GEMV_PLANES name, bits_log, zero_bits, step
    .section .rodata
.Lone:
    .byte   1

FUNCTION(\name)
    ROWS_OPEN
    mov     a14, a3
    movi    a10, .Lone
    ee.vldbc.8 q2, a10
    ee.zero.q q0
    ee.zero.accx
    mov     a5, a13
    srli    a10, a8, 4
    loopgtz a10, 1f
    ee.vmulas.s8.accx.ld.ip q0, a5, 16, q0, q2
1:  ee.vmulas.s8.accx q0, q2
    rur.accx_0 a10
    .if \zero_bits
    slli    a10, a10, \zero_bits
    .endif
    neg     a10, a10
    s32i    a10, a1, PLANES_OFFSET
    movi    a10, (1 << (1 << \bits_log)) - 1
    s8i     a10, a1, PLANES_MASK
    extui   a3, a8, 4, 3 - \bits_log
    srli    a8, a8, 7 - \bits_log

.Lblock:
    addi    a10, a1, PLANES_MASK
    ee.vldbc.8 q3, a10
    ssai    1 << \bits_log
    movi    a0, 15
    min     a0, a0, a7
    addi    a0, a0, 1
    mov     a15, a1
.Lrow:
    ee.zero.accx
    ee.zero.q q2
    mov     a5, a13
    loopgtz a8, 2f
    ee.vld.128.ip q1, a14, 16
    .rept   (8 >> \bits_log) - 1
    PLANE
    ee.vsr.32 q1, q1
    .endr
    PLANE
2:  bnez    a3, .Lincomplete
.Lsum:
    ee.vmulas.s8.accx q0, q2
    addi    a0, a0, -1
    ee.st.accx.ip a15, 8
    bnez    a0, .Lrow

    ROWS_LOAD_SUMS
    addi    a10, a1, PLANES_OFFSET
    ee.vldbc.32 q1, a10
    .irp    sums, q0, q2, q4, q6
    .if \step > 1
    ee.vadds.s32 \sums, \sums, \sums
    .endif
    ee.vadds.s32 \sums, \sums, q1
    .endr
    ROWS_CLOSE .Lblock, mote_s3_rows_close

.Lincomplete:
    ee.vld.128.ip q1, a14, 16
    loop    a3, 3f
    PLANE
    ee.vsr.32 q1, q1
3:  j       .Lsum
END(\name)
    .endm
/* clang-format on */

#endif
