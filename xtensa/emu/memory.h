/* Loads and stores of the running program: access rights, watchpoints, caches, and stores into code. */
#ifndef MOTE_XTENSA_MEMORY_H
#define MOTE_XTENSA_MEMORY_H

#include <string.h>

#include "xtensa/emu/state.h"

/* Host address of [address, address + size); NULL if the access must take the slow path below. */
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

/* The slow path: accesses across pages, watched, through the cache, into code, or forbidden. Returns NULL or false
 * after raising an exception. Sets m->leave if the block must end with this instruction. Loaded bytes are in m->buffer;
 * bytes to store are expected there. */
const void *mote_xt_load_slow(mote_xt_machine *m, uint32_t address, uint32_t size);
bool mote_xt_store_slow(mote_xt_machine *m, uint32_t address, uint32_t size);

/* A word, by the fast or the slow path. */
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

#endif
