/* An ordered list of merges of two tokens, and encoding by it: the pair that comes first in the list is merged first,
 * among equal pairs the leftmost. */
#ifndef MOTE_COMPILER_MERGES_H
#define MOTE_COMPILER_MERGES_H

#include "base/error.h"
#include "compiler/token/pairs.h"

typedef struct mote_merges {
    mote_pairs pairs; /* from two tokens to the number of their merge */
    uint16_t *merged; /* token that each merge makes */
    uint32_t count;
} mote_merges;

bool mote_merges_init(mote_merges *m, size_t most, mote_error *error);
void mote_merges_free(mote_merges *m);

/* Appends a merge. Of two merges of one pair the first counts. */
void mote_merges_add(mote_merges *m, uint16_t first, uint16_t second, uint16_t merged);

/* Merges symbols[count] in place. Returns the new number of symbols and writes the number of the last merge that was
 * made to *last, if any. */
uint32_t mote_merges_apply(const mote_merges *m, uint16_t *symbols, uint32_t count, uint32_t *last);

#endif
