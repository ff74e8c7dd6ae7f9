#include "xtensa/emu/pages.h"

#include <stdlib.h>
#include <string.h>

#include "xtensa/emu/timing.h"
#include "xtensa/emu/watch.h"

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

/* A watchpoint or DBREAK covers bytes of the page for this access. */
static bool is_watched(const mote_xt_machine *m, const page *p, unsigned access)
{
    bool watched = mote_xt_is_watched(m, p->address, PAGE_SIZE, access);
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

uint32_t mote_xt_write_dbreak(mote_xt_machine *m, unsigned number, uint32_t value)
{
    m->s.sr[number] = value;
    mote_xt_mark_pages(m);
    return value;
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

void mote_xt_pages_destroy(mote_xt_machine *m)
{
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

bool mote_xt_is_mapped(const mote_xt_machine *m, uint32_t address, size_t size)
{
    if (address + (uint64_t)size > 0x100000000ull)
        return false;
    for (uint32_t n; size; address += n, size -= n) {
        n = mote_xt_in_page(address, size);
        if (!page_at(m, address)->bytes)
            return false;
    }
    return true;
}

bool mote_xt_read(const mote_xt_machine *m, uint32_t address, void *to, size_t size)
{
    if (!mote_xt_is_mapped(m, address, size))
        return false;
    for (uint32_t n; size; address += n, size -= n) {
        n = mote_xt_in_page(address, size);
        memcpy(to, page_at(m, address)->bytes + (address & (PAGE_SIZE - 1)), n);
        to = (uint8_t *)to + n;
    }
    return true;
}
