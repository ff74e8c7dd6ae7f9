/* One core: creation, the run loop, breakpoints. */
#include "xtensa/emu/machine.h"

#include <stdlib.h>
#include <string.h>

#include "xtensa/emu/block.h"
#include "xtensa/emu/debug_option.h"
#include "xtensa/emu/float.h"
#include "xtensa/emu/interrupt.h"
#include "xtensa/emu/map.h"
#include "xtensa/emu/pages.h"
#include "xtensa/emu/timing.h"
#include "xtensa/emu/watch.h"
#include "xtensa/emu/window.h"

/* Instructions between two checks of mote_xt_interrupt's flag. */
#define SLICE 100000

void mote_xt_reset(mote_xt_machine *m)
{
    memset(&m->s, 0, sizeof m->s);
    m->s.sr[SR_ps] = PS_UM | PS_WOE;
    m->s.sr[SR_windowstart] = 1;
    m->s.sr[SR_vecbase] = 0x40000000;
    m->s.sr[SR_cpenable] = 0xff;
    m->s.sr[SR_prid] = 0xcdcd;
    m->s.pc = 0x40000400;
    m->timers_at = 0;
    m->stop = MOTE_XT_STOP_NONE;
    m->fault[0] = 0;
    m->exit_code = 0;
    mote_xt_timing_reset(m->timing);
    update_window(m);
    mote_xt_forget_code(m);
    mote_xt_mark_pages(m);
}

mote_xt_machine *mote_xt_create(mote_xt_chip chip, mote_error *error)
{
    mote_xt_machine *m = calloc(1, sizeof *m);
    if (m) {
        m->chip = chip;
        m->timing = calloc(1, sizeof *m->timing);
        m->nothing = calloc(1024, sizeof *m->nothing);
        m->step[1].run = mote_xt_hand_back;
    }
    if (!m || !m->timing || !m->nothing) {
        mote_fail(error, MOTE_E_INTERNAL, "out of memory for a machine");
        if (m) {
            free(m->timing);
            free(m->nothing);
        }
        free(m);
        return NULL;
    }
    for (unsigned k = 0; k < DIRECTORY; k++)
        m->directory[k] = m->nothing;
    if (!mote_xt_map_chip(m, chip, error)) {
        mote_xt_destroy(m);
        return NULL;
    }
    mote_xt_reset(m);
    return m;
}

void mote_xt_destroy(mote_xt_machine *m)
{
    if (!m)
        return;
    mote_xt_drop_code(m);
    mote_xt_pages_destroy(m);
    free(m->timing);
    free(m);
}

void mote_xt_set_timing(mote_xt_machine *m, bool on)
{
    if (on != m->timed) {
        m->timed = on;
        mote_xt_forget_code(m);
        mote_xt_mark_pages(m);
    }
}

void mote_xt_set_hooks(mote_xt_machine *m, const mote_xt_hooks *hooks)
{
    m->hooks = hooks ? *hooks : (mote_xt_hooks){0};
    mote_xt_mark_pages(m);
}

void mote_xt_interrupt(mote_xt_machine *m)
{
    m->interrupted = 1;
    need_attention(m);
}

bool mote_xt_fault_is_no_memory(const mote_xt_machine *m)
{
    return m->no_memory;
}

const char *mote_xt_fault_text(const mote_xt_machine *m)
{
    return m->fault;
}

int mote_xt_exit_code(const mote_xt_machine *m)
{
    return m->exit_code;
}

uint64_t mote_xt_instructions(const mote_xt_machine *m)
{
    return m->s.instructions;
}

uint64_t mote_xt_cycles(const mote_xt_machine *m)
{
    return cycles(m);
}

void mote_xt_breakpoint(mote_xt_machine *m, uint32_t address, bool set)
{
    for (unsigned k = 0; k < m->breakpoint_count; k++)
        if (m->breakpoints[k] == address)
            m->breakpoints[k--] = m->breakpoints[--m->breakpoint_count];
    if (set && m->breakpoint_count < MAX_BREAKPOINTS)
        m->breakpoints[m->breakpoint_count++] = address;
    mote_xt_forget_code(m);
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

/* Checks before an instruction. False if it may not run: an IBREAK was taken, a window overflowed, or a breakpoint
 * stopped the machine. */
static bool may_run(mote_xt_machine *m, const decoded *d)
{
    const bool jumped = m->s.jumped;
    m->at = d->at;
    if (mote_xt_ibreak_at(m, d->at) && mote_xt_take_ibreak(m))
        return false;
    if (d->window > m->window) { /* before the breakpoint check, or it would stop twice */
        mote_xt_window_overflow(m);
        m->s.jumped = jumped;
        return false;
    }
    if (mote_xt_is_breakpoint(m, d->at) && m->s.instructions != m->resumed_at) {
        m->stop = MOTE_XT_STOP_BREAK;
        need_attention(m);
        return false;
    }
    return true;
}

/* Jumps back to LBEG if the pc has reached LEND without a jump and the loop is not over. */
static inline bool loops(mote_xt_machine *m)
{
    if (__builtin_expect(m->s.pc != m->s.sr[SR_lend], 1) || !m->s.sr[SR_lcount] || (m->s.sr[SR_ps] & PS_EXCM))
        return false;
    m->s.sr[SR_lcount]--;
    m->s.pc = m->s.sr[SR_lbeg];
    return true;
}

static void tell_retired(mote_xt_machine *m, const decoded *d)
{
    m->hooks.retired(m->hooks.context, m, d->at, mote_xt_at(d->id), m->stalls);
    if (m->stalled)
        memset(m->stalls, 0, sizeof m->stalls);
    m->stalled = false;
}

/* Runs one instruction; false if the next one to run does not follow it in memory. */
static bool step(mote_xt_machine *m, const decoded *d)
{
    const uint32_t next = d->at + d->size;
    if (!may_run(m, d))
        return false;
    m->step[0] = *d; /* the block may be forgotten meanwhile */
    uint64_t issued = m->timed ? mote_xt_timing_before(m, d) : 0;
    m->s.pc = next;
    m->s.jumped = false;
    m->s.instructions++;
    m->step[0].run(m, m->step);
    if (was_stopped(m)) {
        m->s.instructions--;
        return false;
    }
    if (m->s.pc != next) /* the host set it */
        m->s.jumped = true;
    if (m->timed)
        mote_xt_timing_after(m, &m->step[0], issued);
    if (m->hooks.retired)
        tell_retired(m, &m->step[0]);
    return !m->s.jumped && !loops(m);
}

static bool time_is_up(const mote_xt_machine *m)
{
    return m->s.instructions >= m->deadline || (m->timed && cycles(m) >= m->cycle_deadline);
}

/* Runs a block instruction by instruction, up to a jump, a stop or the deadline. */
static void run_steps(mote_xt_machine *m, const block *b)
{
    for (unsigned k = 0; k < b->count && !time_is_up(m); k++)
        if (!step(m, &b->code[k]) || b->gate == GATE_CLOSED)
            return;
}

/* True if LEND lies within the block, which must then be cut there. */
static inline bool meets_loop_end(const mote_xt_machine *m, const block *b)
{
    return m->s.sr[SR_lend] - b->start - 1 < b->end - b->start - 1;
}

/* Runs a block that may not run as a whole, or cuts it at LEND. Returns the next block; NULL if the run loop must check
 * interrupts and deadlines first. */
static block *run_carefully(mote_xt_machine *m, block *b)
{
    if (!meets_loop_end(m, b) || !mote_xt_cut_block(m, b, m->s.sr[SR_lend]))
        run_steps(m, b);
    return time_is_up(m) ? NULL : mote_xt_block_at(m, m->s.pc);
}

/* True if nothing needs to be checked before the end of the block. */
static inline bool may_run_whole(const mote_xt_machine *m, const block *b, const bool timed)
{
    return b->gate <= m->window && m->s.instructions + b->count <= m->deadline && !meets_loop_end(m, b) &&
           (!timed || cycles(m) + b->worst < m->cycle_deadline);
}

/* Runs a block without checks; false if the machine stopped. */
static inline __attribute__((always_inline)) bool run_whole(mote_xt_machine *m, const block *b, const bool timed)
{
    if (timed)
        mote_xt_timing_enter(m, b);
    const uint64_t started = cycles(m);
    m->s.pc = b->end;
    m->s.jumped = false;
    const decoded *last = b->code->run(m, b->code);
    unsigned ran = b->count;
    if (__builtin_expect(last != b->last || m->stop, 0)) {
        ran = (unsigned)(last - b->code) - was_stopped(m);
        if (!m->s.jumped && !was_stopped(m)) /* an access set m->leave */
            m->s.pc = last->at;
    }
    if (timed)
        mote_xt_timing_leave(m, b, ran, started);
    m->s.instructions += ran;
    return !was_stopped(m);
}

/* Runs until the deadline or until something needs attention. A block keeps links to the blocks that ran after it. */
static inline __attribute__((always_inline)) void run_blocks(mote_xt_machine *m, const bool timed)
{
    block *b = mote_xt_block_at(m, m->s.pc);
    while (b) {
        if (__builtin_expect(!may_run_whole(m, b, timed), 0)) {
            b = run_carefully(m, b);
            continue;
        }
        if (!run_whole(m, b, timed))
            return;
        block **link = m->s.jumped || loops(m) ? &b->jumped : &b->on;
        b = *link;
        if (__builtin_expect(!b || b->start != m->s.pc || b->gate == GATE_CLOSED, 0))
            *link = b = mote_xt_block_at(m, m->s.pc);
    }
}

static void run_plain(mote_xt_machine *m)
{
    run_blocks(m, false);
}

static void run_timed(mote_xt_machine *m)
{
    run_blocks(m, true);
}

static void run_observed(mote_xt_machine *m)
{
    block *b = mote_xt_block_at(m, m->s.pc);
    while (b)
        b = run_carefully(m, b);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

mote_xt_stop mote_xt_run(mote_xt_machine *m, uint64_t max_instructions)
{
    uint64_t end = m->s.instructions + smaller(max_instructions, UINT64_MAX - m->s.instructions);
    m->stop = MOTE_XT_STOP_NONE;
    m->fault[0] = 0;
    memset(m->stalls, 0, sizeof m->stalls);
    m->resumed_at = m->s.instructions;
    mote_xt_float_enter(&m->s);
    while (m->s.instructions < end && m->stop == MOTE_XT_STOP_NONE) {
        if (m->interrupted) {
            m->interrupted = 0;
            m->stop = MOTE_XT_STOP_INTERRUPT;
            break;
        }
        mote_xt_match_timers(m);
        mote_xt_take_interrupts(m);
        if (m->stop)
            break;
        bool counts = mote_xt_icount_counts(m);
        if (counts && mote_xt_take_icount(m))
            continue;
        uint32_t timer = mote_xt_until_timer(m);
        uint64_t before = m->s.instructions;
        m->deadline = smaller(end, before + (counts ? 1 : timer < SLICE ? timer : SLICE));
        m->cycle_deadline = cycles(m) + timer;
        if (mote_xt_code_is_full(m))
            mote_xt_drop_code(m);
        if (m->hooks.retired)
            run_observed(m);
        else if (m->timed)
            run_timed(m);
        else
            run_plain(m);
        if (counts)
            m->s.sr[SR_icount] += (uint32_t)(m->s.instructions - before);
    }
    mote_xt_float_leave(&m->s);
    return m->stop;
}

mote_xt_stop mote_xt_execute(mote_xt_machine *m, uint32_t word, unsigned size)
{
    uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16), (uint8_t)(word >> 24)};
    decoded *d = m->step;
    uint32_t at = m->s.pc;
    m->stop = MOTE_XT_STOP_NONE;
    m->fault[0] = 0;
    m->at = at;
    mote_xt_decode_at(m, bytes, size < 4 ? size : 4, at, d);
    for (unsigned tries = 0; d->window > m->window && tries < 4 && !m->stop; tries++)
        mote_xt_window_overflow(m);
    m->s.pc = at + d->size;
    mote_xt_float_enter(&m->s);
    d->run(m, d);
    mote_xt_float_leave(&m->s);
    m->s.instructions++;
    if (m->s.pc == at + d->size)
        m->s.pc = at;
    return m->stop;
}
