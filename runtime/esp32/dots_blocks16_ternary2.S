/* const uint16_t *mote_mac16_dots_blocks16_ternary2(const uint32_t *blocks, const void *x, int32_t *dots,
 *                                                   uint32_t rows, const uint16_t *index)
 *
 *     for r in 0..rows:
 *         dots[r] = 0, column = 0
 *         for n = *index++; n > 0; n--, blocks += 4:
 *             column += *index++
 *             dots[r] += Σ_c weight c of the block · input column + c
 *         index++
 *     return index
 *     where x[18i..18i+17] hold the inputs of columns 16i..16i+15: those of columns 4k, 4k+2 for k = 0..3, then those
 *     of 4k+1, 4k+3, each multiplied by 4^(3-k), then their sum, not multiplied, and 0
 *
 * Needs: blocks and x 4-byte aligned; |x| <= 2^13; x readable 8 bytes past its end.
 *
 * Inverting every second bit turns a weight w in two's complement into the code 1 - w: 0, 1 or 2. A mask leaves codes
 * times 4^k in both halves of a word; with the factor 4^(3-k) of the inputs every product is 64 times the true one. 64
 * times the inputs are subtracted from their sum: 64·Σ(1 - w)·x - 64·Σx = -64·Σw·x.
 *
 * a2 blocks, a4 dots, a6 index: advancing    a3 x - 4    a5 rows left    a7, a12, a13, a0 masks    a8 x, advancing
 * a9, a10 codes    a11 x of the block - 4    a14 every second bit    a15 -64 */
#include "dots.h"

#define SAVED 0 /* a14, a15 */

FUNCTION(mote_mac16_dots_blocks16_ternary2)
    FRAME(16)
    s32i    a14, a1, SAVED
    s32i    a15, a1, SAVED + 4
    movi    a7, 0x00030003
    slli    a12, a7, 2
    slli    a13, a7, 4
    slli    a0, a7, 6
    movi    a14, 0x55555555
    movi    a15, -64
    addi    a3, a3, -4
    ssai    6
.Lrow:
    l16ui   a10, a6, 0
    addi    a6, a6, 2
    mov     a11, a3
    movi    a9, 0
    mul.aa.ll a9, a9
    loopgtz a10, .Lend
    l16ui   a10, a6, 0
    l32i    a9, a2, 0
    addx2   a11, a10, a11
    srli    a10, a10, 2
    add     a11, a11, a10
    mov     a8, a11
    ldinc   m0, a8
    ldinc   m1, a8
    xor     a9, a9, a14
    addi    a2, a2, 4
    addi    a6, a6, 2
    BYTES02
    srli    a9, a9, 8
    BYTES02
    mula.da.ll m0, a15
.Lend:
    rsr     a9, acclo
    rsr     a10, acchi
    addi    a6, a6, 2
    src     a9, a10, a9
    addi    a5, a5, -1
    neg     a9, a9
    s32i    a9, a4, 0
    addi    a4, a4, 4
    bnez    a5, .Lrow
    mov     a2, a6
    l32i    a14, a1, SAVED
    l32i    a15, a1, SAVED + 4
    RETURN(16)
END(mote_mac16_dots_blocks16_ternary2)
