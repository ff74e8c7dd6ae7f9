/* Data structures of a profile, shared by profile.c, which counts, and profile_write.c. */
#ifndef MOTE_XTENSA_PROFILE_DATA_H
#define MOTE_XTENSA_PROFILE_DATA_H

#include "xtensa/debug/profile.h"

enum { MOTE_XT_PROFILE_LINES = 1 << 20, MOTE_XT_PROFILE_NODES = 1 << 16, MOTE_XT_PROFILE_DEPTH = 4096 };

typedef struct mote_xt_profile_slot {
    uint32_t pc;
    mote_xt_cost cost; /* count 0: the slot is free */
} mote_xt_profile_slot;

/* A call stack: a function reached through `parent`. Node 0 is where the program started; 0 also ends the lists. */
typedef struct mote_xt_profile_node {
    uint32_t function; /* address of its first instruction */
    uint32_t parent, child, sibling;
    uint64_t cycles; /* without those of callees */
} mote_xt_profile_node;

typedef struct mote_xt_profile_frame {
    uint32_t node;   /* node of the caller */
    uint32_t resume; /* return address */
} mote_xt_profile_frame;

struct mote_xt_profile {
    mote_xt_profile_slot *slots; /* hash table over pc, a power of two large, at most half full */
    size_t slot_count, used;
    mote_xt_cost rest; /* cost of addresses beyond the limit */
    mote_xt_profile_node *nodes;
    uint32_t node_count, node; /* `node` is the running function */
    mote_xt_profile_frame stack[MOTE_XT_PROFILE_DEPTH];
    uint32_t depth, lost; /* `lost`: calls deeper than the stack */
    uint32_t resume;      /* return address of the latest call */
    uint8_t before;       /* flow of the instruction before */
    uint8_t *flow;        /* per instruction id */
};

void mote_xt_cost_add(mote_xt_cost *to, const mote_xt_cost *from);

#endif
