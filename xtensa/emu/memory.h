/* Loads and stores of the running program: checked, watched, and seen by the decoder. */
#ifndef MOTE_XTENSA_MEMORY_H
#define MOTE_XTENSA_MEMORY_H

#include <string.h>

#include "xtensa/emu/state.h"

/* Where the host has [address, address + size), when an access needs no further care; NULL otherwise. */
static inline const uint8_t *mote_xt_load_fast(const mote_xt_machine *m, uint32_t address, uint32_t size)
{
    const uint8_t *bytes = m->load[address / PAGE_SIZE];
    uint32_t offset = address % PAGE_SIZE;
    return __builtin_expect(bytes && offset + size <= PAGE_SIZE, 1) ? bytes + offset : NULL;
}

static inline uint8_t *mote_xt_store_fast(const mote_xt_machine *m, uint32_t address, uint32_t size)
{
    uint8_t *bytes = m->store[address / PAGE_SIZE];
    uint32_t offset = address % PAGE_SIZE;
    return __builtin_expect(bytes && offset + size <= PAGE_SIZE, 1) ? bytes + offset : NULL;
}

/* The careful way: across pages, watched, through the cache, into code, forbidden. They raise the exception when they
 * return NULL or false; m->leave tells whether what follows in the block may run. Loaded bytes are in m->buffer, and
 * the bytes to store are expected there. */
const void *mote_xt_load_slow(mote_xt_machine *m, uint32_t address, uint32_t size);
bool mote_xt_store_slow(mote_xt_machine *m, uint32_t address, uint32_t size);

/* A word, either way. */
static inline bool mote_xt_load_word(mote_xt_machine *m, uint32_t address, uint32_t *to)
{
    const void *from = mote_xt_load_fast(m, address, sizeof *to);
    if (!from)
        from = mote_xt_load_slow(m, address, sizeof *to);
    if (from)
        memcpy(to, from, sizeof *to);
    return from != NULL;
}

static inline bool mote_xt_store_word(mote_xt_machine *m, uint32_t address, uint32_t value)
{
    void *to = mote_xt_store_fast(m, address, sizeof value);
    memcpy(to ? to : m->buffer, &value, sizeof value);
    return to || mote_xt_store_slow(m, address, sizeof value);
}

/* Sets m->load and m->store of all pages anew: after watchpoints, hooks or timing changed; of a page and its views:
 * after code was decoded there. */
void mote_xt_mark_pages(mote_xt_machine *m);
void mote_xt_mark_views(mote_xt_machine *m, page *p);

/* Frees what block.c keeps beside pages. */
void mote_xt_drop_code_pages(mote_xt_machine *m);

void mote_xt_memory_destroy(mote_xt_machine *m);

#endif
