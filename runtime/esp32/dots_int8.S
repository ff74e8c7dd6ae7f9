/* void mote_mac16_dots_int8(const uint8_t *weights, const int16_t *x, int32_t *dots, uint32_t rows, uint32_t columns)
 *
 *     for r in 0..rows:
 *         dots[r] = Σ_c (int8_t)weights[r·columns + c] · x[c]
 *
 * Needs: columns a multiple of 8, not 0; weights and x 4-byte aligned; |x| <= 128; x readable 8 bytes past its end.
 *
 * A word of four weights is split into two words of two halves each, 256·w[1], 256·w[3] and 256·w[0], 256·w[2], so that
 * no byte needs sign extension. The accumulator is 256 times the sum; its 40 bits hold it for up to 65535 columns. m0
 * and m1 hold two inputs each and are reloaded by the last product that needs them.
 *
 * a2 weights, a4 dots, a8 x: advancing    a5 rows left    a6 columns/8    a7 mask    a9..a11 weights */
#include "dots.h"

FUNCTION(mote_mac16_dots_int8)
    FRAME(0)
    movi    a7, 0xff00ff00
    srli    a6, a6, 3
    ssai    8
.Lrow:
    addi    a8, a3, -4
    ldinc   m0, a8
    ldinc   m1, a8
    movi    a9, 0
    mul.aa.ll a9, a9
    loop    a6, .Lend
    l32i    a9, a2, 0
    l32i    a10, a2, 4
    addi    a2, a2, 8
    COLUMNS4 a9
    COLUMNS4 a10
.Lend:
    rsr     a9, acclo
    rsr     a10, acchi
    src     a9, a10, a9
    s32i    a9, a4, 0
    addi    a4, a4, 4
    addi    a5, a5, -1
    bnez    a5, .Lrow
    RETURN(0)
END(mote_mac16_dots_int8)
