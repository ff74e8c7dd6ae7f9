#include "xtensa/debug/history.h"

#include <stdlib.h>

enum { CHECKPOINTS = 256, INTERVAL = 4096, LOG = 1 << 18, PIECE = 16 };

typedef struct checkpoint {
    uint64_t time;   /* instructions since recording began */
    uint64_t logged; /* stores since recording began */
} checkpoint;

typedef struct store {
    uint32_t address;
    uint8_t size;
    uint8_t old[PIECE];
} store;

struct mote_xt_history {
    uint64_t now, due; /* in instructions; a checkpoint is taken when `now` reaches `due` */
    uint64_t logged;
    bool marked, replaying;
    size_t first, count; /* ring of checkpoints */
    checkpoint checkpoints[CHECKPOINTS];
    uint8_t *states; /* CHECKPOINTS of mote_xt_state_size() */
    store log[LOG];  /* ring: store i is at i % LOG */
};

mote_xt_history *mote_xt_history_new(void)
{
    mote_xt_history *h = malloc(sizeof *h);
    if (!h)
        return NULL;
    h->states = malloc(CHECKPOINTS * mote_xt_state_size());
    if (!h->states) {
        free(h);
        return NULL;
    }
    mote_xt_history_clear(h);
    return h;
}

void mote_xt_history_free(mote_xt_history *h)
{
    if (h)
        free(h->states);
    free(h);
}

void mote_xt_history_clear(mote_xt_history *h)
{
    h->now = h->due = h->logged = 0;
    h->marked = h->replaying = false;
    h->first = h->count = 0;
}

bool mote_xt_history_replaying(const mote_xt_history *h)
{
    return h->replaying;
}

uint64_t mote_xt_history_depth(const mote_xt_history *h)
{
    return h->count ? h->now - h->checkpoints[h->first].time : 0;
}

static size_t last(const mote_xt_history *h)
{
    return (h->first + h->count - 1) % CHECKPOINTS;
}

static void forget_oldest(mote_xt_history *h)
{
    h->first = (h->first + 1) % CHECKPOINTS;
    h->count--;
}

static void take_checkpoint(mote_xt_history *h, const mote_xt_machine *m)
{
    if (h->count == CHECKPOINTS)
        forget_oldest(h);
    h->count++;
    h->checkpoints[last(h)] = (checkpoint){.time = h->now, .logged = h->logged};
    mote_xt_state_save(m, h->states + last(h) * mote_xt_state_size());
    h->due = h->now + INTERVAL;
}

static void log_piece(mote_xt_history *h, const mote_xt_machine *m, uint32_t address, uint32_t size)
{
    store *s = &h->log[h->logged % LOG];
    if (h->count && h->logged - h->checkpoints[h->first].logged >= LOG)
        forget_oldest(h);
    s->address = address;
    s->size = (uint8_t)size;
    if (mote_xt_read(m, address, s->old, size))
        h->logged++;
}

void mote_xt_history_store(mote_xt_history *h, const mote_xt_machine *m, uint32_t address, uint32_t size)
{
    for (uint32_t at = 0; at < size; at += PIECE)
        log_piece(h, m, address + at, size - at < PIECE ? size - at : PIECE);
}

void mote_xt_history_mark(mote_xt_history *h)
{
    h->due = h->now;
    h->marked = true;
}

mote_xt_stop mote_xt_history_run(mote_xt_history *h, mote_xt_machine *m, uint64_t max)
{
    if (h->count == 0 || h->now >= h->due)
        take_checkpoint(h, m);
    h->marked = false;
    uint64_t before = mote_xt_instructions(m);
    mote_xt_stop stop = mote_xt_run(m, max < h->due - h->now ? max : h->due - h->now);
    h->now += mote_xt_instructions(m) - before;
    if (!h->marked)
        return stop;
    h->due = h->now;
    return stop == MOTE_XT_STOP_INTERRUPT ? MOTE_XT_STOP_NONE : stop;
}

/* Restores the machine to its state at the last checkpoint. */
static void rewind_to_last(mote_xt_history *h, mote_xt_machine *m)
{
    const checkpoint *c = &h->checkpoints[last(h)];
    while (h->logged > c->logged) {
        const store *s = &h->log[--h->logged % LOG];
        mote_xt_write(m, s->address, s->old, s->size);
    }
    mote_xt_state_restore(m, h->states + last(h) * mote_xt_state_size());
    h->now = c->time;
}

/* Runs from the last checkpoint up to, but not including, the moment `limit`. *found gets the last moment for which
 * `when` holds; returns false when there is none. */
static bool scan(mote_xt_history *h, mote_xt_machine *m, uint64_t limit, uint64_t present, mote_xt_moment *when,
                 void *context, uint64_t *found)
{
    bool any = false;
    rewind_to_last(h, m);
    for (; h->now < limit; h->now++) {
        if (when(context, m, present - h->now)) {
            any = true;
            *found = h->now;
        }
        if (h->now + 1 == limit || mote_xt_run(m, 1) != MOTE_XT_STOP_NONE)
            break;
    }
    return any;
}

bool mote_xt_history_back(mote_xt_history *h, mote_xt_machine *m, mote_xt_moment *when, void *context)
{
    if (h->count == 0)
        return false;
    uint64_t present = h->now, limit = present, moment = 0;
    h->replaying = true;
    bool found = scan(h, m, limit, present, when, context, &moment);
    while (!found && h->count > 1) {
        limit = h->checkpoints[last(h)].time;
        h->count--;
        found = scan(h, m, limit, present, when, context, &moment);
    }
    rewind_to_last(h, m);
    h->due = h->now + INTERVAL;
    while (found && h->now < moment && mote_xt_run(m, 1) == MOTE_XT_STOP_NONE)
        h->now++;
    h->replaying = false;
    return found;
}
