/* void mote_s3_scale(const int16_t *x, void *y, uint32_t count, const int16_t factors[3], uint32_t shift,
 *                    uint32_t narrow)
 *
 *     y[i] = clamp((x[i]·factors[0] + factors[1]·factors[2]) >> shift)
 *     if narrow: int8 clamped to -127..127, count a multiple of 16; else int16, count a multiple of 8
 *
 * Needs: x, y 16-byte aligned; shift 0..31. An int16 y may be x.
 *
 * q0, q1 x, then y    q2 127    q3 -127    q5 the factor    q6, q7 the two factors of the rounding term
 * a7 rounds of the loop. */
#include "../xtensa/abi.h"

    .macro SCALE lanes
    ee.zero.qacc
    ee.vmulas.s16.qacc q6, q7
    ee.vmulas.s16.qacc \lanes, q5
    ee.srcmb.s16.qacc \lanes, a6, 0
    .endm

    .section .rodata
    .align  4
.Llimits:
    .short  127, -127

FUNCTION(mote_s3_scale)
    FRAME(0)
    ee.vldbc.16.ip q5, a5, 2
    ee.vldbc.16.ip q6, a5, 2
    ee.vldbc.16 q7, a5
    bnez    a7, .Lnarrow
    srli    a7, a4, 3
    loopgtz a7, 1f
    ee.vld.128.ip q0, a2, 16
    SCALE   q0
    ee.vst.128.ip q0, a3, 16
1:  j       .Ldone
.Lnarrow:
    movi    a8, .Llimits
    ee.vldbc.16.ip q2, a8, 2
    ee.vldbc.16 q3, a8
    srli    a7, a4, 4
    loopgtz a7, .Ldone
    ee.vld.128.ip q0, a2, 16
    ee.vld.128.ip q1, a2, 16
    SCALE   q0
    SCALE   q1
    ee.vmin.s16 q0, q0, q2
    ee.vmin.s16 q1, q1, q2
    ee.vmax.s16 q0, q0, q3
    ee.vmax.s16 q1, q1, q3
    ee.vunzip.8 q0, q1
    ee.vst.128.ip q0, a3, 16
.Ldone:
    RETURN(0)
END(mote_s3_scale)
