/* const uint16_t *mote_mac16_dots_blocks16_int8(const uint32_t *blocks, const void *x, int32_t *dots, uint32_t rows,
 *                                               const uint16_t *index)
 *
 *     for r in 0..rows:
 *         dots[r] = 0, column = 0
 *         for n = *index++; n > 0; n--, blocks += 16:
 *             column += *index++
 *             dots[r] += Σ_c (int8_t)blocks[c] · x[column + c]
 *         index++
 *     return index
 *
 * Needs: blocks and x 4-byte aligned; |x| <= 128; x readable 8 bytes past its end.
 *
 * A block is multiplied like sixteen columns of a row in dots_int8.S.
 *
 * a2 blocks, a4 dots, a6 index: advancing    a3 x - 4    a5 rows left    a7 mask    a8 x, advancing    a9..a11 weights
 * a12 x of the block - 4 */
#include "dots.h"

FUNCTION(mote_mac16_dots_blocks16_int8)
    FRAME(0)
    movi    a7, 0xff00ff00
    addi    a3, a3, -4
    ssai    8
.Lrow:
    l16ui   a10, a6, 0
    addi    a6, a6, 2
    mov     a12, a3
    movi    a9, 0
    mul.aa.ll a9, a9
    loopgtz a10, .Lend
    l16ui   a11, a6, 0
    l32i    a9, a2, 0
    addx2   a12, a11, a12
    mov     a8, a12
    ldinc   m0, a8
    ldinc   m1, a8
    l32i    a10, a2, 4
    addi    a6, a6, 2
    COLUMNS4 a9
    l32i    a9, a2, 8
    COLUMNS4 a10
    l32i    a10, a2, 12
    addi    a2, a2, 16
    COLUMNS4 a9
    COLUMNS4 a10
.Lend:
    rsr     a9, acclo
    rsr     a10, acchi
    addi    a6, a6, 2
    src     a9, a10, a9
    addi    a5, a5, -1
    s32i    a9, a4, 0
    addi    a4, a4, 4
    bnez    a5, .Lrow
    mov     a2, a6
    RETURN(0)
END(mote_mac16_dots_blocks16_int8)
