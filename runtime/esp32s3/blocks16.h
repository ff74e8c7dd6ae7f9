/* What the kernels of the layout MOTE_BLOCKS16 share: the way from row to row of the index.
 *
 * Registers, beside those of rows.h: q0 inputs    a0 how much further than a5 the inputs after those of a5 are
 * a3 rows left of sixteen, less 1    a5 x, running    a8 index, running    a10 blocks of the row    a13 x
 * a14 blocks, running */
#ifndef MOTE_RUNTIME_ESP32S3_BLOCKS16_H
#define MOTE_RUNTIME_ESP32S3_BLOCKS16_H

#include "rows.h"

/* clang-format off */
/* After ROWS_OPEN. */
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

/* ACCX = 0; q0 = the inputs of the row's first block, a5 = those of the second, a8 = the index of the third. Where there
 * are fewer, the index has zeros and counts to read, and what a5 comes to is within the inputs of a block that is. */
    .macro BLOCKS_ROW
    l16ui   a0, a8, 2
    l16ui   a10, a8, 0
    add     a5, a13, a0
    l16ui   a0, a8, 4
    ee.zero.accx
    addi    a8, a8, 6
    ee.vld.128.xp q0, a5, a0
    .endm

/* Keeps the row's sum; on at `row` while there are more of the sixteen. */
    .macro BLOCKS_NEXT row
    addi    a3, a3, -1
    ee.st.accx.ip a15, 8
    addi    a8, a8, -2
    bgez    a3, \row
    .endm
/* clang-format on */

#endif
