/* One core: creation, the loop that executes, breakpoints. */
#include "xtensa/emu/machine.h"

#include <stdlib.h>
#include <string.h>

#include "xtensa/emu/debug_option.h"
#include "xtensa/emu/exception.h"
#include "xtensa/emu/exec.h"
#include "xtensa/emu/float.h"
#include "xtensa/emu/map.h"
#include "xtensa/emu/memory.h"
#include "xtensa/emu/timing.h"
#include "xtensa/emu/window.h"
#include "xtensa/isa/decoded.h"

/* How many instructions run between looks at mote_xt_interrupt's flag. */
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
    mote_xt_update_window(m);
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
    mote_xt_memory_destroy(m);
    free(m->timing);
    free(m);
}

void mote_xt_set_timing(mote_xt_machine *m, bool on)
{
    m->timed = on;
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

/* Breakpoints close the gate of the instruction they stand at. */

static bool is_breakpoint(const mote_xt_machine *m, uint32_t address)
{
    for (unsigned k = 0; k < m->breakpoint_count; k++)
        if (m->breakpoints[k] == address)
            return true;
    return false;
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

/* Decoding */

static void run_illegal(mote_xt_machine *m, const decoded *i)
{
    (void)i;
    mote_xt_raise(m, CAUSE_ILLEGAL, 0);
}

static void run_coprocessor_off(mote_xt_machine *m, const decoded *i)
{
    unsigned bit = mote_xt_at(i->id)->coprocessor;
    mote_xt_raise(m, CAUSE_COPROCESSOR + (unsigned)__builtin_ctz(bit), 0);
}

/* A branch to the instruction after it: the pc does not tell whether it was taken. It runs with another target. */
static void run_branch_to_next(mote_xt_machine *m, const decoded *i)
{
    uint32_t next = m->s.pc;
    decoded away = *i;
    away.imm ^= 1;
    mote_xt_behaviours[i->id](m, &away);
    m->branched = m->s.pc == (uint32_t)away.imm;
    if (!m->branched)
        return;
    m->s.pc = next;
    if (m->timed)
        mote_xt_stall_for(m, MOTE_XT_STALL_BRANCH, REDIRECT_CYCLES);
}

static bool jumps_by_register(uint16_t id)
{
    static const uint16_t ids[] = {INSN_jx,    INSN_callx0, INSN_callx4, INSN_callx8, INSN_callx12, INSN_ret,
                                   INSN_ret_n, INSN_retw,   INSN_retw_n, INSN_rfe,    INSN_rfi};
    for (unsigned k = 0; k < sizeof ids / sizeof ids[0]; k++)
        if (ids[k] == id)
            return true;
    return false;
}

static bool is_branch(uint16_t id)
{
    return id != INSN_l32r && id != INSN_loop && id != INSN_loopnez && id != INSN_loopgtz;
}

/* A jump to the end of a loop leaves it, even when that is where the pc would go by itself. */
static bool left_loop(const mote_xt_machine *m, const decoded *d)
{
    return d->to_next == JUMPS_TO_NEXT || (d->to_next == BRANCHES_TO_NEXT && m->branched);
}

static void set_slot(decoded *d, unsigned slot, int32_t value)
{
    uint8_t *const letters[] = {&d->r, &d->s, &d->t, &d->u, &d->v, &d->w, &d->x, &d->y, &d->z};
    if (slot == SLOT_imm)
        d->imm = value;
    else if (slot == SLOT_constant)
        d->constant = value;
    else
        *letters[slot] = (uint8_t)value;
}

/* `bytes` hold what can be fetched at `address`. */
static void decode(const mote_xt_machine *m, const uint8_t *bytes, size_t available, uint32_t address, decoded *d)
{
    int32_t values[MOTE_XT_MAX_OPERANDS] = {0};
    const mote_xt_insn *insn = mote_xt_decode(bytes, available, m->chip, address, values);
    *d = (decoded){.run = run_illegal, .size = (uint8_t)mote_xt_size(bytes[0]), .id = INSN_ill};
    if (!insn)
        return;
    bool off = insn->coprocessor && !(m->s.sr[SR_cpenable] & insn->coprocessor);
    d->run = off ? run_coprocessor_off : mote_xt_behaviours[insn->id];
    d->id = insn->id;
    for (int k = 0; k < insn->operand_count; k++) {
        set_slot(d, insn->operands[k].slot, values[k]);
        if (insn->operands[k].kind == MOTE_XT_AR && values[k] >= d->window)
            d->window = (uint8_t)(values[k] + 1);
        if (insn->operands[k].kind == MOTE_XT_LABEL && (uint32_t)values[k] == address + d->size && is_branch(d->id)) {
            d->to_next = BRANCHES_TO_NEXT;
            d->run = off ? d->run : run_branch_to_next;
        }
    }
    if (jumps_by_register(d->id))
        d->to_next = JUMPS_TO_NEXT;
    d->gate = d->window;
    mote_xt_timing_decode(d, insn, values, page_at(m, address)->kind, m->chip);
}

static size_t fetch(const mote_xt_machine *m, uint32_t address, uint8_t bytes[4])
{
    size_t n = 0;
    while (n < 4 && (page_at(m, address + (uint32_t)n)->access & MOTE_XT_MEM_X) &&
           mote_xt_read(m, address + (uint32_t)n, bytes + n, 1))
        n++;
    return n;
}

/* Where the gate is closed: decodes, stops at a breakpoint, spills a window. Returns the instruction when it may run,
 * NULL when the machine must look where it is. */
static decoded *open_gate(mote_xt_machine *m)
{
    uint32_t address = m->s.pc;
    decoded *d = mote_xt_code_at(m, address);
    if (!d)
        return NULL;
    m->at = address;
    bool breakpoint = m->breakpoint_count && is_breakpoint(m, address);
    bool ibreak = m->s.sr[SR_ibreakenable] && mote_xt_ibreak_at(m, address);
    if (d->size == 0) {
        uint8_t bytes[4] = {0};
        size_t available = fetch(m, address, bytes);
        decode(m, bytes, available, address, d);
        if (breakpoint || ibreak)
            d->gate = GATE_CLOSED;
    }
    if (ibreak && mote_xt_take_ibreak(m))
        return NULL;
    if (d->window > m->window) { /* before a breakpoint stops, which would stop again behind the spill */
        mote_xt_window_overflow(m);
        return NULL;
    }
    if (breakpoint && m->s.instructions != m->resumed_at) {
        m->stop = MOTE_XT_STOP_BREAK;
        need_attention(m);
        return NULL;
    }
    return d;
}

/* An instruction that stopped the machine before it took effect does not count. */
static inline bool was_stopped(const mote_xt_machine *m)
{
    return m->stop == MOTE_XT_STOP_FAULT || m->stop == MOTE_XT_STOP_BREAK;
}

static inline void observe(mote_xt_machine *m, const decoded *d, uint32_t at, uint16_t id, uint64_t issued,
                           bool redirected)
{
    if (m->timed)
        mote_xt_timing_after(m, d, issued, redirected);
    if (m->hooks.retired)
        m->hooks.retired(m->hooks.context, m, at, mote_xt_at(id), m->stalls);
    if (m->stalled)
        memset(m->stalls, 0, sizeof m->stalls);
    m->stalled = false;
}

/* Runs until the deadline. `observed` adds timing and the retire hook. */
static inline __attribute__((always_inline)) void run(mote_xt_machine *m, const bool observed)
{
    bool redirected = false;
    decoded *d = mote_xt_code_at(m, m->s.pc);
    while (d && m->s.instructions < m->deadline && (!observed || cycles(m) < m->cycle_deadline)) {
        if (__builtin_expect(d->gate > m->window, 0)) {
            d = open_gate(m);
            if (!d) {
                if (m->deadline == 0)
                    return;
                d = mote_xt_code_at(m, m->s.pc);
                continue;
            }
        }
        uint32_t at = m->s.pc, next = at + d->size;
        m->at = at;
        m->s.pc = next;
        uint64_t issued = 0;
        uint16_t id = d->id;
        if (observed) {
            m->access_size = 0;
            m->access_store = false;
            issued = m->timed ? mote_xt_timing_before(m, d, redirected) : 0;
        }
        m->s.instructions++;
        d->run(m, d);
        redirected = m->s.pc != next;
        if (__builtin_expect(m->deadline == 0, 0) && was_stopped(m)) {
            m->s.instructions--;
            return;
        }
        if (observed)
            observe(m, d, at, id, issued, redirected);
        if (redirected) {
            d = mote_xt_code_at(m, m->s.pc);
        } else if (__builtin_expect(next == m->s.sr[SR_lend], 0) && m->s.sr[SR_lcount] && !(m->s.sr[SR_ps] & PS_EXCM) &&
                   !left_loop(m, d)) {
            m->s.sr[SR_lcount]--;
            m->s.pc = m->s.sr[SR_lbeg];
            d = mote_xt_code_at(m, m->s.pc);
        } else {
            d += next - at;
        }
    }
}

static void run_observed(mote_xt_machine *m)
{
    run(m, true);
}

static void run_plain(mote_xt_machine *m)
{
    run(m, false);
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
        if (m->timed || m->hooks.retired)
            run_observed(m);
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
    decoded d;
    uint32_t at = m->s.pc;
    m->stop = MOTE_XT_STOP_NONE;
    m->fault[0] = 0;
    m->at = at;
    decode(m, bytes, size < 4 ? size : 4, at, &d);
    for (unsigned tries = 0; d.window > m->window && tries < 4 && !m->stop; tries++)
        mote_xt_window_overflow(m);
    m->s.pc = at + d.size;
    mote_xt_float_enter(&m->s);
    d.run(m, &d);
    mote_xt_float_leave(&m->s);
    m->s.instructions++;
    if (m->s.pc == at + d.size)
        m->s.pc = at;
    return m->stop;
}
