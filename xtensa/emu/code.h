/* Decoded code: the blocks of each page, and how they are forgotten when their bytes change.
 *
 * Forgetting a block closes its gate and removes it from the page's index. Its memory is freed only by
 * mote_xt_drop_code, so that a block which stores into itself can finish. */
#ifndef MOTE_XTENSA_CODE_H
#define MOTE_XTENSA_CODE_H

#include "xtensa/emu/state.h"

enum { MOTE_XT_BLOCK = 32 /* most instructions of a block */ };

/* Index of a page: the block that starts at each byte, and which bytes are code. The last instruction may end in the
 * next page. */
struct code_page {
    block *start[PAGE_SIZE];
    bool is_code[PAGE_SIZE + MOTE_XT_MAX_BYTES];
};

/* Forgets every block. */
void mote_xt_forget_code(mote_xt_machine *m);

/* Forgets the blocks with a byte of [offset, offset + size) of a page, in any view of it. True if there were any. */
bool mote_xt_forget_bytes(mote_xt_machine *m, const page *p, uint32_t offset, uint32_t size);

/* Forgets a block if an instruction other than its first begins at `address`, so that the next one made ends there. */
bool mote_xt_cut_block(mote_xt_machine *m, block *b, uint32_t address);

/* Frees every block. None may be running. */
void mote_xt_drop_code(mote_xt_machine *m);

/* True if there is so much decoded code that it should be dropped. */
bool mote_xt_code_is_full(const mote_xt_machine *m);

/* Writes to special registers on which decoded code depends: IBREAKA and IBREAKENABLE, CPENABLE. Each returns the
 * value to keep. */
uint32_t mote_xt_write_ibreak(mote_xt_machine *m, uint32_t value);
uint32_t mote_xt_write_cpenable(mote_xt_machine *m, uint32_t value);

#endif
