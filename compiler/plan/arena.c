#include "compiler/plan/arena.h"

#include <limits.h>
#include <stdlib.h>

static uint64_t aligned(uint64_t size)
{
    return (size + MOTE_ALIGNMENT - 1) & ~(uint64_t)(MOTE_ALIGNMENT - 1);
}

static int larger_first(const void *a, const void *b)
{
    const mote_lifetime *x = *(mote_lifetime *const *)a, *y = *(mote_lifetime *const *)b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return (x > y) - (x < y);
}

/* Returns the first item of `placed` whose lifetime and bytes overlap those of `item` at `offset`, NULL for none. */
static const mote_lifetime *obstacle(const mote_lifetime *item, uint64_t offset, mote_lifetime *const *placed,
                                     int count)
{
    for (int i = 0; i < count; i++) {
        const mote_lifetime *p = placed[i];
        const bool together = p->first <= item->last && item->first <= p->last;
        if (together && p->offset < offset + item->size && offset < (uint64_t)p->offset + p->size)
            return p;
    }
    return NULL;
}

bool mote_place_items(mote_lifetime *items, int count, uint32_t *size, mote_error *error)
{
    mote_lifetime **order = calloc((size_t)count + 1, sizeof(mote_lifetime *));
    if (!order)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while planning the arena");
    for (int i = 0; i < count; i++)
        order[i] = &items[i];
    qsort(order, (size_t)count, sizeof(mote_lifetime *), larger_first);
    uint64_t used = 0;
    for (int i = 0; i < count && used <= INT_MAX; i++) {
        uint64_t best = UINT64_MAX;
        for (int start = -1; start < i; start++) { /* the lowest free offset is 0 or the end of a placed item */
            const uint64_t offset = start < 0 ? 0 : aligned((uint64_t)order[start]->offset + order[start]->size);
            if (offset < best && !obstacle(order[i], offset, order, i))
                best = offset;
        }
        order[i]->offset = (uint32_t)best;
        if (aligned(best + order[i]->size) > used)
            used = aligned(best + order[i]->size);
    }
    free(order);
    *size = (uint32_t)used;
    return used <= INT_MAX || mote_fail(error, MOTE_E_UNSUPPORTED, "the activations do not fit in 2 GB of arena");
}

static void extend(mote_lifetime *life, int op)
{
    if (op < life->first)
        life->first = op;
    if (op > life->last)
        life->last = op;
}

/* Finds the lifetime of each tensor. Tensors outside the arena get size 0. */
static void find_lifetimes(const mote_graph *g, mote_lifetime *lives)
{
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_tensor *t = &g->tensors[i];
        const bool in_arena = t->role != MOTE_CONSTANT && t->role != MOTE_STATE;
        lives[i] = (mote_lifetime){.size = in_arena ? (uint32_t)mote_tensor_size(t) : 0, .first = INT_MAX, .last = -1};
        if (t->role == MOTE_INPUT)
            extend(&lives[i], 0);
        if (t->role == MOTE_INPUT || t->role == MOTE_OUTPUT)
            extend(&lives[i], g->op_count);
    }
    for (int o = 0; o < g->op_count; o++) {
        const mote_op *op = &g->ops[o];
        for (int i = 0; i < op->input_count; i++)
            if (op->inputs[i] >= 0)
                extend(&lives[op->inputs[i]], o);
        for (int i = 0; i < op->output_count; i++)
            extend(&lives[op->outputs[i]], o);
    }
}

static bool place_states(mote_graph *g, mote_error *error)
{
    uint64_t end = 0;
    for (int i = 0; i < g->tensor_count; i++)
        if (g->tensors[i].role == MOTE_STATE) {
            g->tensors[i].offset = (uint32_t)end;
            end += aligned(mote_tensor_size(&g->tensors[i]));
        }
    g->state_size = (uint32_t)end;
    return end <= INT_MAX || mote_fail(error, MOTE_E_UNSUPPORTED, "the states do not fit in 2 GB");
}

bool mote_graph_plan(mote_graph *g, mote_error *error)
{
    mote_lifetime *lives = calloc((size_t)g->tensor_count + 1, sizeof *lives);
    if (!lives)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while planning the arena");
    find_lifetimes(g, lives);
    const bool placed = mote_place_items(lives, g->tensor_count, &g->arena_size, error);
    for (int i = 0; placed && i < g->tensor_count; i++)
        if (lives[i].size)
            g->tensors[i].offset = lives[i].offset;
    free(lives);
    return placed && place_states(g, error);
}
