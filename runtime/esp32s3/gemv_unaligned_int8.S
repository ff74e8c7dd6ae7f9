/* void mote_s3_gemv_unaligned_int8(const mote_gemv *g, const int8_t *last)
 *
 * Computes what mote_s3_gemv_rows_int8 does if columns is not a multiple of 16, so that rows have any alignment.
 * last: the inputs of the columns from the last multiple of 16 on, then zeros: 16 bytes, 16-byte aligned.
 *
 * Needs: weights, x, y, bias and multiplier 16-byte aligned. Reads up to 31 bytes past the weights.
 *
 * Weights are loaded as aligned vectors. Two adjacent ones are combined into a vector of the row while the vector
 * before is multiplied. The sums of sixteen rows are kept on the stack as 64-bit numbers.
 *
 * Registers, in addition to those of rows.h: a3 weights of the row    a5 rows of the block left    a8 columns    a13 x
 * a14 weights, a0 x: advancing    ROWS_SPARE last    q0 inputs    q1 weights of the row    q2, q3 aligned weights
 * q4 the last inputs. */
#include "rows.h"

FUNCTION(mote_s3_gemv_unaligned_int8)
    ROWS_OPEN 1
.Lblock:
    l32i    a10, a1, ROWS_SPARE
    ee.vld.128.ip q4, a10, 0
    movi    a10, 15
    min     a5, a10, a7
    addi    a5, a5, 1
    mov     a15, a1
.Lrow:
    mov     a14, a3
    mov     a0, a13
    srli    a10, a8, 4
    ee.zero.accx
    ee.ld.128.usar.ip q2, a14, 16
    ee.vld.128.ip q3, a14, 16
    loopgtz a10, 1f
    ee.vld.128.ip q0, a0, 16
    ee.src.q.qup q1, q2, q3
    ee.vld.128.ip q3, a14, 16
    ee.vmulas.s8.accx q0, q1
1:  ee.src.q q1, q2, q3
    add     a3, a3, a8
    addi    a5, a5, -1
    ee.vmulas.s8.accx q4, q1
    ee.st.accx.ip a15, 8
    bnez    a5, .Lrow
    ROWS_CLOSE .Lblock, mote_s3_rows_close_sums
END(mote_s3_gemv_unaligned_int8)
