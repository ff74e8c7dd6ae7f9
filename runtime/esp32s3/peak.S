/* uint32_t mote_s3_peak(const int16_t *x, uint32_t vectors)
 *
 * Returns the largest |x[i]|, 0..32768, of `vectors` times 8 lanes. Needs: x 16-byte aligned, vectors at least 1.
 *
 * q0 the highest values so far    q1 the lowest    q2 the next lanes. */
#include "../xtensa/abi.h"

    .macro REDUCE operation, lanes, to
    .rept   3
    mv.qr   q2, \lanes
    ee.vunzip.16 \lanes, q2
    ee.\operation\().s16 \lanes, \lanes, q2
    .endr
    ee.movi.32.a \lanes, \to, 0
    sext    \to, \to, 15
    .endm

FUNCTION(mote_s3_peak)
    FRAME(0)
    addi    a3, a3, -1
    ee.vld.128.ip q2, a2, 16
    mv.qr   q0, q2
    mv.qr   q1, q2
    loopgtz a3, 1f
    ee.vmax.s16.ld.incp q2, a2, q0, q0, q2
    ee.vmin.s16 q1, q1, q2
1:  ee.vmax.s16 q0, q0, q2
    REDUCE  vmax, q0, a4
    REDUCE  vmin, q1, a5
    neg     a5, a5
    max     a2, a4, a5
    RETURN(0)
END(mote_s3_peak)
