/* void mote_s3_softmax_share(int16_t *weights, uint32_t vectors, const uint16_t factors[3], uint32_t shift)
 *
 *     w = min((w·factors[0] + factors[1]·factors[2]) >> shift, 32767)     in place, for `vectors` times 8 lanes
 *
 * w and factors are unsigned. Needs: weights 16-byte aligned; shift 0..31.
 *
 * q0 weights    q5 the factor    q6, q7 the two factors of the rounding term. */
#include "../xtensa/abi.h"

FUNCTION(mote_s3_softmax_share)
    FRAME(0)
    ee.vldbc.16.ip q5, a4, 2
    ee.vldbc.16.ip q6, a4, 2
    ee.vldbc.16 q7, a4
    loopgtz a3, 1f
    ee.zero.qacc
    ee.vld.128.ip q0, a2, 0
    ee.vmulas.u16.qacc q6, q7
    ee.vmulas.u16.qacc q0, q5
    ee.srcmb.s16.qacc q0, a5, 0
    ee.vst.128.ip q0, a2, 16
1:  RETURN(0)
END(mote_s3_softmax_share)
