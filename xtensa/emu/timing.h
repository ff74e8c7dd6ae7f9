/* Cycles: an in-order pipeline and memory behind caches. docs/xtensa-model.md has the rules and their sources. */
#ifndef MOTE_XTENSA_TIMING_H
#define MOTE_XTENSA_TIMING_H

#include "chip/memory.h"
#include "xtensa/emu/state.h"

/* What an instruction may wait for. */
enum {
    RESOURCE_A = 0,
    RESOURCE_F = 16,
    RESOURCE_Q = 32,
    RESOURCE_M = 40,
    RESOURCE_B = 44,
    RESOURCE_STATE = 45,
    RESOURCES = 64,
};

/* Each set from the line used last to the one used longest ago; a line is its number + 1, with a dirty bit. */
typedef struct cache {
    uint32_t line[MOTE_CACHE_SETS][MOTE_CACHE_WAYS];
} cache;

struct timing {
    uint64_t ready[RESOURCES];    /* cycle whose stage 0 is the first that may read the result */
    uint8_t waits_for[RESOURCES]; /* the kind of stall such a wait is */
    uint64_t pending;             /* the latest of ready[] */
    cache code, data;
    uint32_t fetched; /* the line of code fetched last */
};

#define REDIRECT_CYCLES 2

/* Fills the uses of a decoded instruction from the table. */
void mote_xt_timing_decode(decoded *d, const mote_xt_insn *insn, const int32_t *values, uint8_t memory_kind,
                           mote_xt_chip chip);

/* The parts that not every instruction needs. */
void mote_xt_timing_fetch(mote_xt_machine *m, const decoded *d);
void mote_xt_timing_wait(mote_xt_machine *m, const decoded *d);
void mote_xt_timing_results(mote_xt_machine *m, const decoded *d, uint64_t issued);
void mote_xt_timing_access(mote_xt_machine *m);

void mote_xt_timing_reset(timing *t);

static inline void mote_xt_stall_for(mote_xt_machine *m, unsigned kind, uint32_t count)
{
    m->stalls[kind] += count;
    m->s.stalls += count;
    m->stalled = true;
}

/* Before an instruction issues: fetch and operands. Returns the cycle in which it issues. */
static inline uint64_t mote_xt_timing_before(mote_xt_machine *m, const decoded *d, bool redirected)
{
    if (d->cached)
        mote_xt_timing_fetch(m, d);
    if (redirected && (m->at & 3) + d->size > 4)
        mote_xt_stall_for(m, MOTE_XT_STALL_FETCH, 1);
    if (cycles(m) + 1 < m->timing->pending)
        mote_xt_timing_wait(m, d);
    return cycles(m);
}

/* After it: results, redirects, memory. Results in stage E matter only while later ones are pending. */
static inline void mote_xt_timing_after(mote_xt_machine *m, const decoded *d, uint64_t issued, bool redirected)
{
    if (d->slow || issued + 1 < m->timing->pending)
        mote_xt_timing_results(m, d, issued);
    if (d->extra_cycles)
        mote_xt_stall_for(m, d->extra_kind, d->extra_cycles);
    if (redirected)
        mote_xt_stall_for(m, MOTE_XT_STALL_BRANCH, REDIRECT_CYCLES);
    if (m->access_size && m->access_kind != MOTE_XT_SRAM)
        mote_xt_timing_access(m);
}

#endif
