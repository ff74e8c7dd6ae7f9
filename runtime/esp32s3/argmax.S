/* uint32_t mote_s3_argmax(const int16_t *scores, uint32_t count)
 *
 * Returns the lowest index of the highest score. Needs: scores 16-byte aligned, count at least 8.
 *
 * First finds the highest score: of whole vectors in q0, then, with the remaining scores, in a6. Then finds the first
 * score that equals it. */
#include "../xtensa/abi.h"

FUNCTION(mote_s3_argmax)
    FRAME(0)
    mov     a4, a2
    srli    a5, a3, 3
    addi    a5, a5, -1
    ee.vld.128.ip q0, a4, 16
    mv.qr   q1, q0
    loopgtz a5, 1f
    ee.vmax.s16.ld.incp q1, a4, q0, q0, q1
1:  ee.vmax.s16 q0, q0, q1
    .rept   3
    mv.qr   q1, q0
    ee.vunzip.16 q0, q1
    ee.vmax.s16 q0, q0, q1
    .endr
    ee.movi.32.a q0, a6, 0
    sext    a6, a6, 15
    extui   a5, a3, 0, 3
    loopgtz a5, 2f
    l16si   a7, a4, 0
    addi    a4, a4, 2
    max     a6, a6, a7
2:  mov     a4, a2
    loop    a3, 3f
    l16si   a7, a4, 0
    beq     a7, a6, 3f
    addi    a4, a4, 2
3:  sub     a2, a4, a2
    srli    a2, a2, 1
    RETURN(0)
END(mote_s3_argmax)
