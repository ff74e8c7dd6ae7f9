/* Finds the mnemonic nearest to a misspelled one. */
#include <string.h>

#include "xtensa/isa/isa.h"

#define LONGEST 40

/* Returns the edit distance (insertions, deletions, replacements) of two strings of fewer than LONGEST characters. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[LONGEST];
    size_t width = strlen(b);
    for (unsigned k = 0; k <= width; k++)
        row[k] = k;
    for (unsigned i = 1; *a; a++, i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= width; k++) {
            unsigned replaced = diagonal + (b[k - 1] != *a);
            unsigned shorter = row[k] < row[k - 1] ? row[k] : row[k - 1];
            diagonal = row[k];
            row[k] = replaced < shorter + 1 ? replaced : shorter + 1;
        }
    }
    return row[width];
}

const char *mote_xt_nearest(const char *mnemonic)
{
    const char *best = NULL;
    size_t length = strlen(mnemonic);
    if (length == 0 || length >= LONGEST)
        return NULL;
    unsigned limit = (unsigned)(length / 3) + 2;
    for (size_t k = 0; k < mote_xt_count(); k++) {
        unsigned d = distance(mnemonic, mote_xt_at(k)->mnemonic);
        if (d < limit) {
            limit = d;
            best = mote_xt_at(k)->mnemonic;
        }
    }
    return best;
}
