/* void mote_mac16_dots_int16(const uint8_t *weights, const int16_t *x, int32_t *dots, uint32_t rows, uint32_t columns)
 *
 *     for r in 0..rows:
 *         dots[r] = Σ_c ((int16_t *)weights)[r·columns + c] · x[c]
 *
 * Needs: columns a multiple of 4, not 0; weights and x 4-byte aligned; every dot product within 32 bits; x readable 8
 * bytes past its end.
 *
 * m0 and m1 hold two inputs each and are reloaded by the last product that needs them.
 *
 * a2 weights, a4 dots, a8 x: advancing    a5 rows left    a6 columns/4    a9, a10 weights */
#include "../xtensa/abi.h"

FUNCTION(mote_mac16_dots_int16)
    FRAME(0)
    srli    a6, a6, 2
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
    mula.da.ll m0, a9
    mula.da.hh.ldinc m0, a8, m0, a9
    mula.da.ll m1, a10
    mula.da.hh.ldinc m1, a8, m1, a10
.Lend:
    rsr     a9, acclo
    s32i    a9, a4, 0
    addi    a4, a4, 4
    addi    a5, a5, -1
    bnez    a5, .Lrow
    RETURN(0)
END(mote_mac16_dots_int16)
