/* GEMV of int8 weights in the layout MOTE_BLOCKS16 for cores whose byte loads extend the sign. */
#include "../ops/blocks16.h"

#include "../requantize.h"
#include "scalar.h"

#define COLUMN(i)  sum += w[i] * x[i]
#define COLUMNS(i) COLUMN(i), COLUMN(i + 1), COLUMN(i + 2), COLUMN(i + 3)

void mote_scalar_gemv_blocks16_bytes(const mote_gemv *g)
{
    const mote_blocks16 begin = mote_blocks16_begin(g->weights);
    const uint16_t *index = (const void *)begin.index;
    const int8_t *w = (const int8_t *)begin.block;
    for (uint32_t r = 0; r < g->rows; r++, index++) {
        const int8_t *x = g->x;
        int32_t sum = 0;
        for (uint32_t count = *index++; count > 0; count--, w += MOTE_BLOCK) {
            x += *index++;
            COLUMNS(0), COLUMNS(4), COLUMNS(8), COLUMNS(12);
        }
        mote_requantize(&g->out, r, sum);
    }
}
