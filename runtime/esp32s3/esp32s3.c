/* The kernels of the ESP32-S3: assembly for its vector unit, for MAC16 where a matrix does not suit that, the portable
 * functions elsewhere. */
#if defined(MOTE_CHIP_ESP32S3) || defined(CONFIG_IDF_TARGET_ESP32S3)

#include "esp32s3.h"

#include <stddef.h>

#include "../esp32/mac16.h"
#include "../ops/sigmoid.h"
#include "offsets.h"

_Static_assert(offsetof(mote_gemv, weights) == GEMV_WEIGHTS && offsetof(mote_gemv, x) == GEMV_X &&
                   offsetof(mote_gemv, bias) == GEMV_BIAS && offsetof(mote_gemv, multiplier) == GEMV_MULTIPLIER &&
                   offsetof(mote_gemv, y) == GEMV_Y && offsetof(mote_gemv, rows) == GEMV_ROWS &&
                   offsetof(mote_gemv, columns) == GEMV_COLUMNS && offsetof(mote_gemv, shift) == GEMV_SHIFT &&
                   offsetof(mote_gemv, gain) == GEMV_GAIN && offsetof(mote_gemv, narrow) == GEMV_NARROW,
               "the assembly knows other offsets than the compiler");

/* Each described where it is defined, NAME.S. */
void mote_s3_gemv_rows_int16(const mote_gemv *g);
void mote_s3_gemv_rows_int8(const mote_gemv *g);
void mote_s3_gemv_rows_int4(const mote_gemv *g);
void mote_s3_gemv_rows_ternary2(const mote_gemv *g);
void mote_s3_gemv_rows_binary(const mote_gemv *g);
void mote_s3_gemv_lanes16_int8(const mote_gemv *g);
void mote_s3_gemv_lanes16_ternary2(const mote_gemv *g);
void mote_s3_gemv_tiles16_int8(const mote_gemv *g);
void mote_s3_gemv_tiles16_ternary2(const mote_gemv *g);
void mote_s3_gru_gates(const int16_t *gx, const int16_t *gh, int16_t *h, int8_t *h8, uint32_t d,
                       const mote_sigmoid_segment *table);
void mote_s3_add(const void *a, const void *b, void *y, uint32_t vectors, uint32_t narrow);
uint32_t mote_s3_argmax(const int16_t *scores, uint32_t count);

/* The kernel for columns that fill vectors, another for those that do not. */
static inline void choose(const mote_gemv *g, void (*vector)(const mote_gemv *), void (*otherwise)(const mote_gemv *))
{
    (g->columns % 16 == 0 ? vector : otherwise)(g);
}

static void gemv_rows_int16(const mote_gemv *g)
{
    choose(g, mote_s3_gemv_rows_int16, mote_mac16_gemv_int16);
}

static void gemv_rows_int8(const mote_gemv *g)
{
    choose(g, mote_s3_gemv_rows_int8, mote_mac16_gemv_int8);
}

static void gemv_rows_int4(const mote_gemv *g)
{
    choose(g, mote_s3_gemv_rows_int4, mote_gemv_int4);
}

static void gemv_rows_ternary2(const mote_gemv *g)
{
    choose(g, mote_s3_gemv_rows_ternary2, mote_mac16_gemv_ternary2);
}

static void gemv_rows_binary(const mote_gemv *g)
{
    choose(g, mote_s3_gemv_rows_binary, mote_gemv_binary);
}

static void gru_gates(const int16_t *gx, const int16_t *gh, int16_t *h, int8_t *h8, uint32_t d)
{
    if (d % 8 == 0)
        mote_s3_gru_gates(gx, gh, h, h8, d, mote_sigmoid_table);
    else
        mote_gru_gates(gx, gh, h, h8, d);
}

static void add(const void *a, const void *b, void *y, uint32_t count, uint32_t narrow)
{
    const uint32_t lanes = narrow ? 16 : 8, vectors = count / lanes, done = 16 * vectors;
    mote_s3_add(a, b, y, vectors, narrow);
    mote_saturating_add((const uint8_t *)a + done, (const uint8_t *)b + done, (uint8_t *)y + done, count % lanes,
                        narrow);
}

static uint32_t argmax(const int16_t *scores, uint32_t count, uint32_t excluded)
{
    const uint32_t best = count < 8 ? excluded : mote_s3_argmax(scores, count);
    return best == excluded ? mote_argmax(scores, count, excluded) : best;
}

const mote_kernels mote_esp32s3_kernels = {
    .name = "esp32s3",
    .gemv = {[MOTE_ROWS] = {MOTE_KERNEL(I16, gemv_rows_int16), MOTE_KERNEL(I8, gemv_rows_int8),
                            MOTE_KERNEL(TERNARY2, gemv_rows_ternary2), MOTE_KERNEL(TERNARY5, mote_gemv_ternary5),
                            MOTE_KERNEL(I4, gemv_rows_int4), MOTE_KERNEL(BINARY, gemv_rows_binary),
                            MOTE_KERNEL(I5, mote_gemv_general), MOTE_KERNEL(I6, mote_gemv_general),
                            MOTE_KERNEL(F16, mote_gemv_general)},
             MOTE_LANES16_KERNELS(mote_s3_gemv_lanes16_int8, mote_s3_gemv_lanes16_ternary2),
             MOTE_TILES16_KERNELS(mote_s3_gemv_tiles16_int8, mote_s3_gemv_tiles16_ternary2)},
    .general = MOTE_GENERAL(mote_gemv_general),
    .gru_gates = gru_gates,
    .add = add,
    .argmax = argmax,
    MOTE_VECTOR_KERNELS,
};

#endif
