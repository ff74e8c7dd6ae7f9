/* The kernels of the ESP32-S3: assembly for its vector unit, MAC16 kernels for matrices that do not suit it, and
 * portable functions for the rest. */
#include "../chip.h"

#if defined(MOTE_CHIP_ESP32S3)

#include "esp32s3.h"

#include "../memory.h"

#include "../esp32/mac16.h"
#include "../ops/sigmoid.h"
#include "offsets.h"
#include <stddef.h>

_Static_assert(offsetof(mote_gemv, weights) == GEMV_WEIGHTS && offsetof(mote_gemv, x) == GEMV_X &&
                   offsetof(mote_gemv, out.bias) == GEMV_BIAS &&
                   offsetof(mote_gemv, out.multiplier) == GEMV_MULTIPLIER && offsetof(mote_gemv, out.y) == GEMV_Y &&
                   offsetof(mote_gemv, rows) == GEMV_ROWS && offsetof(mote_gemv, columns) == GEMV_COLUMNS &&
                   offsetof(mote_gemv, out.shift) == GEMV_SHIFT && offsetof(mote_gemv, out.gain) == GEMV_GAIN &&
                   offsetof(mote_gemv, out.narrow) == GEMV_NARROW,
               "the assembly knows other offsets than the compiler");
_Static_assert(offsetof(mote_attention_head, q) == ATTENTION_Q &&
                   offsetof(mote_attention_head, codes) == ATTENTION_CODES &&
                   offsetof(mote_attention_head, scales) == ATTENTION_SCALES &&
                   offsetof(mote_attention_head, scores) == ATTENTION_SCORES &&
                   offsetof(mote_attention_head, y) == ATTENTION_Y &&
                   offsetof(mote_attention_head, width) == ATTENTION_WIDTH &&
                   offsetof(mote_attention_head, stride) == ATTENTION_STRIDE &&
                   offsetof(mote_attention_head, scale_stride) == ATTENTION_SCALE_STRIDE &&
                   offsetof(mote_attention_head, count) == ATTENTION_COUNT &&
                   offsetof(mote_attention_head, shift) == ATTENTION_SHIFT &&
                   offsetof(mote_attention_head, factor) == ATTENTION_FACTOR,
               "the assembly knows other offsets than the compiler");

/* Documented in NAME.S. */
void mote_s3_gemv_rows_int16(const mote_gemv *g);
void mote_s3_gemv_rows_int8(const mote_gemv *g);
void mote_s3_gemv_unaligned_int8(const mote_gemv *g, const int8_t *last);
void mote_s3_gemv_rows_int4(const mote_gemv *g);
void mote_s3_gemv_rows_ternary2(const mote_gemv *g);
void mote_s3_gemv_rows_binary(const mote_gemv *g);
void mote_s3_gemv_lanes16_int8(const mote_gemv *g);
void mote_s3_gemv_lanes16_ternary2(const mote_gemv *g);
void mote_s3_gemv_tiles16_int8(const mote_gemv *g);
void mote_s3_gemv_tiles16_ternary2(const mote_gemv *g);
void mote_s3_gemv_blocks16_int8(const mote_gemv *g);
void mote_s3_gemv_blocks16_ternary2(const mote_gemv *g);
void mote_s3_gru_gates(const int16_t *gx, const int16_t *gh, int16_t *h, int8_t *h8, uint32_t d,
                       const mote_segment *table);
void mote_s3_add(const void *a, const void *b, void *y, uint32_t vectors, uint32_t narrow);
uint32_t mote_s3_argmax(const int16_t *scores, uint32_t count);
void mote_s3_mul(const int16_t *a, const int16_t *b, int16_t *y, uint32_t vectors, uint32_t shift,
                 const int16_t half[2]);
void mote_s3_scale(const int16_t *x, void *y, uint32_t count, const int16_t factors[3], uint32_t shift,
                   uint32_t narrow);
uint32_t mote_s3_peak(const int16_t *x, uint32_t vectors);
void mote_s3_activate(const int16_t *x, int16_t *y, uint32_t vectors, const mote_segment *curve, uint32_t down,
                      const int16_t constants[5]);
void mote_s3_attention_scores(const mote_attention_head *a);
uint32_t mote_s3_softmax_weights(int16_t *scores, uint32_t vectors, int16_t constants[7]);
void mote_s3_softmax_share(int16_t *weights, uint32_t vectors, const uint16_t factors[3], uint32_t shift);
void mote_s3_attention_mix(const mote_attention_head *a);

#define MAX_PADDED 512 /* maximum number of columns whose inputs fit on the stack */

static void gemv_rows_int16(const mote_gemv *g)
{
    (g->columns % 16 == 0 ? mote_s3_gemv_rows_int16 : mote_mac16_gemv_int16)(g);
}

static void gemv_rows_int8(const mote_gemv *g)
{
    const uint32_t rest = g->columns % 16;
    if (rest == 0) {
        mote_s3_gemv_rows_int8(g);
        return;
    }
    _Alignas(16) int8_t last[16] = {0};
    for (uint32_t i = 0; i < rest; i++)
        last[i] = g->x[g->columns - rest + i];
    mote_s3_gemv_unaligned_int8(g, last);
}

/* Calls a vector kernel with the columns rounded up to a multiple of 16. The weights of padding columns are 0, so their
 * inputs do not matter. */
static void gemv_filled(const mote_gemv *g, void (*vector)(const mote_gemv *))
{
    mote_gemv filled = *g;
    filled.columns = (g->columns + 15) & ~15u;
    vector(&filled);
}

static void gemv_rows_int4(const mote_gemv *g)
{
    gemv_filled(g, mote_s3_gemv_rows_int4);
}

static void gemv_rows_ternary2(const mote_gemv *g)
{
    gemv_filled(g, mote_s3_gemv_rows_ternary2);
}

/* The weights of padding columns are -1, so their inputs must be 0. */
static void gemv_rows_binary(const mote_gemv *g)
{
    if (g->columns % 16 == 0) {
        mote_s3_gemv_rows_binary(g);
        return;
    }
    if (g->columns > MAX_PADDED) {
        mote_gemv_binary(g);
        return;
    }
    _Alignas(16) int8_t x[MAX_PADDED] = {0};
    mote_gemv padded = *g;
    memcpy(x, g->x, g->columns);
    padded.x = x;
    gemv_filled(&padded, mote_s3_gemv_rows_binary);
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

/* Sets two factors whose product is the rounding term of a shift of 0..31: half of 2^shift, or 0 for shift 0. They are
 * negative, because an int16 can be -2^15 but not 2^15. */
static void halve(uint32_t shift, int16_t half[2])
{
    const int32_t low = shift > 16 ? 15 : (int32_t)shift - 1;
    half[0] = (int16_t)(shift ? -(1 << low) : 0);
    half[1] = (int16_t)(shift ? -(1 << ((int32_t)shift - 1 - low)) : 0);
}

static void mul(const int16_t *a, const int16_t *b, int16_t *y, uint32_t count, uint32_t shift)
{
    const uint32_t done = count & ~7u;
    int16_t half[2];
    halve(shift, half);
    mote_s3_mul(a, b, y, count / 8, shift, half);
    mote_multiply(a + done, b + done, y + done, count - done, shift);
}

static void quantize(const int16_t *x, int8_t *y, uint32_t count, int32_t step, uint32_t shift)
{
    const uint32_t done = count & ~15u;
    int16_t factors[3] = {(int16_t)step};
    halve(shift, factors + 1);
    mote_s3_scale(x, y, done, factors, shift, 1);
    mote_quantize(x + done, y + done, count - done, step, shift);
}

static void rescale(int16_t *y, uint32_t count, int32_t mantissa, uint32_t shift)
{
    const uint32_t done = count & ~7u;
    int16_t factors[3] = {(int16_t)mantissa};
    halve(shift, factors + 1);
    mote_s3_scale(y, y, done, factors, shift, 0);
    mote_rescale(y + done, count - done, mantissa, shift);
}

static uint32_t peak(const int16_t *x, uint32_t count)
{
    const uint32_t rest = mote_peak(x + (count & ~7u), count % 8), most = count < 8 ? 0 : mote_s3_peak(x, count / 8);
    return most > rest ? most : rest;
}

static void activate(const int16_t *x, int16_t *y, uint32_t count, const mote_segment *curve, uint32_t up,
                     uint32_t down)
{
    const uint32_t done = count & ~7u;
    const int16_t constants[] = {1, (int16_t)(8192 >> up), (int16_t)(1 << up), 63, 16384};
    mote_s3_activate(x, y, count / 8, curve, down, constants);
    mote_activate(x + done, y + done, count - done, curve, up, down);
}

static int in_vectors(const mote_attention_head *a, uint32_t columns)
{
    return !a->wide && a->width % columns == 0 && a->stride % columns == 0;
}

static void attention_scores(const mote_attention_head *a)
{
    (in_vectors(a, a->width == 8 ? 8 : 16) ? mote_s3_attention_scores : mote_attention_scores)(a);
}

static void attention_mix(const mote_attention_head *a)
{
    (in_vectors(a, 8) ? mote_s3_attention_mix : mote_attention_mix)(a);
}

/* Pads the last vector with the lowest score and subtracts the weights of the padding from the sum. */
static void softmax(int16_t *scores, uint32_t count)
{
    const uint32_t vectors = (count + 7) / 8, filling = 8 * vectors - count;
    int16_t constants[] = {0, 5679, (int16_t)47274, 31, 2047, 2048, 1};
    for (uint32_t i = 0; i < filling; i++)
        scores[count + i] = INT16_MIN;
    uint32_t n, sum = mote_s3_softmax_weights(scores, vectors, constants);
    const uint32_t inverse = mote_softmax_inverse(sum - filling * mote_attention_weight(constants[0], INT16_MIN), &n);
    const uint16_t factors[] = {(uint16_t)inverse, 1 << 15, (uint16_t)(1u << n)};
    if (inverse < 65536)
        mote_s3_softmax_share(scores, vectors, factors, 16 + n);
    else
        mote_softmax_share(scores, count, inverse, n);
}

const mote_kernels mote_esp32s3_kernels = {
    MOTE_PORTABLE_ENTRIES,
    .name = "esp32s3",
    MOTE_GEMV(ROWS, I16, gemv_rows_int16),
    MOTE_GEMV(ROWS, I8, gemv_rows_int8),
    MOTE_GEMV(ROWS, I4, gemv_rows_int4),
    MOTE_GEMV(ROWS, TERNARY2, gemv_rows_ternary2),
    MOTE_GEMV(ROWS, BINARY, gemv_rows_binary),
    MOTE_GEMV(LANES16, I8, mote_s3_gemv_lanes16_int8),
    MOTE_GEMV(LANES16, TERNARY2, mote_s3_gemv_lanes16_ternary2),
    MOTE_GEMV(TILES16, I8, mote_s3_gemv_tiles16_int8),
    MOTE_GEMV(TILES16, TERNARY2, mote_s3_gemv_tiles16_ternary2),
    MOTE_GEMV(BLOCKS16, I8, mote_s3_gemv_blocks16_int8),
    MOTE_GEMV(BLOCKS16, TERNARY2, mote_s3_gemv_blocks16_ternary2),
    .gru_gates = MOTE_IF_OPERATOR(GRU, gru_gates),
    .add = MOTE_IF_OPERATOR(ADD, add),
    .argmax = argmax,
    .mul = MOTE_IF_NORM(MUL, mul),
    .quantize = MOTE_IF_OPERATOR(QUANTIZE, quantize),
    .peak = MOTE_IF_OPERATOR(QUANTIZE, peak),
    .rescale = MOTE_IF_NORM(QUANTIZE, rescale),
    MOTE_ACTIVATION_KERNEL(activate),
    MOTE_ATTENTION_KERNELS(attention_scores, softmax, attention_mix),
};

#endif
