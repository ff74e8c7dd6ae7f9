/* The memory map: pages of host bytes, and views of other pages. */
#ifndef MOTE_XTENSA_PAGES_H
#define MOTE_XTENSA_PAGES_H

#include "xtensa/emu/state.h"

/* Recomputes m->load and m->store. For all pages: after watchpoints, hooks or timing changed. For one page and its
 * views: after code was decoded there. */
void mote_xt_mark_pages(mote_xt_machine *m);
void mote_xt_mark_views(mote_xt_machine *m, page *p);

/* Size of the part of [address, address + size) that lies in the first page. */
static inline uint32_t mote_xt_in_page(uint32_t address, size_t size)
{
    uint32_t left = PAGE_SIZE - address % PAGE_SIZE;
    return size < left ? (uint32_t)size : left;
}

/* True if every byte of [address, address + size) is mapped. */
bool mote_xt_is_mapped(const mote_xt_machine *m, uint32_t address, size_t size);

/* Frees the index of code of every page (emu/code.h); the blocks in it must be gone. */
void mote_xt_drop_code_pages(mote_xt_machine *m);

/* Frees the pages and the host memory behind them. */
void mote_xt_pages_destroy(mote_xt_machine *m);

/* Writes DBREAKA or DBREAKC; returns the value to keep. */
uint32_t mote_xt_write_dbreak(mote_xt_machine *m, unsigned number, uint32_t value);

#endif
