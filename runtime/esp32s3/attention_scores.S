/* void mote_s3_attention_scores(const mote_attention_head *a)
 *
 *     for t in 0..count:
 *         e, f = scales[t·scale_stride] >> 4, & 15        (at most MOTE_MAX_CACHE_SCALE)
 *         dot = Σ_i q[i]·codes[t·stride + i]
 *         scores[t] = clamp16(((clamp16(dot >> (shift - e))·(16 + f)) >> 4)·factor >> 15)
 *
 * Needs: width 8 or a multiple of 16; q 16-byte aligned; address of codes and stride multiples of 8, or of 16 for
 * widths above 8.
 *
 * Interleaving with zeros widens the codes to 256 times their value; ACCX has 40 bits and loses nothing.
 *
 * a2 q    a3 codes, a4 scales, a5 scores: advancing    a6 stride, for widths above 8 less the width    a7 rows left
 * a8 vectors of 16 columns    a9 step of scales    a10 shift + 8    a12 largest scale    a14 factor
 * q2, q3 of q; a0, a11, a13, a15 free. */
#include "../xtensa/abi.h"
#include "offsets.h"

#define MAX_SCALE  0x81
#define FRAME_SIZE 16

/* Splits the scale in a11: a0 = the shift, a11 = 16 + f. Advances to the next scale. */
    .macro ROW_SCALE
    minu    a11, a11, a12
    srli    a0, a11, 4
    extui   a11, a11, 0, 4
    sub     a0, a10, a0
    addi    a11, a11, 16
    add     a4, a4, a9
    .endm

    .macro ROW_SCORE
    ee.srs.accx a0, a0, 0
    clamps  a0, a0, 15
    mull    a11, a0, a11
    addi    a5, a5, 2
    srai    a11, a11, 4
    mull    a11, a11, a14
    addi    a15, a5, -2
    srai    a11, a11, 15
    clamps  a11, a11, 15
    s16i    a11, a15, 0
    .endm

FUNCTION(mote_s3_attention_scores)
    FRAME(FRAME_SIZE)
    s32i    a14, a1, 0
    s32i    a15, a1, 4
    l32i    a3, a2, ATTENTION_CODES
    l32i    a4, a2, ATTENTION_SCALES
    l32i    a5, a2, ATTENTION_SCORES
    l32i    a6, a2, ATTENTION_STRIDE
    l32i    a7, a2, ATTENTION_COUNT
    l32i    a8, a2, ATTENTION_WIDTH
    l32i    a9, a2, ATTENTION_SCALE_STRIDE
    l32i    a10, a2, ATTENTION_SHIFT
    l32i    a14, a2, ATTENTION_FACTOR
    l32i    a2, a2, ATTENTION_Q
    addi    a10, a10, 8
    movi    a12, MAX_SCALE
    bnei    a8, 8, .Lwide

    ee.vld.128.ip q2, a2, 0
    loop    a7, .Ldone
    l8ui    a11, a4, 0
    ee.vld.l.64.xp q1, a3, a6
    ee.zero.q q0
    ROW_SCALE
    ee.vzip.8 q0, q1
    ee.zero.accx
    ee.vmulas.s16.accx q0, q2
    ROW_SCORE
.Ldone:
    l32i    a14, a1, 0
    l32i    a15, a1, 4
    RETURN(FRAME_SIZE)

.Lwide:
    sub     a6, a6, a8
    srli    a8, a8, 4
.Lrow:
    mov     a13, a2
    ee.zero.accx
    loop    a8, 2f
    ee.vld.128.ip q1, a3, 16
    ee.zero.q q0
    ee.vld.128.ip q2, a13, 16
    ee.vzip.8 q0, q1
    ee.vld.128.ip q3, a13, 16
    ee.vmulas.s16.accx q0, q2
    ee.vmulas.s16.accx q1, q3
2:  l8ui    a11, a4, 0
    add     a3, a3, a6
    addi    a7, a7, -1
    ROW_SCALE
    ROW_SCORE
    bnez    a7, .Lrow
    j       .Ldone
END(mote_s3_attention_scores)
