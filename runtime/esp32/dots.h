/* What the dot products of whole rows and those of blocks share. Two inputs at a time wait in m0 and m1, from a8, and
 * are reloaded beside the last product that needs them; the sum is in MAC16's accumulator. */
#ifndef MOTE_RUNTIME_ESP32_DOTS_H
#define MOTE_RUNTIME_ESP32_DOTS_H

#include "../xtensa/abi.h"

/* clang-format off */
/* Sum += 256 times four int8 weights times inputs. a7 = 0xff00ff00; `word` and a11 are lost. */
    .macro COLUMNS4 word
    slli    a11, \word, 8
    and     \word, \word, a7
    and     a11, a11, a7
    mula.da.ll m0, a11
    mula.da.hl.ldinc m0, a8, m0, \word
    mula.da.lh m1, a11
    mula.da.hh.ldinc m1, a8, m1, \word
    .endm

/* Sum += 64 times the codes in bytes 0 and 2 of a9 times inputs, as dots_ternary2.S has them. a7, a12, a13, a0 mask bits
 * 0, 2, 4, 6 of both bytes; a10 is lost. */
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
