/* Plans the placement of constants in SRAM. A token reads each weight once, so with the cache of chip/memory.h either
 * all lines of a set hit or all miss. A copy therefore saves the misses of its own lines, whatever else is copied,
 * until the rest fits in the cache. The best placement moves the most lines into the budget: a knapsack problem, solved
 * exactly. A greedy choice by benefit per byte is worse: the benefit is nearly the same for all matrices, few matrices
 * are large, and a small one could keep out a large one. */
#include "compiler/plan/placement.h"

#include <stdlib.h>
#include <string.h>

#include "chip/memory.h"
#include "compiler/graph/operator_info.h"
#include "runtime/model.h"
#include "runtime/place.h"

const char *const mote_weights_in_names[MOTE_PLACES + 1] = {
    [MOTE_IN_FLASH] = "flash",
    [MOTE_STREAMED] = "stream",
    [MOTE_IN_SRAM] = "sram",
    [MOTE_AS_PLANNED] = "planned",
};

typedef struct item {
    uint32_t tensor;
    uint64_t units; /* size in units of MOTE_ALIGNMENT bytes */
    uint64_t lines; /* cache lines that a token reads */
} item;

uint64_t mote_bytes_read(const mote_model *m, uint32_t tensor)
{
    const mote_tensor_record *t = mote_record(m, tensor);
    uint64_t bytes = 0;
    for (uint32_t o = 0; o < mote_header_of(m)->op_count; o++) {
        const mote_op_view op = mote_op_at(m, o);
        const bool looks_up = mote_operator_of((mote_opcode)op.opcode)->traits & MOTE_TRAIT_LOOKUP;
        for (const uint16_t *i = op.inputs; i < op.outputs; i++)
            if (*i == tensor) /* a look-up reads one row of each of its constants */
                bytes += looks_up ? t->size / t->dims[0] : t->size;
    }
    return bytes;
}

uint64_t mote_sram_left(const mote_model *m, const mote_chip *chip)
{
    const uint64_t all = (uint64_t)chip->ram_kb << 10, working = mote_arena_size(m) + mote_state_size(m);
    return working < all ? all - working : 0;
}

/* Writes the constants that a token reads and returns their number. */
static uint32_t find_items(const mote_model *m, item *items)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < mote_header_of(m)->tensor_count; i++) {
        const mote_tensor_record *t = mote_record(m, i);
        const uint64_t bytes = t->role == MOTE_CONSTANT ? mote_bytes_read(m, i) : 0;
        const uint64_t lines = (bytes + MOTE_CACHE_LINE - 1) / MOTE_CACHE_LINE;
        if (lines)
            items[count++] = (item){i, ((uint64_t)t->size + MOTE_ALIGNMENT - 1) / MOTE_ALIGNMENT, lines};
    }
    return count;
}

/* Marks in `taken` the items that move the most lines within `room` units. best[u] is the most lines that the items so
 * far can move with u units; took[i][u] is 1 if item i is among these. */
static bool knapsack(const item *items, uint32_t count, uint64_t room, bool *taken)
{
    uint64_t *best = calloc(room + 1, sizeof *best);
    uint8_t *took = calloc((size_t)count + 1, room + 1);
    for (uint32_t i = 0; best && took && i < count; i++)
        for (uint64_t u = room; u >= items[i].units && u <= room; u--) {
            const uint64_t with = best[u - items[i].units] + items[i].lines;
            if (with > best[u]) {
                best[u] = with;
                took[i * (room + 1) + u] = 1;
            }
        }
    uint64_t u = room;
    for (uint32_t i = count; best && took && i-- > 0;)
        if ((taken[i] = took[i * (room + 1) + u]))
            u -= items[i].units;
    const bool ok = best && took;
    free(best);
    free(took);
    return ok;
}

static bool choose(const item *items, uint32_t count, mote_weights_in where, uint64_t room, bool *taken)
{
    uint64_t all = 0;
    for (uint32_t i = 0; i < count; i++)
        all += items[i].units;
    if (where == MOTE_IN_SRAM || all <= room) {
        memset(taken, 1, count * sizeof *taken);
        return true;
    }
    return knapsack(items, count, room, taken);
}

bool mote_plan_placement(const mote_model *m, mote_weights_in where, uint64_t budget, mote_placement *p,
                         mote_error *error)
{
    const uint64_t tables = mote_place_tensors_size(m, NULL, 0);
    *p = (mote_placement){.streamed = where == MOTE_STREAMED};
    if (where == MOTE_IN_FLASH || where == MOTE_STREAMED || (where == MOTE_AS_PLANNED && budget < tables))
        return true;
    const uint32_t most = mote_header_of(m)->tensor_count;
    item *items = calloc(most + 1, sizeof *items);
    bool *taken = calloc(most + 1, sizeof *taken);
    p->tensors = calloc(most + 1, sizeof *p->tensors);
    const uint32_t count = items ? find_items(m, items) : 0;
    const uint64_t room = budget > tables ? (budget - tables) / MOTE_ALIGNMENT : 0;
    const bool ok = items && taken && p->tensors && choose(items, count, where, room, taken);
    for (uint32_t i = 0; ok && i < count; i++)
        if (taken[i])
            p->tensors[p->count++] = (uint16_t)items[i].tensor;
    free(items);
    free(taken);
    if (!ok) {
        mote_placement_free(p);
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while placing the constants");
    }
    p->tables = true;
    p->bytes = mote_place_tensors_size(m, p->tensors, p->count);
    return true;
}

void mote_placement_free(mote_placement *p)
{
    free(p->tensors);
    *p = (mote_placement){0};
}

bool mote_is_placed(const mote_placement *p, uint32_t tensor)
{
    for (uint32_t i = 0; i < p->count; i++)
        if (p->tensors[i] == tensor)
            return true;
    return false;
}
