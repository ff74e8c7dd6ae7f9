/* void mote_s3_add(const void *a, const void *b, void *y, uint32_t vectors, uint32_t narrow)
 *
 * y[i] = a[i] + b[i] for `vectors` times 16 bytes: if narrow, int8 clamped to -127..127, else int16, saturating.
 * Needs: a, b, y 16-byte aligned. */
#include "../xtensa/abi.h"

    .section .rodata
.Llowest:
    .byte   -127

FUNCTION(mote_s3_add)
    FRAME(0)
    bnez    a6, .Lnarrow
    loopgtz a5, 1f
    ee.vld.128.ip q0, a2, 16
    ee.vld.128.ip q1, a3, 16
    ee.vadds.s16 q0, q0, q1
    ee.vst.128.ip q0, a4, 16
1:  j       .Ldone
.Lnarrow:
    movi    a8, .Llowest
    ee.vldbc.8 q2, a8
    loopgtz a5, .Ldone
    ee.vld.128.ip q0, a2, 16
    ee.vld.128.ip q1, a3, 16
    ee.vadds.s8 q0, q0, q1
    ee.vmax.s8 q0, q0, q2
    ee.vst.128.ip q0, a4, 16
.Ldone:
    RETURN(0)
END(mote_s3_add)
