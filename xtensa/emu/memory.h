/* Loads and stores of the running program: checked, watched, and seen by the decoder. */
#ifndef MOTE_XTENSA_MEMORY_H
#define MOTE_XTENSA_MEMORY_H

#include <string.h>

#include "xtensa/emu/state.h"

/* The careful paths: across pages, watched, forbidden. They raise the exception when they return false. */
bool mote_xt_load_slow(mote_xt_machine *m, uint32_t address, void *to, uint32_t size);
bool mote_xt_store_slow(mote_xt_machine *m, uint32_t address, const void *from, uint32_t size);

/* Makes room for decoded instructions; NULL (and an exception) where no code may be. */
decoded *mote_xt_new_code_at(mote_xt_machine *m, uint32_t address);

/* Forgets every decoded instruction. */
void mote_xt_forget_code(mote_xt_machine *m);

/* Sets the slow flags of all pages anew: after watchpoints or hooks changed. */
void mote_xt_mark_pages(mote_xt_machine *m);

void mote_xt_memory_destroy(mote_xt_machine *m);

/* The place of the decoded instruction at `address`, decoded or not yet; NULL (and an exception) where no code may be.
 */
static inline decoded *mote_xt_code_at(mote_xt_machine *m, uint32_t address)
{
    const page *p = page_at(m, address);
    return __builtin_expect(p->code != NULL, 1) ? &p->code[address & (PAGE_SIZE - 1)] : mote_xt_new_code_at(m, address);
}

static inline bool mote_xt_load(mote_xt_machine *m, uint32_t address, void *to, uint32_t size)
{
    const page *p = page_at(m, address);
    uint32_t offset = address & (PAGE_SIZE - 1);
    if (__builtin_expect(offset + size > PAGE_SIZE || !(p->access & MOTE_XT_MEM_R) || p->slow_load, 0))
        return mote_xt_load_slow(m, address, to, size);
    m->access_address = address;
    m->access_size = (uint8_t)size;
    m->access_kind = p->kind;
    memcpy(to, p->bytes + offset, size);
    return true;
}

static inline bool mote_xt_store(mote_xt_machine *m, uint32_t address, const void *from, uint32_t size)
{
    const page *p = page_at(m, address);
    uint32_t offset = address & (PAGE_SIZE - 1);
    if (__builtin_expect(offset + size > PAGE_SIZE || !(p->access & MOTE_XT_MEM_W) || p->slow_store, 0))
        return mote_xt_store_slow(m, address, from, size);
    m->access_address = address;
    m->access_size = (uint8_t)size;
    m->access_kind = p->kind;
    m->access_store = true;
    memcpy(p->bytes + offset, from, size);
    return true;
}

#endif
