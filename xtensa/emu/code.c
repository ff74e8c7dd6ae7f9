#include "xtensa/emu/code.h"

#include <stdlib.h>
#include <string.h>

#include "xtensa/emu/pages.h"

enum { MOST_BYTES = MOTE_XT_BLOCK * MOTE_XT_MAX_BYTES, MOST_CODE = 1 << 25 };

static void forget(mote_xt_machine *m, block *b)
{
    block **entry = &page_at(m, b->start)->code->start[b->start % PAGE_SIZE];
    b->gate = GATE_CLOSED;
    if (*entry == b)
        *entry = NULL;
}

bool mote_xt_cut_block(mote_xt_machine *m, block *b, uint32_t address)
{
    for (unsigned k = 1; k < b->count; k++)
        if (b->code[k].at == address) {
            forget(m, b);
            return true;
        }
    return false;
}

void mote_xt_forget_code(mote_xt_machine *m)
{
    for (block *b = m->blocks; b; b = b->next)
        forget(m, b);
}

static bool forget_range(mote_xt_machine *m, const page *p, uint32_t offset, uint32_t size)
{
    bool any = false;
    if (!p->code || !memchr(p->code->is_code + offset, true, size))
        return false;
    for (uint32_t k = offset < MOST_BYTES ? 0 : offset - MOST_BYTES; k < offset + size && k < PAGE_SIZE; k++) {
        block *b = p->code->start[k];
        if (b && k + (b->end - b->start) > offset) {
            forget(m, b);
            any = true;
        }
    }
    return any;
}

/* In one view; also the instruction that starts in the page before and ends in this one. */
static bool forget_in_view(mote_xt_machine *m, const page *p, uint32_t offset, uint32_t size)
{
    bool any = forget_range(m, p, offset, size);
    const uint32_t tail = MOTE_XT_MAX_BYTES - 1;
    if (offset < tail)
        any |= forget_range(m, page_at(m, p->address - 1), PAGE_SIZE + offset, tail - offset);
    return any;
}

bool mote_xt_forget_bytes(mote_xt_machine *m, const page *p, uint32_t offset, uint32_t size)
{
    bool any = forget_in_view(m, p, offset, size);
    for (const page *view = p->next_view; view && view != p; view = view->next_view)
        any |= forget_in_view(m, view, offset, size);
    return any;
}

bool mote_xt_code_is_full(const mote_xt_machine *m)
{
    return m->code_bytes > MOST_CODE;
}

void mote_xt_drop_code(mote_xt_machine *m)
{
    while (m->blocks) {
        block *b = m->blocks;
        m->blocks = b->next;
        free(b);
    }
    mote_xt_drop_code_pages(m);
    m->code_bytes = 0;
}

uint32_t mote_xt_write_ibreak(mote_xt_machine *m, uint32_t value)
{
    mote_xt_forget_code(m);
    return value;
}

uint32_t mote_xt_write_cpenable(mote_xt_machine *m, uint32_t value)
{
    if ((value & 255) != m->s.sr[SR_cpenable])
        mote_xt_forget_code(m);
    return value & 255;
}
