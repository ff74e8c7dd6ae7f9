#include "compiler/token/merges.h"

#include <string.h>

enum { MOST = 1 << 24 }; /* a float holds the number of every merge exactly */

bool mote_merges_init(mote_merges *m, size_t most, mote_error *error)
{
    *m = (mote_merges){0};
    if (most > MOST)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "%zu merges; at most %d are supported", most, MOST);
    m->merged = calloc(most + 1, sizeof *m->merged);
    return (m->merged && mote_pairs_init(&m->pairs, most)) ||
           mote_fail(error, MOTE_E_INTERNAL, "no memory for %zu merges", most);
}

void mote_merges_free(mote_merges *m)
{
    free(m->pairs.slots);
    free(m->merged);
}

void mote_merges_add(mote_merges *m, uint16_t first, uint16_t second, uint16_t merged)
{
    mote_pair *pair = mote_pairs_find(&m->pairs, mote_pair_key(first, second));
    if (pair->key == MOTE_NO_PAIR)
        *pair = (mote_pair){mote_pair_key(first, second), m->count};
    m->merged[m->count++] = merged;
}

uint32_t mote_merges_apply(const mote_merges *m, uint16_t *symbols, uint32_t count, uint32_t *last)
{
    for (;;) {
        uint32_t best = UINT32_MAX, place = 0;
        for (uint32_t i = 0; i + 1 < count; i++) {
            const mote_pair *pair = mote_pairs_find(&m->pairs, mote_pair_key(symbols[i], symbols[i + 1]));
            if (pair->key != MOTE_NO_PAIR && pair->value < best) {
                best = pair->value;
                place = i;
            }
        }
        if (best == UINT32_MAX)
            return count;
        *last = best;
        symbols[place] = m->merged[best];
        memmove(symbols + place + 1, symbols + place + 2, (count - place - 2) * sizeof *symbols);
        count--;
    }
}
