/* Conversion of sixteen sums to outputs, called by the kernels of rows.h at the end of every block:
 *
 *     mote_s3_rows_close_sums    the sums are at a1
 *     mote_s3_rows_close         the sums of rows 0..3, 4..7, 8..11, 12..15 are in q0, q2, q4, q6
 *
 * The second entry is 4-byte aligned, as calls require and the linker checks. Both are called by call0 and use the
 * caller's frame and registers (rows.h). They add the bias, requantize and store y[0..15]. After the last row a7 is
 * negative. */
#include "rows.h"

    CONSTANTS

FUNCTION(mote_s3_rows_close_sums)
    .global mote_s3_rows_close
    ROWS_LOAD_SUMS
    _nop.n                              /* stays narrow, so that .align inserts no padding, which would be zeros */
    .align  4
mote_s3_rows_close:
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
    REQUANTIZE16 .Lreturn, .Lend
.Lend:
    movi    a7, -1
.Lreturn:
    ret
END(mote_s3_rows_close_sums)
