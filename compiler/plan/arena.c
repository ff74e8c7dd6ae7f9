#include "compiler/plan/arena.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ATTEMPTS = 200, MOST_RETRIED = 1000 /* items; more are placed once */ };

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

/* `order` has the items in the order in which they are placed, `placed` those with an offset, by ascending offset. */
typedef struct arena {
    mote_lifetime **order, **placed;
    uint32_t *best; /* offsets of the best attempt */
    int count;
} arena;

static bool together(const mote_lifetime *a, const mote_lifetime *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* Places an item at the lowest offset that is free for its lifetime. Returns its end. */
static uint64_t place(const arena *a, int placed_count, mote_lifetime *item)
{
    uint64_t offset = 0;
    for (int i = 0; i < placed_count; i++) {
        const mote_lifetime *other = a->placed[i];
        if (!together(item, other))
            continue;
        if (other->offset >= offset + item->size)
            break;
        const uint64_t end = aligned((uint64_t)other->offset + other->size);
        offset = end > offset ? end : offset;
    }
    item->offset = offset > INT_MAX ? INT_MAX : (uint32_t)offset;
    int at = placed_count;
    for (; at > 0 && a->placed[at - 1]->offset > item->offset; at--)
        a->placed[at] = a->placed[at - 1];
    a->placed[at] = item;
    return aligned(offset + item->size);
}

/* Places all items. Returns the bytes used; *top becomes the position in `order` of the item that ends highest. */
static uint64_t attempt(const arena *a, int *top)
{
    uint64_t used = 0;
    *top = 0;
    for (int i = 0; i < a->count; i++) {
        const uint64_t end = place(a, i, a->order[i]);
        if (end > used) {
            used = end;
            *top = i;
        }
    }
    return used;
}

static void move_to_front(mote_lifetime **order, int from)
{
    mote_lifetime *item = order[from];
    memmove(order + 1, order, (size_t)from * sizeof *order);
    order[0] = item;
}

/* Returns the most bytes that are alive at one time. */
static uint64_t most_alive(const arena *a)
{
    uint64_t most = 0;
    for (int i = 0; i < a->count; i++) {
        uint64_t alive = 0;
        const int time = a->order[i]->first; /* the most are alive when one begins */
        for (int k = 0; k < a->count; k++)
            alive += a->order[k]->first <= time && time <= a->order[k]->last ? aligned(a->order[k]->size) : 0;
        most = alive > most ? alive : most;
    }
    return most;
}

static uint64_t search(const arena *a)
{
    const int attempts = a->count > MOST_RETRIED ? 1 : MOST_ATTEMPTS;
    const uint64_t bound = attempts > 1 ? most_alive(a) : 0;
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < attempts && best > bound; i++) {
        int top;
        const uint64_t used = attempt(a, &top);
        for (int k = 0; used < best && k < a->count; k++)
            a->best[k] = a->placed[k]->offset;
        if (used < best) {
            memcpy(a->placed + a->count, a->placed, (size_t)a->count * sizeof *a->placed);
            best = used;
        }
        move_to_front(a->order, top);
    }
    for (int k = 0; k < a->count; k++)
        a->placed[a->count + k]->offset = a->best[k];
    return best;
}

bool mote_place_items(mote_lifetime *items, int count, uint32_t *size, mote_error *error)
{
    arena a = {.order = calloc(3 * (size_t)count + 1, sizeof *a.order),
               .best = calloc((size_t)count + 1, sizeof *a.best)};
    uint64_t used = 0;
    const bool fits = a.order && a.best;
    if (fits)
        a.placed = a.order + count;
    for (int i = 0; fits && i < count; i++)
        if (items[i].size)
            a.order[a.count++] = &items[i];
        else
            items[i].offset = 0;
    if (fits && a.count) {
        qsort(a.order, (size_t)a.count, sizeof *a.order, larger_first);
        used = search(&a);
    }
    free(a.order);
    free(a.best);
    if (!fits)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while planning the arena");
    *size = (uint32_t)used;
    return used <= INT_MAX || mote_fail(error, MOTE_E_UNSUPPORTED, "the activations do not fit in 2 GB of arena");
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
    const size_t count = (size_t)g->tensor_count + 1;
    mote_lifetime *lives = calloc(count, sizeof *lives);
    int *home = calloc(count, sizeof *home);
    bool placed = (lives && home) || mote_fail(error, MOTE_E_INTERNAL, "out of memory while planning the arena");
    if (placed) {
        mote_graph_lifetimes(g, lives, home);
        placed = mote_place_items(lives, g->tensor_count, &g->arena_size, error);
    }
    for (int i = 0; placed && i < g->tensor_count; i++)
        if (mote_in_arena(&g->tensors[i]))
            g->tensors[i].offset = lives[home[i]].offset;
    free(lives);
    free(home);
    return placed && place_states(g, error);
}
