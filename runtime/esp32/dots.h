/* Macros that the dot products of whole rows and of blocks share. m0 and m1 hold two inputs each, loaded from a8, and
 * are reloaded by the last product that needs them. The sum is in the accumulator of MAC16. */
#ifndef MOTE_RUNTIME_ESP32_DOTS_H
#define MOTE_RUNTIME_ESP32_DOTS_H

#include "../xtensa/abi.h"

/* clang-format off */
/* Adds 256 times the products of four int8 weights and inputs to the sum. Needs a7 = 0xff00ff00. Destroys `word` and
 * a11. */
    .macro COLUMNS4 word
    slli    a11, \word, 8
    and     \word, \word, a7
    and     a11, a11, a7
    mula.da.ll m0, a11
    mula.da.hl.ldinc m0, a8, m0, \word
    mula.da.lh m1, a11
    mula.da.hh.ldinc m1, a8, m1, \word
    .endm

/* Adds 64 times the products of the codes in bytes 0 and 2 of a9 and inputs to the sum; dots_ternary2.S defines the
 * order. a7, a12, a13, a0 mask the codes at bits 0, 2, 4, 6 of both bytes; destroys a10. */
    .macro BYTES02
    and     a10, a9, a7
    mula.da.ll m0, a10
    mula.da.hh.ldinc m0, a8, m0, a10
    and     a10, a9, a12
    mula.da.ll m1, a10
    mula.da.hh.ldinc m1, a8, m1, a10
    and     a10, a9, a13
    mula.da.ll m0, a10
    mula.da.hh.ldinc m0, a8, m0, a10
    and     a10, a9, a0
    mula.da.ll m1, a10
    mula.da.hh.ldinc m1, a8, m1, a10
    .endm
/* clang-format on */

#endif
