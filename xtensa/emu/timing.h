/* Cycles: an in-order pipeline and memory behind caches. docs/xtensa-model.md has the rules and their sources. */
#ifndef MOTE_XTENSA_TIMING_H
#define MOTE_XTENSA_TIMING_H

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

#define CACHE_BYTES 32768
#define CACHE_LINE  32
#define CACHE_WAYS  8
#define CACHE_SETS  (CACHE_BYTES / CACHE_LINE / CACHE_WAYS)

/* Each set from the line used last to the one used longest ago; a line is its number + 1, with a dirty bit. */
typedef struct cache {
    uint32_t line[CACHE_SETS][CACHE_WAYS];
} cache;

struct timing {
    uint64_t ready[RESOURCES];    /* the cycle whose stage 0 is the first that may read the result */
    uint8_t waits_for[RESOURCES]; /* the kind of stall such a wait is */
    cache code, data;
    uint32_t fetched;      /* the line of code fetched last */
    uint32_t store_tenths; /* of a cycle, that 128-bit stores have not yet been charged */
};

/* Fills the uses of a decoded instruction from the table. */
void mote_xt_timing_decode(decoded *d, const mote_xt_insn *insn, const int32_t *values);

/* Before an instruction issues: fetch and operands. After it: redirects, memory, results. Both add to m->stalls. */
void mote_xt_timing_before(mote_xt_machine *m, const decoded *d, bool redirected);
void mote_xt_timing_after(mote_xt_machine *m, const decoded *d, uint64_t issued, bool redirected);

void mote_xt_timing_reset(timing *t);

#endif
