#include "../kernels.h"

uint32_t mote_argmax(const int16_t *scores, uint32_t count, uint32_t excluded)
{
    uint32_t best = excluded == 0 && count > 1 ? 1 : 0;
    for (uint32_t i = best + 1; i < count; i++)
        if (scores[i] > scores[best] && i != excluded)
            best = i;
    return best;
}
