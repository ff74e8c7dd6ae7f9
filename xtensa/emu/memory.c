/* Memory: pages of host bytes, views of one another, and the decoded instructions beside them. */
#include "xtensa/emu/memory.h"

#include <stdlib.h>

#include "xtensa/emu/debug_option.h"
#include "xtensa/emu/exception.h"

/* 131 KB of decoded instructions stand beside a page that runs; beyond this many pages all are forgotten. */
#define MAX_CODE_PAGES 512
#define TAIL           4 /* an instruction may end in the next page */

static const decoded undecoded = {.gate = GATE_CLOSED};

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
    block *b = calloc(1, sizeof *b);
    uint8_t *bytes = calloc(size, 1);
    if (!b || !bytes) {
        free(b);
        free(bytes);
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory for 0x%x bytes at 0x%08x", size, address);
    }
    *b = (block){m->blocks, bytes};
    m->blocks = b;
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

static void mark_page(mote_xt_machine *m, page *p)
{
    p->slow_load = false;
    p->slow_store = m->hooks.before_store != NULL || p->code;
    for (const page *view = p->next_view; view && view != p; view = view->next_view)
        p->slow_store |= view->code != NULL;
    for (unsigned k = 0; k < m->watchpoint_count; k++) {
        const watchpoint *w = &m->watchpoints[k];
        if ((uint64_t)w->address + w->size > p->address && w->address < (uint64_t)p->address + PAGE_SIZE) {
            p->slow_load |= (w->access & MOTE_XT_MEM_R) != 0;
            p->slow_store |= (w->access & MOTE_XT_MEM_W) != 0;
        }
    }
    for (unsigned k = 0; k < MOTE_XT_BREAK_REGISTERS; k++) {
        p->slow_load |= mote_xt_dbreak_covers(m, k, p->address, PAGE_SIZE, MOTE_XT_MEM_R);
        p->slow_store |= mote_xt_dbreak_covers(m, k, p->address, PAGE_SIZE, MOTE_XT_MEM_W);
    }
}

void mote_xt_mark_pages(mote_xt_machine *m)
{
    for_all_pages(m, mark_page);
}

/* Decoded instructions */

static void drop_page(mote_xt_machine *m, page *p)
{
    (void)m;
    free(p->code);
    p->code = NULL;
}

static void drop_code(mote_xt_machine *m)
{
    for_all_pages(m, drop_page);
    m->code_pages = 0;
    mote_xt_mark_pages(m);
}

void mote_xt_memory_destroy(mote_xt_machine *m)
{
    drop_code(m);
    for (unsigned k = 0; k < DIRECTORY; k++)
        if (m->directory[k] != m->nothing)
            free(m->directory[k]);
    free(m->nothing);
    while (m->blocks) {
        block *b = m->blocks;
        m->blocks = b->next;
        free(b->bytes);
        free(b);
    }
}

/* Fields other than these stay: the instruction that runs may be the one forgotten. */
static void forget(decoded *d)
{
    d->size = 0;
    d->gate = GATE_CLOSED;
}

static void forget_page(mote_xt_machine *m, page *p)
{
    (void)m;
    for (uint32_t k = 0; p->code && k < PAGE_SIZE; k++)
        forget(&p->code[k]);
}

void mote_xt_forget_code(mote_xt_machine *m)
{
    for_all_pages(m, forget_page);
}

static bool add_code(mote_xt_machine *m, page *p)
{
    if (m->code_pages >= MAX_CODE_PAGES)
        drop_code(m);
    p->code = malloc((PAGE_SIZE + TAIL) * sizeof *p->code);
    if (!p->code)
        return false;
    for (uint32_t k = 0; k < PAGE_SIZE + TAIL; k++)
        p->code[k] = undecoded;
    m->code_pages++;
    p->slow_store = true;
    for (page *view = p->next_view; view && view != p; view = view->next_view)
        view->slow_store = true;
    return true;
}

decoded *mote_xt_new_code_at(mote_xt_machine *m, uint32_t address)
{
    page *p = page_at(m, address);
    if (!(p->access & MOTE_XT_MEM_X)) {
        m->at = address;
        mote_xt_raise(m, CAUSE_FETCH, address);
        return NULL;
    }
    if (!add_code(m, p)) {
        mote_xt_stop_fault(m, "out of memory for decoded instructions");
        return NULL;
    }
    return &p->code[address & (PAGE_SIZE - 1)];
}

/* What is decoded and might contain one of the bytes [offset, offset + size) of the page: an instruction begins up to
 * 3 bytes before. */
static void forget_range(mote_xt_machine *m, const page *p, uint32_t offset, uint32_t size)
{
    for (uint32_t k = offset < 3 ? 0 : offset - 3; p->code && k < offset + size; k++)
        forget(&p->code[k]);
    const page *before = page_at(m, p->address - 1);
    for (uint32_t k = PAGE_SIZE - 3; offset < 3 && before->code && k < PAGE_SIZE; k++)
        forget(&before->code[k]);
}

static void forget_stored(mote_xt_machine *m, const page *p, uint32_t offset, uint32_t size)
{
    forget_range(m, p, offset, size);
    for (const page *view = p->next_view; view && view != p; view = view->next_view)
        forget_range(m, view, offset, size);
}

/* Loads and stores */

static void watch(mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access)
{
    for (unsigned k = 0; k < m->watchpoint_count; k++) {
        const watchpoint *w = &m->watchpoints[k];
        if ((w->access & access) && (uint64_t)w->address + w->size > address && w->address < (uint64_t)address + size) {
            m->stop = MOTE_XT_STOP_WATCH;
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

bool mote_xt_load_slow(mote_xt_machine *m, uint32_t address, void *to, uint32_t size)
{
    uint32_t where;
    if (mote_xt_take_dbreak(m, address, size, MOTE_XT_MEM_R))
        return false;
    if (forbidden(m, address, size, MOTE_XT_MEM_R, &where)) {
        mote_xt_raise(m, CAUSE_LOAD, where);
        return false;
    }
    watch(m, address, size, MOTE_XT_MEM_R);
    m->access_address = address;
    m->access_size = (uint8_t)size;
    m->access_kind = page_at(m, address)->kind;
    return mote_xt_read(m, address, to, size);
}

bool mote_xt_store_slow(mote_xt_machine *m, uint32_t address, const void *from, uint32_t size)
{
    uint32_t where;
    if (mote_xt_take_dbreak(m, address, size, MOTE_XT_MEM_W))
        return false;
    if (forbidden(m, address, size, MOTE_XT_MEM_W, &where)) {
        mote_xt_raise(m, CAUSE_STORE, where);
        return false;
    }
    if (m->hooks.before_store)
        m->hooks.before_store(m->hooks.context, m, address, size);
    watch(m, address, size, MOTE_XT_MEM_W);
    m->access_address = address;
    m->access_size = (uint8_t)size;
    m->access_kind = page_at(m, address)->kind;
    m->access_store = true;
    return mote_xt_write(m, address, from, size);
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
        forget_stored(m, p, offset, n);
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
