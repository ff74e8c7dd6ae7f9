/* void mote_s3_attention_scores(const mote_attention *a)
 *
 *     for t in 0..count:
 *         dot = Σ_i q[i]·codes[t·stride + i]
 *         scores[t] = (clamp16(dot >> (shift - min(exponents[t·exponent_stride], 8)))·factor) >> 15
 *
 * Needs: width 8 or a multiple of 16; q and scores at multiples of 16, scores writable up to the next; codes and stride
 * multiples of 8, for widths above 8 of 16.
 *
 * Codes are widened by interleaving with zeros, to 256 times themselves; ACCX has 40 bits and loses nothing.
 *
 * a2 q    a3 codes, running    a4 exponents, running    a5 scores, running    a6 stride, less the width above 8
 * a7 rows left    a8 16 times vectors of 16 columns    a9 step of exponents    a10 shift + 8    a12 = 8
 * q2.. q; a0, a11, a13 free. */
#include "../xtensa/abi.h"
#include "offsets.h"

/* a11 = the row's shift, of its exponent loaded before; on to the next exponent. */
    .macro ROW_SHIFT
    minu    a11, a11, a12
    add     a4, a4, a9
    sub     a11, a10, a11
    .endm

    .macro ROW_SCORE
    ee.srs.accx a11, a11, 0
    clamps  a11, a11, 15
    s16i    a11, a5, 0
    addi    a5, a5, 2
    .endm

FUNCTION(mote_s3_attention_scores)
    FRAME(16)
    l32i    a3, a2, ATTENTION_CODES
    l32i    a4, a2, ATTENTION_EXPONENTS
    l32i    a5, a2, ATTENTION_SCORES
    l32i    a6, a2, ATTENTION_STRIDE
    l32i    a7, a2, ATTENTION_COUNT
    l32i    a8, a2, ATTENTION_WIDTH
    l32i    a9, a2, ATTENTION_EXPONENT_STRIDE
    l32i    a10, a2, ATTENTION_SHIFT
    s32i    a2, a1, 0
    l32i    a2, a2, ATTENTION_Q
    addi    a10, a10, 8
    movi    a12, 8
    bne     a8, a12, .Lwide

    ee.vld.128.ip q2, a2, 0
    loop    a7, 1f
    l8ui    a11, a4, 0
    ee.vld.l.64.xp q1, a3, a6
    ee.zero.q q0
    ROW_SHIFT
    ee.vzip.8 q0, q1
    ee.zero.accx
    ee.vmulas.s16.accx q0, q2
    ROW_SCORE
1:  j       .Lscale

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
    ROW_SHIFT
    ROW_SCORE
    bnez    a7, .Lrow

/* All scores by the factor, eight at a time. */
.Lscale:
    l32i    a2, a1, 0
    ssai    15
    l32i    a7, a2, ATTENTION_COUNT
    l32i    a5, a2, ATTENTION_SCORES
    addi    a3, a2, ATTENTION_FACTOR
    ee.vldbc.16 q1, a3
    addi    a7, a7, 7
    srli    a7, a7, 3
    loop    a7, 3f
    ee.vld.128.ip q0, a5, 0
    nop
    ee.vmul.s16 q0, q0, q1
    nop
    ee.vst.128.ip q0, a5, 16
3:  RETURN(16)
END(mote_s3_attention_scores)
