/* Decodes instructions into blocks. A block holds the instructions up to the next jump and runs as a whole;
 * breakpoints, interrupts and the like are looked at between blocks.
 *
 * A block ends after an instruction that jumps or changes the window or a loop (mote_xt_flow), before a breakpoint, at
 * the end of the current loop, at the end of the page, and, if cycles are counted, at the end of a line of the
 * instruction cache. An instruction that reads the clock, or that concerns interrupts or the host, is a block by
 * itself. */
#ifndef MOTE_XTENSA_BLOCK_H
#define MOTE_XTENSA_BLOCK_H

#include "xtensa/emu/code.h"

/* Makes the block that starts at `address`. NULL if there can be none: an exception was raised, or code must be dropped
 * first. */
block *mote_xt_new_block(mote_xt_machine *m, uint32_t address);

/* The block that starts at `address`, made if there is none yet. NULL as for mote_xt_new_block. */
static inline block *mote_xt_block_at(mote_xt_machine *m, uint32_t address)
{
    const page *p = page_at(m, address);
    block *b = p->code ? p->code->start[address % PAGE_SIZE] : NULL;
    return b ? b : mote_xt_new_block(m, address);
}

/* Decodes one instruction from `available` bytes at `address`; an instruction that the chip lacks becomes illegal. */
void mote_xt_decode_at(const mote_xt_machine *m, const uint8_t *bytes, size_t available, uint32_t address, decoded *d);

/* The behaviour of the entry after a block's instructions: returns to the run loop. */
const decoded *mote_xt_hand_back(mote_xt_machine *m, const decoded *i);

#endif
