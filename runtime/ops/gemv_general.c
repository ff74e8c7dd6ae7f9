/* General GEMV for every type of weights in MOTE_ROWS, int8 or int16 inputs, and factors of groups. Unpacks sixteen
 * columns at a time to int16. */
#include "../model.h"
#include "../requantize.h"
#include "weight.h"

static int32_t dot_narrow(const int16_t *w, const int8_t *x, uint32_t count)
{
    int32_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += w[i] * x[i];
    return sum;
}

static int32_t dot_wide(const int16_t *w, const int16_t *x, uint32_t count)
{
    int32_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += w[i] * x[i];
    return sum;
}

static int32_t row_dot(const mote_gemv *g, const mote_row *row, const int8_t *factor)
{
    int32_t sum = 0;
    int16_t w[MOTE_UNPACKED];
    for (uint32_t c = 0, end = g->group; c < g->columns; c += MOTE_UNPACKED) {
        const uint32_t count = mote_unpack(row, c, w);
        if (factor && c == end) {
            factor++;
            end += g->group;
        }
        sum += (factor ? *factor : 1) * (g->wide ? dot_wide(w, g->wide + c, count) : dot_narrow(w, g->x + c, count));
    }
    return sum;
}

void mote_gemv_general(const mote_gemv *g)
{
    const uint32_t size = (uint32_t)mote_row_size(g->dtype, g->columns);
    const uint32_t groups = g->groups ? mote_groups_of(g->columns, g->group) : 0;
    mote_row row = {g->weights, g->columns, g->dtype, g->fraction};
    for (uint32_t r = 0; r < g->rows; r++, row.data += size)
        mote_requantize(&g->out, r, row_dot(g, &row, g->groups ? g->groups + (size_t)r * groups : NULL));
}
