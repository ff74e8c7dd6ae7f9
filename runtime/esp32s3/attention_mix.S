/* void mote_s3_attention_mix(const mote_attention_head *a)
 *
 *     for i in 0..width:
 *         y[i] = clamp16((Σ_t w_t·codes[t·stride + i] + 2^14) >> 15)
 *     with e, f = scales[t·scale_stride] >> 4, & 15   (at most MOTE_MAX_CACHE_SCALE)
 *          w_t = (scores[t]·((16 + f) << e) + 8) >> 4                     below 2^24
 *
 * Needs: width and stride multiples of 8; y 16-byte aligned; codes 8-byte aligned; scores 0..32767.
 *
 * Computes eight columns at a time. Interleaving with zeros widens the codes to 256 times their value in q0; a product
 * by 1 with a shift of SAR = 8 gives the codes in q1. Then w·code = 2·(w >> 9)·q0 + (w & 511)·q1; (w >> 8)·q0 is not
 * possible, because w >> 8 may exceed int16.
 *
 * a3 codes, a4 scales, a5 scores, a13 y: advancing    a6 stride    a7 rows    a8 columns left    a9 step of scales
 * a10 table of (16 + f) << e    a12 largest scale    a0 codes of these columns, advancing    a11, a14 free
 * q2 ones    q3, q4 parts of w. */
#include "../xtensa/abi.h"
#include "offsets.h"

#define MAX_SCALE  0x81
#define FRAME_SIZE 16

    .section .rodata
    .align  16
.Lhalf:
    .rept   8
    .short  16384
    .endr
.Lsteps:
    .irp    exponent, 0, 1, 2, 3, 4, 5, 6, 7
    .irp    sixteenths, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    .short  \sixteenths << \exponent
    .endr
    .endr
    .short  16 << 8, 17 << 8
.Lone:
    .short  1

FUNCTION(mote_s3_attention_mix)
    FRAME(FRAME_SIZE)
    s32i    a14, a1, 0
    l32i    a3, a2, ATTENTION_CODES
    l32i    a6, a2, ATTENTION_STRIDE
    l32i    a7, a2, ATTENTION_COUNT
    l32i    a8, a2, ATTENTION_WIDTH
    l32i    a9, a2, ATTENTION_SCALE_STRIDE
    l32i    a13, a2, ATTENTION_Y
    movi    a10, .Lone
    movi    a12, MAX_SCALE
    ee.vldbc.16 q2, a10
    movi    a10, .Lsteps
    ssai    8
.Lcolumns:
    l32i    a4, a2, ATTENTION_SCALES
    l32i    a5, a2, ATTENTION_SCORES
    movi    a11, .Lhalf
    mov     a0, a3
    ee.ldqa.s16.128.ip a11, 0
    loop    a7, 1f
    l8ui    a11, a4, 0
    ee.vld.l.64.xp q1, a0, a6
    minu    a11, a11, a12
    addx2   a11, a11, a10
    l16ui   a11, a11, 0
    l16ui   a14, a5, 0
    ee.zero.q q0
    mull    a11, a11, a14
    ee.vzip.8 q0, q1
    addi    a5, a5, 2
    addi    a11, a11, 8
    ee.vmul.s16 q1, q0, q2
    srli    a14, a11, 13
    extui   a11, a11, 4, 9
    ee.movi.32.q q3, a14, 0
    ee.movi.32.q q4, a11, 0
    add     a4, a4, a9
    ee.vsmulas.s16.qacc q0, q3, 0
    ee.vsmulas.s16.qacc q0, q3, 0
    ee.vsmulas.s16.qacc q1, q4, 0
1:  movi    a11, 15
    ee.srcmb.s16.qacc q0, a11, 0
    ee.vst.128.ip q0, a13, 16
    addi    a3, a3, 8
    addi    a8, a8, -8
    bnez    a8, .Lcolumns
    l32i    a14, a1, 0
    RETURN(FRAME_SIZE)
END(mote_s3_attention_mix)
