/* void mote_s3_mul(const int16_t *a, const int16_t *b, int16_t *y, uint32_t vectors, uint32_t shift,
 *                  const int16_t half[2])
 *
 *     y[i] = clamp16((a[i]·b[i] + half[0]·half[1]) >> shift)      for `vectors` times 8 lanes
 *
 * Needs: a, b, y 16-byte aligned; shift 0..31. y may be a or b.
 *
 * q0 a, then y    q1 b    q6, q7 the two factors of the rounding term. */
#include "../xtensa/abi.h"

FUNCTION(mote_s3_mul)
    FRAME(0)
    ee.vldbc.16.ip q6, a7, 2
    ee.vldbc.16 q7, a7
    loopgtz a5, 1f
    ee.zero.qacc
    ee.vld.128.ip q0, a2, 16
    ee.vld.128.ip q1, a3, 16
    ee.vmulas.s16.qacc q6, q7
    ee.vmulas.s16.qacc q0, q1
    ee.srcmb.s16.qacc q0, a6, 0
    ee.vst.128.ip q0, a4, 16
1:  RETURN(0)
END(mote_s3_mul)
