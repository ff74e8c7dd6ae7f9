#include "xtensa/emu/window.h"

#include "xtensa/emu/exception.h"
#include "xtensa/emu/memory.h"
#include "xtensa/emu/timing.h"

/* Vectors of the window exceptions, by frame size 4, 8, 12 registers. */
static const uint16_t overflow_vector[4] = {0, 0x000, 0x080, 0x100};
static const uint16_t underflow_vector[4] = {0, 0x040, 0x0c0, 0x140};

/* Measured cost of spilling or filling one frame on the chip, its accesses included; charged where no handler of the
 * program runs. */
#define FRAME_CYCLES 35

void mote_xt_window_to_file(mote_xt_state *s)
{
    for (unsigned k = 0; k < 16; k++)
        s->ar[(s->sr[SR_windowbase] * 4 + k) & 63] = s->a[k];
}

void mote_xt_window_from_file(mote_xt_state *s)
{
    for (unsigned k = 0; k < 16; k++)
        s->a[k] = s->ar[(s->sr[SR_windowbase] * 4 + k) & 63];
}

static void rotate(mote_xt_machine *m, int32_t by)
{
    mote_xt_window_to_file(&m->s);
    m->s.sr[SR_windowbase] = (m->s.sr[SR_windowbase] + (uint32_t)by) & 15;
    mote_xt_window_from_file(&m->s);
    update_window(m);
}

static void set_start(mote_xt_machine *m, uint32_t frame, bool on)
{
    uint32_t bit = 1u << (frame & 15);
    m->s.sr[SR_windowstart] = on ? m->s.sr[SR_windowstart] | bit : m->s.sr[SR_windowstart] & ~bit;
    update_window(m);
}

/* Copies the registers of the frame in the window to the ABI's save areas (spill) or back: a0..a3 lie below the stack
 * pointer of the frame that it called, the others below its caller's. */
static bool move_frame(mote_xt_machine *m, unsigned quads, bool spill)
{
    uint32_t callee_sp = m->s.a[(quads * 4 + 1) & 15];
    uint32_t extra = (quads - 1) * 4;
    uint32_t caller_sp;
    for (uint32_t k = 0; k < 4; k++) {
        uint32_t address = callee_sp - 16 + 4 * k;
        if (!(spill ? mote_xt_store_word(m, address, m->s.a[k]) : mote_xt_load_word(m, address, &m->s.a[k])))
            return false;
    }
    if (extra == 0)
        return true;
    if (!mote_xt_load_word(m, m->s.a[1] - 12, &caller_sp))
        return false;
    for (uint32_t k = 0; k < extra; k++) {
        uint32_t address = caller_sp - 16 - 4 * extra + 4 * k;
        if (!(spill ? mote_xt_store_word(m, address, m->s.a[4 + k]) : mote_xt_load_word(m, address, &m->s.a[4 + k])))
            return false;
    }
    return true;
}

/* Expects the window at the frame to move, and in PS.OWB the WINDOWBASE to return to. */
static void window_exception(mote_xt_machine *m, unsigned quads, uint32_t vector, bool spill)
{
    uint32_t frame = m->s.sr[SR_windowbase];
    uint32_t home = (m->s.sr[SR_ps] & PS_OWB) >> PS_OWB_SHIFT;
    if (mote_xt_vector_installed(m, vector)) {
        m->s.sr[SR_epc1] = m->at;
        mote_xt_write_ps(m, m->s.sr[SR_ps] | PS_EXCM);
        jump(m, m->s.sr[SR_vecbase] + vector);
        return;
    }
    jump(m, m->at);
    const bool timed = m->timed;
    if (timed)
        mote_xt_stall_for(m, MOTE_XT_STALL_WINDOW, FRAME_CYCLES);
    m->timed = false;
    bool moved = move_frame(m, quads, spill);
    m->timed = timed;
    rotate(m, (int32_t)(home - frame));
    if (moved)
        set_start(m, frame, !spill);
}

static void remember_home(mote_xt_machine *m, uint32_t base)
{
    m->s.sr[SR_ps] = (m->s.sr[SR_ps] & ~(uint32_t)PS_OWB) | (base & 15) << PS_OWB_SHIFT;
}

void mote_xt_window_overflow(mote_xt_machine *m)
{
    uint32_t quads = 1;
    remember_home(m, m->s.sr[SR_windowbase]);
    rotate(m, (int32_t)m->window / 4);
    while (quads < 3 && !starts_frame(m, m->s.sr[SR_windowbase] + quads))
        quads++;
    window_exception(m, quads, overflow_vector[quads], true);
}

void mote_xt_call_window(mote_xt_machine *m, unsigned increment, uint32_t target)
{
    if (m->window <= increment * 4) {
        mote_xt_window_overflow(m);
        return;
    }
    m->s.a[increment * 4] = increment << 30 | (m->s.pc & 0x3fffffff);
    m->s.sr[SR_ps] = (m->s.sr[SR_ps] & ~(uint32_t)PS_CALLINC) | increment << PS_CALLINC_SHIFT;
    jump(m, target);
}

void mote_xt_entry(mote_xt_machine *m, unsigned s, uint32_t frame)
{
    uint32_t increment = (m->s.sr[SR_ps] & PS_CALLINC) >> PS_CALLINC_SHIFT;
    if (s > 3 || (m->s.sr[SR_ps] & (PS_WOE | PS_EXCM)) != PS_WOE) {
        mote_xt_raise(m, CAUSE_ILLEGAL, 0);
        return;
    }
    if (m->window <= increment * 4) {
        mote_xt_window_overflow(m);
        return;
    }
    uint32_t stack = m->s.a[s] - frame;
    rotate(m, (int32_t)increment);
    m->s.a[s] = stack;
    set_start(m, m->s.sr[SR_windowbase], true);
}

void mote_xt_retw(mote_xt_machine *m)
{
    uint32_t base = m->s.sr[SR_windowbase];
    uint32_t increment = m->s.a[0] >> 30;
    uint32_t found = 1;
    while (found < 4 && !starts_frame(m, base - found))
        found++;
    if (increment == 0 || (m->s.sr[SR_ps] & (PS_WOE | PS_EXCM)) != PS_WOE || (found < 4 && found != increment)) {
        mote_xt_raise(m, CAUSE_ILLEGAL, 0);
        return;
    }
    if (found == 4) {
        remember_home(m, base);
        rotate(m, -(int32_t)increment);
        window_exception(m, increment, underflow_vector[increment], false);
        return;
    }
    jump(m, (m->at & 0xc0000000) | (m->s.a[0] & 0x3fffffff));
    rotate(m, -(int32_t)increment);
    set_start(m, base, false);
}

/* The caller's a0..a3 may be saved below the stack pointer; they must be loaded back before it moves. */
bool mote_xt_movsp_allowed(mote_xt_machine *m)
{
    uint32_t base = m->s.sr[SR_windowbase];
    uint32_t increment = m->s.a[0] >> 30;
    if (!(m->s.sr[SR_ps] & PS_WOE) || starts_frame(m, base - 1) || starts_frame(m, base - 2) ||
        starts_frame(m, base - 3))
        return true;
    if (increment == 0 || mote_xt_vector_installed(m, 0x340)) {
        mote_xt_raise(m, CAUSE_ALLOCA, 0);
        return false;
    }
    remember_home(m, base);
    rotate(m, -(int32_t)increment);
    window_exception(m, increment, underflow_vector[increment], false);
    return false;
}

void mote_xt_rotate(mote_xt_machine *m, int32_t by)
{
    rotate(m, by);
}

void mote_xt_rfw(mote_xt_machine *m, bool underflow)
{
    uint32_t frame = m->s.sr[SR_windowbase];
    uint32_t home = (m->s.sr[SR_ps] & PS_OWB) >> PS_OWB_SHIFT;
    mote_xt_write_ps(m, m->s.sr[SR_ps] & ~(uint32_t)PS_EXCM);
    jump(m, m->s.sr[SR_epc1]);
    set_start(m, frame, underflow);
    rotate(m, (int32_t)(home - frame));
}

uint32_t mote_xt_write_windowbase(mote_xt_machine *m, uint32_t value)
{
    rotate(m, (int32_t)(value - m->s.sr[SR_windowbase]));
    return value & 15;
}

uint32_t mote_xt_write_windowstart(mote_xt_machine *m, uint32_t value)
{
    m->s.sr[SR_windowstart] = value & 0xffff;
    update_window(m);
    return value & 0xffff;
}
