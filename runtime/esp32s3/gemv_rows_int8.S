/* void mote_s3_gemv_rows_int8(const mote_gemv *g)
 *
 *     for r in 0..rows:
 *         acc = bias[r] + Σ_c weights[r][c]·x[c]
 *         y[r] = requantize(acc)                      (mote_requantize, runtime/requantize.h)
 *
 * Needs: weights in the layout MOTE_ROWS; columns a multiple of 16; weights, x, y, bias and multiplier 16-byte aligned.
 * Accumulates in 40 bits, so the result is exact for every matrix that a file may contain. Reads bias and multiplier
 * and writes y up to a multiple of 16 bytes.
 *
 * Multiplies sixteen rows at a time (fewer the last time), and up to 64 of their columns at a time. The inputs stay in
 * q0.., the weights of each row are loaded into q4.. while the row before is multiplied, and the sixteen sums are kept
 * on the stack as 64-bit numbers.
 *
 * Registers, in addition to those of rows.h: a3 weights of the block    a5 x, advancing    a8 columns    a13 end of x
 * a14 weights, advancing */
#include "rows.h"

/* Multiplies `count` groups of 16 columns of sixteen rows. */
    .macro COLUMNS count
    ROWS_LOAD \count, q0, q1, q2, q3, a5
    addi    a0, a8, -16 * \count
    ROWS_PRODUCTS s8, \count
    .endm

FUNCTION(mote_s3_gemv_rows_int8)
    ROWS_OPEN
    add     a13, a13, a8

.Lblock:
    ROWS_CLEAR
    sub     a5, a13, a8
    mov     a14, a3
.Lcolumns:
    sub     a10, a13, a5
    blti    a10, 64, .Lremaining
    COLUMNS 4
.Lnext:
    sub     a14, a13, a5
    sub     a14, a8, a14
    add     a14, a3, a14
    bne     a5, a13, .Lcolumns
    j       .Lsums
.Lremaining:
    bgei    a10, 32, .Lmore
    COLUMNS 1
    j       .Lnext
.Lmore:
    addi    a10, a10, -48
    beqz    a10, .Lthree
    COLUMNS 2
    j       .Lnext
.Lthree:
    COLUMNS 3
    j       .Lnext

.Lsums:
    slli    a10, a8, 4
    add     a3, a3, a10
    ROWS_CLOSE .Lblock, mote_s3_rows_close_sums
END(mote_s3_gemv_rows_int8)
