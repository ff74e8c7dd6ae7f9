/* void mote_s3_attention_mix(const mote_attention *a)
 *
 *     for i in 0..width:
 *         y[i] = clamp16((Σ_t scores[t]·(codes[t·stride + i] << min(exponents[t·exponent_stride], 8)) + 2^14) >> 15)
 *
 * Needs: width a multiple of 8; y at a multiple of 16; codes and stride multiples of 8; scores 0..32767.
 *
 * Eight columns at a time. Codes are widened by interleaving with zeros, to 256 times themselves, which a product with
 * 2^exponent and a shift by SAR = 8 puts right.
 *
 * a3 codes, running    a4 exponents, running    a5 scores, running    a6 stride    a7 rows    a8 columns left
 * a9 step of exponents    a10 powers of two    a12 = 8    a13 y, running    a0, a11 free. */
#include "../xtensa/abi.h"
#include "offsets.h"

    .section .rodata
    .align  16
.Lhalf:
    .rept   8
    .short  16384
    .endr
.Lpowers:
    .short  1, 2, 4, 8, 16, 32, 64, 128, 256

FUNCTION(mote_s3_attention_mix)
    FRAME(0)
    l32i    a3, a2, ATTENTION_CODES
    l32i    a6, a2, ATTENTION_STRIDE
    l32i    a7, a2, ATTENTION_COUNT
    l32i    a8, a2, ATTENTION_WIDTH
    l32i    a9, a2, ATTENTION_EXPONENT_STRIDE
    l32i    a13, a2, ATTENTION_Y
    movi    a10, .Lpowers
    movi    a12, 8
    ssai    8
.Lcolumns:
    l32i    a4, a2, ATTENTION_EXPONENTS
    l32i    a5, a2, ATTENTION_SCORES
    mov     a0, a3
    movi    a11, .Lhalf
    ee.ldqa.s16.128.ip a11, 0
    loop    a7, 1f
    l8ui    a11, a4, 0
    ee.vld.l.64.xp q1, a0, a6
    minu    a11, a11, a12
    ee.zero.q q0
    addx2   a11, a11, a10
    ee.vldbc.16 q2, a11
    ee.vzip.8 q0, q1
    add     a4, a4, a9
    ee.vmul.s16 q0, q0, q2
    ee.vldbc.16.ip q3, a5, 2
    nop
    ee.vmulas.s16.qacc q0, q3
1:  movi    a11, 15
    ee.srcmb.s16.qacc q0, a11, 0
    ee.vst.128.ip q0, a13, 16
    addi    a3, a3, 8
    addi    a8, a8, -8
    bnez    a8, .Lcolumns
    RETURN(0)
END(mote_s3_attention_mix)
