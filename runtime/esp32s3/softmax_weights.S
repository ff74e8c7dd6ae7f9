/* uint32_t mote_s3_softmax_weights(int16_t *scores, uint32_t vectors, int16_t constants[7])
 *
 *     best = the highest score, stored in constants[0]
 *     for `vectors` times 8 lanes:
 *         d = min(best - score, 5679)        x = d·47274 >> 8
 *         weight = x < 2^20 ? ⌊2^15·2^-(x/2^16)⌋ by the table of runtime/ops/exp2.c : 0
 *     replaces the scores by the weights, which are unsigned, and returns their sum
 *     constants: any, 5679, 47274, 31, 2047, 2048, 1
 *
 * Needs: scores 16-byte aligned, vectors at least 1.
 *
 * With k = x >> 16, i = x >> 11 & 31, f = x & 2047 the weight is (t[i+1]·2048 + (t[i] - t[i+1])·(2048 - f) >> 11) >> k,
 * where the last shift is a product with 2^(15-k). For d = 0 the weight is 2^15; the formula saturates at 2^15 - 1,
 * which is corrected.
 *
 * a2 scores, a4 constants: advancing    a3 vectors left    a5 table    a6 powers    a7 = 11    a8 = -12
 * q0 d    q1 k    q2 2048 - f    q3 i    q4..q7 free. */
#include "../xtensa/abi.h"

    .macro LOOK_UP first, second, index, table
    .irp    lane, 0, 1, 2, 3
    ee.ldxq.32 \first, \index, \table, \lane, \lane
    ee.ldxq.32 \second, \index, \table, \lane, \lane + 4
    .endr
    ee.vunzip.16 \first, \second
    .endm

    .section .rodata
    .align  4
.Ltable: /* t[i+1], t[i] - t[i+1] */
    .short  32066, 702, 31379, 687, 30706, 673, 30048, 658, 29405, 643, 28774, 631, 28158, 616, 27554, 604
    .short  26964, 590, 26386, 578, 25821, 565, 25268, 553, 24726, 542, 24196, 530, 23678, 518, 23170, 508
    .short  22674, 496, 22188, 486, 21713, 475, 21247, 466, 20792, 455, 20347, 445, 19911, 436, 19484, 427
    .short  19066, 418, 18658, 408, 18258, 400, 17867, 391, 17484, 383, 17109, 375, 16743, 366, 16384, 359
.Lpowers:
    .word   0x8000, 0x4000, 0x2000, 0x1000, 0x800, 0x400, 0x200, 0x100, 0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1, 0

FUNCTION(mote_s3_softmax_weights)
    FRAME(0)
    mov     a5, a2
    addi    a6, a3, -1
    ee.vld.128.ip q1, a5, 16
    mv.qr   q0, q1
    loopgtz a6, 1f
    ee.vmax.s16.ld.incp q1, a5, q0, q0, q1
1:  ee.vmax.s16 q0, q0, q1
    .rept   3
    mv.qr   q1, q0
    ee.vunzip.16 q0, q1
    ee.vmax.s16 q0, q0, q1
    .endr
    ee.movi.32.a q0, a5, 0
    s16i    a5, a4, 0

    movi    a5, .Ltable
    movi    a6, .Lpowers
    movi    a7, 11
    movi    a8, -12
    ee.zero.accx
.Lvector:
    ee.vld.128.ip q0, a2, 0
    ee.vldbc.16.ip q7, a4, 2
    ee.vldbc.16.ip q6, a4, 2
    ee.vsubs.s16 q0, q7, q0
    ee.vldbc.16.ip q7, a4, 2
    ee.vmin.s16 q0, q0, q6
    ssai    24
    ee.vmul.u16 q1, q0, q7
    ssai    19
    ee.vmul.u16 q3, q0, q7
    ssai    8
    ee.vmul.u16 q2, q0, q7
    ee.vldbc.16.ip q7, a4, 2
    ee.vldbc.16.ip q6, a4, 2
    ee.andq q3, q3, q7
    ee.andq q2, q2, q6
    ee.vldbc.16.ip q6, a4, 2
    ee.zero.qacc
    ee.vsubs.s16 q2, q6, q2
    LOOK_UP q4, q5, q3, a5
    ee.vmulas.s16.qacc q4, q6
    ee.vmulas.s16.qacc q5, q2
    LOOK_UP q6, q7, q1, a6
    ee.srcmb.s16.qacc q4, a7, 0
    ssai    15
    ee.vmul.u16 q4, q4, q6
    ee.zero.q q5
    ee.vcmp.eq.s16 q5, q0, q5
    ee.vldbc.16.xp q6, a4, a8
    ee.xorq q4, q4, q5
    addi    a3, a3, -1
    ee.vmulas.u16.accx q4, q6
    ee.vst.128.ip q4, a2, 16
    bnez    a3, .Lvector
    movi    a7, 0
    ee.srs.accx a2, a7, 0
    RETURN(0)
END(mote_s3_softmax_weights)
