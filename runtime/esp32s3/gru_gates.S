/* void mote_s3_gru_gates(const int16_t *gx, const int16_t *gh, int16_t *h, int8_t *h8, uint32_t d,
 *                        const mote_segment table[129])
 *
 *     for i in 0..d:
 *         r = σ(clamp16(gx[i] + gh[i]))            z = σ(clamp16(gx[d+i] + gh[d+i]))
 *         n = tanh(clamp16(gx[2d+i] + (r·gh[2d+i] >> 15)))
 *         h[i] = n + (z·(h[i] - n) >> 15)          h8[i] = clamp8((h[i] + 64) >> 7)
 *     with σ and tanh of runtime/ops/sigmoid.h
 *
 * Needs: d a multiple of 8; gx, gh, h 16-byte aligned, h8 8-byte aligned; |h| < 2^14, which holds for the new h too.
 *
 * Computes eight units at a time. a2 gx, a3 gh, a4 h, a5 h8: advancing; a6 d, a7 table, a8 = 4d, a9 = -2d,
 * a10 = 16 - 2d, a11 constants from 16384 on, a12 rounds left. q5 = 8191, q6 = 63, q7 = 1; q0..q4 free. */
#include "../xtensa/abi.h"

#define FRAME_SIZE 16

/* q3 = σ(q0) - 16384; needs SAR = 6. The result is value + (rise·(a & 63) >> 6) of segment a >> 6 with the sign of x,
 * where a = min(|x|, 8191). Segments are loaded into the lanes of two registers in turn, because a load into a lane
 * waits for the one before. */
    .macro SIGMOID
    ee.zero.q q1
    ee.vsubs.s16 q1, q1, q0
    ee.vmax.s16 q1, q1, q0
    ee.vmin.s16 q1, q1, q5
    ee.vmul.s16 q2, q1, q7
    ee.andq q1, q1, q6
    .irp    lane, 0, 1, 2, 3
    ee.ldxq.32 q3, q2, a7, \lane, \lane
    ee.ldxq.32 q4, q2, a7, \lane, \lane + 4
    .endr
    ee.zero.q q2
    ee.vunzip.16 q3, q4
    ee.vmul.s16 q4, q4, q1
    ee.vcmp.lt.s16 q0, q0, q2
    ee.vadds.s16 q3, q3, q4
    ee.xorq q3, q3, q0
    ee.vsubs.s16 q3, q3, q0
    .endm

    .section .rodata
    .align  4
.Lconstants:
    .short  8191, 63, 1, 16384, 64
    .byte   -127

FUNCTION(mote_s3_gru_gates)
    FRAME(FRAME_SIZE)
    movi    a11, .Lconstants
    srli    a12, a6, 3
    ee.vldbc.16.ip q5, a11, 2
    ee.vldbc.16.ip q6, a11, 2
    ee.vldbc.16.ip q7, a11, 2
    slli    a8, a6, 2
    slli    a9, a6, 1
    neg     a9, a9
    addi    a10, a9, 16
.Lunits:
    ssai    6
    ee.vld.128.xp q0, a2, a8
    ee.vld.128.xp q1, a3, a8
    ee.vadds.s16 q0, q0, q1
    SIGMOID
    ee.vldbc.16 q2, a11
    ee.vld.128.xp q1, a3, a9
    ee.vadds.s16 q3, q3, q2
    ssai    15
    ee.vmul.s16 q3, q3, q1
    ee.vld.128.xp q0, a2, a9
    ssai    6
    ee.vadds.s16 q0, q0, q3
    ee.vadds.s16 q0, q0, q0
    SIGMOID
    ee.vst.128.ip q3, a1, 0

    ee.vld.128.xp q0, a2, a10
    ee.vld.128.xp q1, a3, a10
    ee.vadds.s16 q0, q0, q1
    SIGMOID
    ee.vldbc.16.ip q2, a11, 2
    ee.vld.128.ip q1, a1, 0
    ee.vadds.s16 q3, q3, q2
    ee.vld.128.ip q0, a4, 0
    ssai    15
    ee.vsubs.s16 q0, q0, q1
    ee.vmul.s16 q0, q0, q3
    ee.vldbc.16.ip q2, a11, 2
    ee.vadds.s16 q0, q0, q1
    ee.vst.128.ip q0, a4, 16
    ee.vadds.s16 q0, q0, q2
    ee.vldbc.8 q2, a11
    ee.vadds.s16 q0, q0, q0
    ee.vunzip.8 q0, q1
    ee.vmax.s8 q1, q1, q2
    ee.vst.l.64.ip q1, a5, 8
    addi    a11, a11, -4
    addi    a12, a12, -1
    bnez    a12, .Lunits
    RETURN(FRAME_SIZE)
END(mote_s3_gru_gates)
