/* GEMV of the layout MOTE_BLOCKS16 with the ESP32's MAC16. */
#include "../chip.h"

#if defined(__XTENSA__) && !defined(MOTE_CHIP_ESP32S2)

#include "../scalar/blocks16.h"
#include "mac16.h"

#define ARRANGED 18 /* int16 values of the arranged inputs of a ternary block */

/* Documented in dots_blocks16_TYPE.S. */
mote_scalar_dots_blocks16 mote_mac16_dots_blocks16_int8, mote_mac16_dots_blocks16_ternary2;

void mote_mac16_gemv_blocks16_int8(const mote_gemv *g)
{
    mote_scalar_gemv_blocks16_int8(g, mote_mac16_dots_blocks16_int8);
}

/* Arranges sixteen inputs in the order of the codes of a block, followed by their sum. */
static void arrange(int16_t *to, const int8_t *x)
{
    int32_t sum = 0;
    for (uint32_t c = 0; c < MOTE_BLOCK; c++) {
        const uint32_t k = c / 4;
        to[c % 2 * 8 + 2 * k + c % 4 / 2] = (int16_t)(x[c] * (1 << (6 - 2 * k)));
        sum += x[c];
    }
    to[16] = (int16_t)sum;
    to[17] = 0;
}

void mote_mac16_gemv_blocks16_ternary2(const mote_gemv *g)
{
    if (g->columns > MAX_COLUMNS) {
        mote_gemv_blocks16_ternary2(g);
        return;
    }
    _Alignas(4) int16_t x[MAX_COLUMNS / MOTE_BLOCK * ARRANGED + AHEAD];
    for (uint32_t c = 0; c < g->columns; c += MOTE_BLOCK)
        arrange(x + c / MOTE_BLOCK * ARRANGED, g->x + c);
    mote_scalar_gemv_blocks16(g, mote_mac16_dots_blocks16_ternary2, x);
}

#endif
