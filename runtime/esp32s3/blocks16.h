/* Macros that the kernels of the layout MOTE_BLOCKS16 share: iteration over the rows of the index.
 *
 * Registers, in addition to those of rows.h: q0 inputs    a0 step from the inputs at a5 to those of the block after
 * a3 rows left of sixteen, less 1    a5 x, a8 index, a14 blocks: advancing    a10 blocks of the row    a13 x */
#ifndef MOTE_RUNTIME_ESP32S3_BLOCKS16_H
#define MOTE_RUNTIME_ESP32S3_BLOCKS16_H

#include "rows.h"

/* clang-format off */
/* Follows ROWS_OPEN: sets a8 and a14. */
    .macro BLOCKS_OPEN
    l32i    a14, a3, 0
    addi    a8, a3, 4
    add     a14, a3, a14
    .endm

    .macro BLOCKS_START
    movi    a3, 15
    min     a3, a3, a7
    mov     a15, a1
    .endm

/* ACCX = 0; q0 = the inputs of the row's first block, a5 = the address of those of the second, a8 = the index entry of
 * the third. If the row has fewer blocks, the entries read are the 0 after its steps and the count of the next row;
 * every load stays within the inputs. */
    .macro BLOCKS_ROW
    l16ui   a0, a8, 2
    l16ui   a10, a8, 0
    add     a5, a13, a0
    l16ui   a0, a8, 4
    ee.zero.accx
    addi    a8, a8, 6
    ee.vld.128.xp q0, a5, a0
    .endm

/* Stores the row's sum and jumps to `row` if rows of the sixteen are left. */
    .macro BLOCKS_NEXT row
    addi    a3, a3, -1
    ee.st.accx.ip a15, 8
    addi    a8, a8, -2
    bgez    a3, \row
    .endm
/* clang-format on */

#endif
