/* Cycles: an in-order pipeline and memory behind caches. docs/xtensa-model.md has the rules and their sources. */
#ifndef MOTE_XTENSA_TIMING_H
#define MOTE_XTENSA_TIMING_H

#include "chip/memory.h"
#include "xtensa/emu/state.h"

/* Resources that an instruction may wait for. */
enum {
    RESOURCE_A = 0,
    RESOURCE_F = 16,
    RESOURCE_Q = 32,
    RESOURCE_M = 40,
    RESOURCE_B = 44,
    RESOURCE_STATE = 45,
    RESOURCES = 64,
};

/* Lines of each set, most recently used first. An entry is (line / MOTE_CACHE_SETS + 1) << 1 | dirty;
 * 0: empty. */
typedef struct cache {
    uint32_t line[MOTE_CACHE_SETS][MOTE_CACHE_WAYS];
} cache;

/* Cycles in which results can be used. Entries in the past have no meaning. */
typedef struct pipeline {
    uint64_t ready[RESOURCES];    /* first cycle whose stage 0 may read the result */
    uint8_t waits_for[RESOURCES]; /* kind of the stall that waits for it */
    uint64_t pending;             /* the latest of ready[] */
} pipeline;

struct timing {
    pipeline pipeline;
    cache code, data;
    uint32_t fetched; /* the line of code fetched last */
};

#define REDIRECT_CYCLES 2

static inline bool mote_xt_is_cached(uint8_t kind)
{
    return kind == MOTE_XT_FLASH || kind == MOTE_XT_PSRAM;
}

/* True if an instruction that ends before `end` lies in another line of cached code than `start`. */
bool mote_xt_leaves_line(const mote_xt_machine *m, uint32_t start, uint32_t end);

/* Fill in the timing fields of a decoded instruction, from the table, and of a block. */
void mote_xt_timing_decode(decoded *d, const mote_xt_insn *insn, const int32_t *values, mote_xt_chip chip);
void mote_xt_timing_block(const mote_xt_machine *m, block *b);

/* Around an instruction that runs by itself. Before: counts fetch and operand stalls and returns the cycle in which it
 * issues. After: records results and redirects. */
uint64_t mote_xt_timing_before(mote_xt_machine *m, const decoded *d);
void mote_xt_timing_after(mote_xt_machine *m, const decoded *d, uint64_t issued);

/* An access to flash or PSRAM; false on a miss. */
bool mote_xt_timing_access(mote_xt_machine *m, uint8_t kind, uint32_t address, uint32_t size, bool store);

void mote_xt_timing_reset(timing *t);

static inline void mote_xt_stall_for(mote_xt_machine *m, unsigned kind, uint32_t count)
{
    m->stalls[kind] += count;
    m->s.stalls += count;
    m->stalled = true;
}

/* Around a block. Its stalls depend only on its instructions, unless one of them waits for a result from before the
 * block; mote_xt_timing_ran handles that case and blocks that were left early. `started` is the cycle after
 * mote_xt_timing_fetch, `ran` the number of instructions that ran. */
void mote_xt_timing_fetch(mote_xt_machine *m, uint32_t address, uint32_t size);
void mote_xt_timing_ran(mote_xt_machine *m, const block *b, unsigned ran, uint64_t started);

static inline void mote_xt_timing_enter(mote_xt_machine *m, const block *b)
{
    if (b->cached)
        mote_xt_timing_fetch(m, b->start, b->code[0].size);
    if (b->straddles && m->s.jumped)
        mote_xt_stall_for(m, MOTE_XT_STALL_FETCH, 1);
}

static inline void mote_xt_timing_leave(mote_xt_machine *m, const block *b, unsigned ran, uint64_t started)
{
    if (ran == b->count && b->awaited == b->count && started + 1 >= m->timing->pipeline.pending)
        m->s.stalls += b->stalls;
    else
        mote_xt_timing_ran(m, b, ran, started);
    if (m->s.jumped)
        m->s.stalls += REDIRECT_CYCLES;
}

#endif
