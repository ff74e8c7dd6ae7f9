/* void mote_s3_gemv_rows_int16(const mote_gemv *g)
 *
 *     for r in 0..rows:
 *         acc = bias[r] + Σ_c weights[r][c]·x[c]      (weights: int16)
 *         y[r] = requantize(acc)                      (mote_requantize, runtime/requantize.h)
 *
 * Needs: weights in the layout MOTE_ROWS; columns a multiple of 16; weights, x, y, bias and multiplier 16-byte aligned.
 * Accumulates in 40 bits, so the result is exact for every matrix that a file may contain. Reads bias and multiplier
 * and writes y up to a multiple of 16 bytes.
 *
 * Works like mote_s3_gemv_rows_int8, but on up to 32 columns at a time, whose inputs are widened to 16 bits in q0..
 * once for sixteen rows.
 *
 * Registers, in addition to those of rows.h: a3 weights of the block    a5 x, advancing    a8 columns    a13 end of x
 * a14 weights, advancing */
#include "rows.h"

/* Loads the next 16 inputs as 16-bit numbers. */
    .macro WIDEN low, high
    ee.vld.128.ip \low, a5, 16
    ee.zero.q \high
    ee.vcmp.gt.s8 \high, \high, \low
    ee.vzip.8 \low, \high
    .endm

/* Multiplies `count` groups of 8 columns of sixteen rows. */
    .macro COLUMNS count
    WIDEN   q0, q1
    .if \count > 2
    WIDEN   q2, q3
    .endif
    slli    a0, a8, 1
    addi    a0, a0, -16 * \count
    ROWS_PRODUCTS s16, \count
    .endm

FUNCTION(mote_s3_gemv_rows_int16)
    ROWS_OPEN
    add     a13, a13, a8

.Lblock:
    ROWS_CLEAR
    sub     a5, a13, a8
    mov     a14, a3
.Lcolumns:
    sub     a10, a13, a5
    blti    a10, 32, .Lremaining
    COLUMNS 4
.Lnext:
    sub     a14, a13, a5
    sub     a14, a8, a14
    addx2   a14, a14, a3
    bne     a5, a13, .Lcolumns
    j       .Lsums
.Lremaining:
    COLUMNS 2
    j       .Lnext

.Lsums:
    slli    a10, a8, 5
    add     a3, a3, a10
    ROWS_CLOSE .Lblock, mote_s3_rows_close_sums
END(mote_s3_gemv_rows_int16)
