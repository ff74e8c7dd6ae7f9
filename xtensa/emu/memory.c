/* Memory: pages of host bytes, and views of one another. */
#include "xtensa/emu/memory.h"

#include <stdlib.h>

#include "xtensa/emu/block.h"
#include "xtensa/emu/debug_option.h"
#include "xtensa/emu/exception.h"
#include "xtensa/emu/timing.h"

static page *page_for_mapping(mote_xt_machine *m, uint32_t address)
{
    page **entry = &m->directory[address >> 22];
    if (*entry == m->nothing) {
        page *pages = calloc(1024, sizeof(page));
        if (!pages)
            return NULL;
        *entry = pages;
    }
    return &(*entry)[address >> PAGE_BITS & 1023];
}

static bool check_region(uint32_t address, uint32_t size, mote_error *error)
{
    if (size == 0 || (address | size) % PAGE_SIZE || (uint64_t)address + size > 0x100000000ull)
        return mote_fail(error, MOTE_E_USAGE, "memory at 0x%08x, 0x%x bytes: must cover whole pages of %u bytes",
                         address, size, PAGE_SIZE);
    return true;
}

static bool add_page(mote_xt_machine *m, uint32_t address, unsigned access, mote_xt_memory kind, uint8_t *bytes,
                     mote_error *error)
{
    page *p = page_for_mapping(m, address);
    if (!p)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory for the page table");
    if (p->bytes)
        return mote_fail(error, MOTE_E_USAGE, "memory at 0x%08x is mapped twice", address);
    *p = (page){.bytes = bytes, .address = address, .access = (uint8_t)access, .kind = (uint8_t)kind};
    return true;
}

bool mote_xt_map(mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access, mote_xt_memory kind,
                 mote_error *error)
{
    if (!check_region(address, size, error))
        return false;
    mapping *b = calloc(1, sizeof *b);
    uint8_t *bytes = calloc(size, 1);
    if (!b || !bytes) {
        free(b);
        free(bytes);
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory for 0x%x bytes at 0x%08x", size, address);
    }
    *b = (mapping){m->mappings, bytes};
    m->mappings = b;
    for (uint32_t at = 0; at < size; at += PAGE_SIZE)
        if (!add_page(m, address + at, access, kind, bytes + at, error))
            return false;
    mote_xt_mark_pages(m);
    return true;
}

bool mote_xt_map_alias(mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access, uint32_t of,
                       mote_error *error)
{
    if (!check_region(address, size, error) || !check_region(of, size, error))
        return false;
    for (uint32_t at = 0; at < size; at += PAGE_SIZE) {
        page *original = page_at(m, of + at);
        if (!original->bytes)
            return mote_fail(error, MOTE_E_USAGE, "memory at 0x%08x cannot show 0x%08x: nothing is mapped there",
                             address + at, of + at);
        if (!add_page(m, address + at, access, original->kind, original->bytes, error))
            return false;
        page *view = page_at(m, address + at);
        view->next_view = original->next_view ? original->next_view : original;
        original->next_view = view;
    }
    mote_xt_mark_pages(m);
    return true;
}

static void for_all_pages(mote_xt_machine *m, void (*action)(mote_xt_machine *, page *))
{
    for (uint32_t k = 0; k < DIRECTORY; k++)
        for (uint32_t n = 0; m->directory[k] != m->nothing && n < 1024; n++)
            if (m->directory[k][n].bytes)
                action(m, &m->directory[k][n]);
}

/* An access of this kind to the page is seen by a watchpoint or DBREAK. */
static bool is_watched(const mote_xt_machine *m, const page *p, unsigned access)
{
    bool watched = false;
    for (unsigned k = 0; k < m->watchpoint_count; k++) {
        const watchpoint *w = &m->watchpoints[k];
        watched |= (w->access & access) && (uint64_t)w->address + w->size > p->address &&
                   w->address < (uint64_t)p->address + PAGE_SIZE;
    }
    for (unsigned k = 0; k < MOTE_XT_BREAK_REGISTERS; k++)
        watched |= mote_xt_dbreak_covers(m, k, p->address, PAGE_SIZE, access);
    return watched;
}

static bool shows_code(const page *p)
{
    bool code = p->code != NULL;
    for (const page *view = p->next_view; view && view != p; view = view->next_view)
        code |= view->code != NULL;
    return code;
}

static void mark_page(mote_xt_machine *m, page *p)
{
    bool through_cache = m->timed && mote_xt_is_cached(p->kind);
    bool load = (p->access & MOTE_XT_MEM_R) && !through_cache && !is_watched(m, p, MOTE_XT_MEM_R);
    bool store = (p->access & MOTE_XT_MEM_W) && !through_cache && !is_watched(m, p, MOTE_XT_MEM_W) &&
                 !m->hooks.before_store && !shows_code(p);
    m->load[p->address / PAGE_SIZE] = load ? p->bytes : NULL;
    m->store[p->address / PAGE_SIZE] = store ? p->bytes : NULL;
}

void mote_xt_mark_views(mote_xt_machine *m, page *p)
{
    mark_page(m, p);
    for (page *view = p->next_view; view && view != p; view = view->next_view)
        mark_page(m, view);
}

void mote_xt_mark_pages(mote_xt_machine *m)
{
    for_all_pages(m, mark_page);
}

static void drop_code_page(mote_xt_machine *m, page *p)
{
    (void)m;
    free(p->code);
    p->code = NULL;
}

void mote_xt_drop_code_pages(mote_xt_machine *m)
{
    for_all_pages(m, drop_code_page);
    mote_xt_mark_pages(m);
}

void mote_xt_memory_destroy(mote_xt_machine *m)
{
    mote_xt_drop_code(m);
    for (unsigned k = 0; k < DIRECTORY; k++)
        if (m->directory[k] != m->nothing)
            free(m->directory[k]);
    free(m->nothing);
    while (m->mappings) {
        mapping *b = m->mappings;
        m->mappings = b->next;
        free(b->bytes);
        free(b);
    }
}

/* Loads and stores */

static void watch(mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access)
{
    for (unsigned k = 0; k < m->watchpoint_count; k++) {
        const watchpoint *w = &m->watchpoints[k];
        if ((w->access & access) && (uint64_t)w->address + w->size > address && w->address < (uint64_t)address + size) {
            m->stop = MOTE_XT_STOP_WATCH;
            m->leave = true;
            need_attention(m);
        }
    }
}

/* The first address of [address, address + size) that does not allow the access, or none. */
static bool forbidden(const mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access, uint32_t *where)
{
    for (uint32_t k = 0; k < size; k++)
        if (!(page_at(m, address + k)->access & access)) {
            *where = address + k;
            return true;
        }
    return false;
}

/* Time passes for an access that is allowed. A miss shifts what follows, so that the block ends. */
static void pass_cache(mote_xt_machine *m, const page *p, uint32_t address, uint32_t size, bool store)
{
    if (m->timed && mote_xt_is_cached(p->kind) && !mote_xt_timing_access(m, p->kind, address, size, store))
        m->leave = true;
}

static bool check_access(mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access, unsigned cause)
{
    uint32_t where;
    m->leave = false;
    if (mote_xt_take_dbreak(m, address, size, access))
        return false;
    if (forbidden(m, address, size, access, &where)) {
        mote_xt_raise(m, cause, where);
        return false;
    }
    return true;
}

const void *mote_xt_load_slow(mote_xt_machine *m, uint32_t address, uint32_t size)
{
    if (!check_access(m, address, size, MOTE_XT_MEM_R, CAUSE_LOAD))
        return NULL;
    watch(m, address, size, MOTE_XT_MEM_R);
    pass_cache(m, page_at(m, address), address, size, false);
    return mote_xt_read(m, address, m->buffer, size) ? m->buffer : NULL;
}

bool mote_xt_store_slow(mote_xt_machine *m, uint32_t address, uint32_t size)
{
    if (!check_access(m, address, size, MOTE_XT_MEM_W, CAUSE_STORE))
        return false;
    if (m->hooks.before_store)
        m->hooks.before_store(m->hooks.context, m, address, size);
    watch(m, address, size, MOTE_XT_MEM_W);
    pass_cache(m, page_at(m, address), address, size, true);
    return mote_xt_write(m, address, m->buffer, size);
}

/* The part of [address, address + size) that lies in the first page. */
static uint32_t in_page(uint32_t address, size_t size)
{
    uint32_t left = PAGE_SIZE - (address & (PAGE_SIZE - 1));
    return size < left ? (uint32_t)size : left;
}

static bool is_mapped(const mote_xt_machine *m, uint32_t address, size_t size)
{
    if (address + (uint64_t)size > 0x100000000ull)
        return false;
    for (uint32_t n; size; address += n, size -= n) {
        n = in_page(address, size);
        if (!page_at(m, address)->bytes)
            return false;
    }
    return true;
}

bool mote_xt_read(const mote_xt_machine *m, uint32_t address, void *to, size_t size)
{
    if (!is_mapped(m, address, size))
        return false;
    for (uint32_t n; size; address += n, size -= n) {
        n = in_page(address, size);
        memcpy(to, page_at(m, address)->bytes + (address & (PAGE_SIZE - 1)), n);
        to = (uint8_t *)to + n;
    }
    return true;
}

bool mote_xt_write(mote_xt_machine *m, uint32_t address, const void *from, size_t size)
{
    if (!is_mapped(m, address, size))
        return false;
    for (uint32_t n; size; address += n, size -= n) {
        n = in_page(address, size);
        const page *p = page_at(m, address);
        uint32_t offset = address & (PAGE_SIZE - 1);
        memcpy(p->bytes + offset, from, n);
        if (mote_xt_forget_bytes(m, p, offset, n))
            m->leave = true;
        from = (const uint8_t *)from + n;
    }
    return true;
}

bool mote_xt_watchpoint(mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access, bool set)
{
    for (unsigned k = 0; k < m->watchpoint_count && !set; k++) {
        const watchpoint *w = &m->watchpoints[k];
        if (w->address == address && w->size == size && w->access == access) {
            m->watchpoints[k] = m->watchpoints[--m->watchpoint_count];
            mote_xt_mark_pages(m);
            return true;
        }
    }
    if (!set || m->watchpoint_count == MAX_WATCHPOINTS || size == 0)
        return false;
    m->watchpoints[m->watchpoint_count++] = (watchpoint){address, size, access};
    mote_xt_mark_pages(m);
    return true;
}
