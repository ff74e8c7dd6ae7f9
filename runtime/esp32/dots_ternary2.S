/* void mote_mac16_dots_ternary2(const uint8_t *weights, const int16_t *x, int32_t *dots, uint32_t rows, uint32_t words)
 *
 *     for r in 0..rows:
 *         dots[r] = Σ over 16·words codes · inputs
 *     where x[16i..16i+15] are the inputs of word i of a row: for the codes at bits 2k of its bytes, k = 0..3,
 *     x[16i+2k] and x[16i+2k+1] are those of bytes 0 and 2, x[16i+8+2k] and x[16i+8+2k+1] those of bytes 1 and 3, each
 *     multiplied by 4^(3-k)
 *
 * Needs: words not 0; weights and x 4-byte aligned; |x| <= 2^13; x readable 8 bytes past its end.
 *
 * A mask leaves codes times 4^k in both halves of a word; with the factor 4^(3-k) of the inputs every product, and so
 * the sum, is 64 times the true one. m0 and m1 hold two inputs each and are reloaded by the last product that needs
 * them.
 *
 * a2 weights, a4 dots, a8 x: advancing    a5 rows left    a6 words    a7, a12, a13, a0 masks    a9, a10 codes */
#include "dots.h"

FUNCTION(mote_mac16_dots_ternary2)
    FRAME(0)
    movi    a7, 0x00030003
    slli    a12, a7, 2
    slli    a13, a7, 4
    slli    a0, a7, 6
    ssai    6
.Lrow:
    addi    a8, a3, -4
    ldinc   m0, a8
    ldinc   m1, a8
    movi    a9, 0
    mul.aa.ll a9, a9
    loop    a6, .Lend
    l32i    a9, a2, 0
    addi    a2, a2, 4
    BYTES02
    srli    a9, a9, 8
    BYTES02
.Lend:
    rsr     a9, acclo
    rsr     a10, acchi
    src     a9, a10, a9
    s32i    a9, a4, 0
    addi    a4, a4, 4
    addi    a5, a5, -1
    bnez    a5, .Lrow
    RETURN(0)
END(mote_mac16_dots_ternary2)
