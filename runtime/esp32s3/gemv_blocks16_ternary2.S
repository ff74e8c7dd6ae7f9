/* void mote_s3_gemv_blocks16_ternary2(const mote_gemv *g)
 *
 *     for r in 0..rows:
 *         acc = bias[r] + Σ_c weights[r][c]·x[c]      over the columns of the stored blocks
 *         y[r] = requantize(acc)                      (mote_requantize, runtime/requantize.h)
 *
 * Needs: what mote_s3_gemv_blocks16_int8 needs.
 *
 * The four bytes of a block are loaded to all four lanes of 32 bits and multiplied by 64, 16, 4 and 1 in the first,
 * second, third and fourth, modulo 2^8. The two bits of its own column are then the top bits of every byte, and a mask
 * leaves 64 times the weight. The sums, below 2^30, are 64 times the true ones until they are shifted.
 *
 * Registers: those of blocks16.h, and q2 factors, q3 sixteen times 0xc0, q4 a block's bytes, loaded ahead, q5 weights.
 */
#include "blocks16.h"

    .section .rodata
    .align  16
.Lfactors:
    .byte   64, 64, 64, 64, 16, 16, 16, 16, 4, 4, 4, 4, 1, 1, 1, 1
.Lmask:
    .byte   0xc0

FUNCTION(mote_s3_gemv_blocks16_ternary2)
    ROWS_OPEN
    BLOCKS_OPEN

.Lsixteen:
    movi    a10, .Lfactors
    ee.vld.128.ip q2, a10, 16
    ee.vldbc.8 q3, a10
    ee.vldbc.32.ip q4, a14, 4
    ssai    0
    BLOCKS_START
.Lrow:
    BLOCKS_ROW
    loopgtz a10, .Lblocks
    ee.vmul.u8 q5, q4, q2
    ee.vldbc.32.ip q4, a14, 4
    l16ui   a0, a8, 0
    ee.andq q5, q5, q3
    addi    a8, a8, 2
    ee.vmulas.s8.accx.ld.xp q0, a5, a0, q0, q5
.Lblocks:
    BLOCKS_NEXT .Lrow

    addi    a14, a14, -4
    ROWS_LOAD_SUMS
    ssai    6
    .irp    sums, q0, q2, q4, q6
    ee.vsr.32 \sums, \sums
    .endr
    ROWS_CLOSE .Lsixteen, mote_s3_rows_close
END(mote_s3_gemv_blocks16_ternary2)
