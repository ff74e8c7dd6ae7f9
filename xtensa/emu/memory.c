#include "xtensa/emu/memory.h"

#include "xtensa/emu/code.h"
#include "xtensa/emu/debug_option.h"
#include "xtensa/emu/exception.h"
#include "xtensa/emu/pages.h"
#include "xtensa/emu/timing.h"
#include "xtensa/emu/watch.h"

static void watch(mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access)
{
    if (!mote_xt_is_watched(m, address, size, access))
        return;
    m->stop = MOTE_XT_STOP_WATCH;
    m->leave = true;
    need_attention(m);
}

/* Finds the first address of [address, address + size) that does not allow the access; false if all allow it. */
static bool forbidden(const mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access, uint32_t *where)
{
    for (uint32_t k = 0; k < size; k++)
        if (!(page_at(m, address + k)->access & access)) {
            *where = address + k;
            return true;
        }
    return false;
}

/* Counts the cycles of an allowed access. A miss delays the instructions after it, so it ends the block. */
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

bool mote_xt_write(mote_xt_machine *m, uint32_t address, const void *from, size_t size)
{
    if (!mote_xt_is_mapped(m, address, size))
        return false;
    for (uint32_t n; size; address += n, size -= n) {
        n = mote_xt_in_page(address, size);
        const page *p = page_at(m, address);
        uint32_t offset = address & (PAGE_SIZE - 1);
        memcpy(p->bytes + offset, from, n);
        if (mote_xt_forget_bytes(m, p, offset, n))
            m->leave = true;
        from = (const uint8_t *)from + n;
    }
    return true;
}
