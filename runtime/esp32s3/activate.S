/* void mote_s3_activate(const int16_t *x, int16_t *y, uint32_t vectors, const mote_segment curve[129], uint32_t down,
 *                       const int16_t constants[5])
 *
 *     for `vectors` times 8 lanes:
 *         a = min(|x >> down|, 8192 >> up) << up
 *         t = value + (rise·(a & 63) >> 6) of segment a >> 6, with the sign of x
 *         y = (x·16384 + x·t + 16384) >> 15
 *     constants: 1, 8192 >> up, 2^up, 63, 16384
 *
 * Needs: x, y 16-byte aligned; |t| <= 16384; up 0..7, down 0..4. y may be x.
 *
 * Segments are loaded into the lanes of two registers in turn, because a load into a lane waits for the one before.
 *
 * a2 x, a3 y: advancing    a4 vectors left    a5 curve    a6 down    a7 address of 63, a9 of 16384    a8 = 15
 * q0 x    q5 1    q6 8192 >> up    q7 2^up    q1..q4 free. */
#include "../xtensa/abi.h"

FUNCTION(mote_s3_activate)
    FRAME(0)
    ee.vldbc.16.ip q5, a7, 2
    ee.vldbc.16.ip q6, a7, 2
    ee.vldbc.16.ip q7, a7, 2
    addi    a9, a7, 2
    movi    a8, 15
    loopgtz a4, 1f
    ssr     a6
    ee.vld.128.ip q0, a2, 16
    ee.zero.q q2
    ee.vmul.s16 q1, q0, q5
    ee.vldbc.16 q4, a7
    ee.vsubs.s16 q3, q2, q1
    ee.zero.qacc
    ee.vmax.s16 q1, q1, q3
    ssai    6
    ee.vmin.s16 q1, q1, q6
    ee.vmul.s16 q2, q1, q7
    ssai    0
    ee.vmul.s16 q1, q1, q7
    ee.andq q1, q1, q4
    .irp    lane, 0, 1, 2, 3
    ee.ldxq.32 q3, q2, a5, \lane, \lane
    ee.ldxq.32 q4, q2, a5, \lane, \lane + 4
    .endr
    ssai    6
    ee.vunzip.16 q3, q4
    ee.zero.q q2
    ee.vmul.s16 q4, q4, q1
    ee.vcmp.lt.s16 q1, q0, q2
    ee.vldbc.16 q2, a9
    ee.vadds.s16 q3, q3, q4
    ee.vmulas.s16.qacc q0, q2
    ee.xorq q3, q3, q1
    ee.vmulas.s16.qacc q2, q5
    ee.vsubs.s16 q3, q3, q1
    ee.vmulas.s16.qacc q0, q3
    ee.srcmb.s16.qacc q0, a8, 0
    ee.vst.128.ip q0, a3, 16
1:  RETURN(0)
END(mote_s3_activate)
