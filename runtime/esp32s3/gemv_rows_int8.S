/* void mote_s3_gemv_rows_int8(const mote_gemv *g)
 *
 *     for r in 0..rows:
 *         acc = bias[r] + Σ_c weights[r][c]·x[c]
 *         y[r] = requantise(acc)                      (mote_requantise, runtime/requantise.h)
 *
 * Needs: weights in the layout MOTE_ROWS; columns a multiple of 16; weights, x, y, bias and multiplier at multiples of
 * 16. Accumulates in 40 bits, so every matrix that a file may have is exact. Reads bias and multiplier and writes y up to
 * a multiple of 16 bytes.
 *
 * Sixteen rows at a time (the last time fewer), up to 64 columns of theirs at a time: the inputs stay in q0.., each row's weights are loaded
 * into q4.. while the row before is multiplied, and the sixteen sums wait on the stack as 64-bit numbers.
 *
 * Registers, beside those of requantise.h: a3 weights of the block    a5 x, running    a8 columns    a12 bias, running,
 * or 0    a13 end of x    a14 weights, running    a15 sums, running    a0, a10 free */
#include "requantise.h"

#define SUMS       0 /* int64[16] */
#define SAVED      128
#define FRAME_SIZE 144

/* One row's part: ACCX += its weights in q4.. times the inputs in q0..; `load` loads the next row's. */
    .macro MULTIPLY count, load
    ee.ld.accx.ip a15, 0
    .if \load
    ee.vmulas.s8.accx.ld.ip q4, a14, 16, q0, q4
    .if \count > 1
    ee.vmulas.s8.accx.ld.ip q5, a14, 16, q1, q5
    .endif
    .if \count > 2
    ee.vmulas.s8.accx.ld.ip q6, a14, 16, q2, q6
    .endif
    .if \count > 3
    ee.vmulas.s8.accx.ld.ip q7, a14, 16, q3, q7
    .endif
    add     a14, a14, a0
    .else
    ee.vmulas.s8.accx q0, q4
    .if \count > 1
    ee.vmulas.s8.accx q1, q5
    .endif
    .if \count > 2
    ee.vmulas.s8.accx q2, q6
    .endif
    .if \count > 3
    ee.vmulas.s8.accx q3, q7
    .endif
    .endif
    ee.st.accx.ip a15, 8
    .endm

    .macro LOAD count, first, second, third, fourth, from
    ee.vld.128.ip \first, \from, 16
    .if \count > 1
    ee.vld.128.ip \second, \from, 16
    .endif
    .if \count > 2
    ee.vld.128.ip \third, \from, 16
    .endif
    .if \count > 3
    ee.vld.128.ip \fourth, \from, 16
    .endif
    .endm

/* `count` groups of 16 columns of sixteen rows. a0 steps from the end of a row's part to the next row's. */
    .macro GROUPS count
    LOAD    \count, q0, q1, q2, q3, a5
    LOAD    \count, q4, q5, q6, q7, a14
    addi    a0, a8, -16 * \count
    add     a14, a14, a0
    mov     a15, a1
    movi    a10, 15
    min     a10, a10, a7
    loopgtz a10, 1f
    MULTIPLY \count, 1
1:  MULTIPLY \count, 0
    .endm

    CONSTANTS

FUNCTION(mote_s3_gemv_rows_int8)
    FRAME(FRAME_SIZE)
    s32i    a14, a1, SAVED
    s32i    a15, a1, SAVED + 4
    l32i    a3, a2, GEMV_WEIGHTS
    l32i    a13, a2, GEMV_X
    l32i    a12, a2, GEMV_BIAS
    l32i    a8, a2, GEMV_COLUMNS
    REQUANTISE_OPEN
    movi    a10, 0
    max     a4, a4, a10
    add     a13, a13, a8

.Lblock:
    ee.zero.q q0
    mov     a15, a1
    .rept   8
    ee.vst.128.ip q0, a15, 16
    .endr
    sub     a5, a13, a8
    mov     a14, a3
.Lcolumns:
    sub     a10, a13, a5
    blti    a10, 64, .Lremaining
    GROUPS  4
.Lnext:
    sub     a14, a13, a5
    sub     a14, a8, a14
    add     a14, a3, a14
    bne     a5, a13, .Lcolumns
    j       .Lsums
.Lremaining:
    bgei    a10, 32, .Lmore
    GROUPS  1
    j       .Lnext
.Lmore:
    addi    a10, a10, -48
    beqz    a10, .Lthree
    GROUPS  2
    j       .Lnext
.Lthree:
    GROUPS  3
    j       .Lnext

/* The low halves of the sums: rows 0..3, 4..7, 8..11, 12..15 in q0, q2, q4, q6; bias, shift, clamp to 16 bits. */
.Lsums:
    slli    a10, a8, 4
    add     a3, a3, a10
    mov     a10, a1
    LOAD    4, q0, q1, q2, q3, a10
    LOAD    4, q4, q5, q6, q7, a10
    ee.vunzip.32 q0, q1
    ee.vunzip.32 q2, q3
    ee.vunzip.32 q4, q5
    ee.vunzip.32 q6, q7
    beqz    a12, .Lunbiased
    ee.vld.128.ip q1, a12, 16
    blti    a7, 4, 1f
    ee.vld.128.ip q3, a12, 16
    blti    a7, 8, 1f
    ee.vld.128.ip q5, a12, 16
    blti    a7, 12, 1f
    ee.vld.128.ip q7, a12, 16
1:  ee.vadds.s32 q0, q0, q1
    ee.vadds.s32 q2, q2, q3
    ee.vadds.s32 q4, q4, q5
    ee.vadds.s32 q6, q6, q7
.Lunbiased:
    movi    a10, .Lconstants + CONSTANT_LIMIT
    ee.vldbc.32.ip q1, a10, 4
    ssr     a9
    ee.vldbc.32.ip q3, a10, -4 - CONSTANT_LIMIT
    .irp    sums, q0, q2, q4, q6
    ee.vsr.32 \sums, \sums
    ee.vmin.s32 \sums, \sums, q1
    ee.vmax.s32 \sums, \sums, q3
    .endr
    ee.vldbc.8 q5, a10
    ee.vunzip.16 q0, q2
    ee.vunzip.16 q4, q6
    mv.qr   q1, q4
    REQUANTISE16 .Lblock, .Ldone
.Ldone:
    l32i    a14, a1, SAVED
    l32i    a15, a1, SAVED + 4
    RETURN(FRAME_SIZE)
END(mote_s3_gemv_rows_int8)
