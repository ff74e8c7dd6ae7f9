#include <stdlib.h>

#include "compiler/token/token.h"

static int ascending(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

bool mote_bpe_rank(mote_bpe_token *tokens, const float *scores, uint32_t count, mote_error *error)
{
    float *sorted = calloc(count + 1u, sizeof *sorted);
    uint32_t ranked = 0, distinct = 0;
    if (!sorted)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for a vocabulary of %u tokens", count);
    for (uint32_t i = 0; i < count; i++)
        if (tokens[i].rank)
            sorted[ranked++] = scores[i];
    qsort(sorted, ranked, sizeof *sorted, ascending);
    for (uint32_t i = 0; i < ranked; i++)
        if (i == 0 || sorted[i] > sorted[distinct - 1])
            sorted[distinct++] = sorted[i];
    for (uint32_t i = 0; i < count; i++)
        if (tokens[i].rank) {
            const float *place = bsearch(&scores[i], sorted, distinct, sizeof *sorted, ascending);
            tokens[i].rank = (uint16_t)(place - sorted + 1);
        }
    free(sorted);
    return true;
}
