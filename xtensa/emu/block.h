/* Code as it runs: instructions are decoded once, up to the next jump, into a block that runs as a whole. Whatever must
 * be looked at between instructions is looked at between blocks: a block ends where it could matter.
 *
 * A block ends behind an instruction that jumps or changes the window or a loop (mote_xt_flow), before a breakpoint, at
 * the end of the present loop, of the page, and, when cycles are counted, of a line of the instruction cache. An
 * instruction that reads the clock or has to do with interrupts or the host is a block by itself.
 *
 * Blocks are forgotten when their bytes change: their gate closes and the table no longer shows them. Memory goes back
 * only in mote_xt_drop_code, so that a block which stores into itself ends in peace. */
#ifndef MOTE_XTENSA_BLOCK_H
#define MOTE_XTENSA_BLOCK_H

#include "xtensa/emu/state.h"

enum { MOTE_XT_BLOCK = 32 /* most instructions */ };

/* Where blocks start in a page, and which bytes are code. The last instruction may end in the next page. */
struct code_page {
    block *start[PAGE_SIZE];
    bool is_code[PAGE_SIZE + MOTE_XT_MAX_BYTES];
};

block *mote_xt_new_block(mote_xt_machine *m, uint32_t address);

/* The block that starts at `address`, made now when there is none. NULL where there can be none: an exception was
 * raised, or the machine is asked to drop code first. */
static inline block *mote_xt_block_at(mote_xt_machine *m, uint32_t address)
{
    const page *p = page_at(m, address);
    block *b = p->code ? p->code->start[address % PAGE_SIZE] : NULL;
    return b ? b : mote_xt_new_block(m, address);
}

/* Decodes what can be fetched at `address`; an instruction that this chip does not have becomes illegal. */
void mote_xt_decode_at(const mote_xt_machine *m, const uint8_t *bytes, size_t available, uint32_t address, decoded *d);

/* The last entry of a block: hands back. */
const decoded *mote_xt_hand_back(mote_xt_machine *m, const decoded *i);

/* Forgets every block; the blocks with one of the bytes [offset, offset + size) of a page, in any view of it (true when
 * there were such). */
void mote_xt_forget_code(mote_xt_machine *m);
bool mote_xt_forget_bytes(mote_xt_machine *m, const page *p, uint32_t offset, uint32_t size);

/* Forgets a block when an instruction other than its first begins at `address`, so that the next one made ends there.
 */
bool mote_xt_cut_block(mote_xt_machine *m, block *b, uint32_t address);

/* Frees every block. None may be running. */
void mote_xt_drop_code(mote_xt_machine *m);

/* True when there is so much code that it should be dropped. */
bool mote_xt_code_is_full(const mote_xt_machine *m);

/* True when a breakpoint of the debugger stands at the address. */
bool mote_xt_is_breakpoint(const mote_xt_machine *m, uint32_t address);

#endif
