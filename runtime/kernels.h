/* The kernels: the functions that a chip may replace by its own, as long as the output is the same byte for byte.
 * Nothing else needs porting. A new chip adds one folder with a table of kernels and one line in built_in.c. Its table
 * begins with the portable entries; the chip's own entries follow. */
#ifndef MOTE_RUNTIME_KERNELS_H
#define MOTE_RUNTIME_KERNELS_H

#include <stddef.h>

#include "attention.h"
#include "format.h"
#include "ops/segment.h"

/* Parts that a build contains, by default all. mote_open refuses a file that needs a missing part with MOTE_NO_KERNEL.
 * Firmware with one model may define:
 *
 *     -DMOTE_TYPES="1<<MOTE_I8|1<<MOTE_TERNARY2"        types of weights
 *     -DMOTE_LAYOUTS="1<<MOTE_ROWS|1<<MOTE_LANES16"     layouts of the weights of products
 *     -DMOTE_ONLY_OPERATORS -DMOTE_WITH_LINEAR ...      operators: those named, by their ID in operators.def
 *     -DMOTE_TOKENIZERS="1<<MOTE_TOKENIZER_BYTES"       kinds of tokenizers; with BPE also WORDS, if the tokenizer cuts
 *                                                       words as GPT-2 does: a table of 1.8 KB
 *     -DMOTE_ONLY_PLAIN                                 no product of int16 inputs or with factors of groups */
/* 1 for a name that -D defined as 1, else 0: the expansion of 1 adds an argument, which shifts 1 to the second place.
 */
#define MOTE_IS_DEFINED(name)           MOTE_IS_DEFINED_AS(name)
#define MOTE_IS_DEFINED_AS(value)       MOTE_SECOND_OF(MOTE_COMMA_##value 1, 0, 0)
#define MOTE_SECOND_OF(...)             MOTE_SECOND_ARGUMENT(__VA_ARGS__)
#define MOTE_SECOND_ARGUMENT(a, b, ...) b
#define MOTE_COMMA_1                    0,
#ifndef MOTE_TYPES
#define MOTE_TYPES ~0
#endif
#ifndef MOTE_LAYOUTS
#define MOTE_LAYOUTS ~0
#endif
#ifdef MOTE_ONLY_OPERATORS
#define MOTE_HAS_OPERATOR(ID) MOTE_IS_DEFINED(MOTE_WITH_##ID)
#else
#define MOTE_HAS_OPERATOR(ID) 1
#endif
#ifndef MOTE_TOKENIZERS
#define MOTE_TOKENIZERS ~0
#endif
#ifdef MOTE_ONLY_PLAIN
#define MOTE_HAS_GENERAL 0
#else
#define MOTE_HAS_GENERAL MOTE_HAS_LAYOUT(ROWS)
#endif
#define MOTE_HAS_TYPE(type)     (((MOTE_TYPES) >> MOTE_##type) & 1)
#define MOTE_HAS_LAYOUT(its)    (((MOTE_LAYOUTS) >> MOTE_##its) & 1)
#define MOTE_HAS_TOKENIZER(its) (((MOTE_TOKENIZERS) >> MOTE_TOKENIZER_##its) & 1)

/* 1 if the tensor record has this layout; always 0 in builds without the layout. */
#define MOTE_LIES_IN(tensor, its) (MOTE_HAS_LAYOUT(its) && (tensor)->layout == MOTE_##its)

/* Entries of tables, NULL for parts that the build leaves out. */
#define MOTE_IF_OPERATOR(opcode, what) (MOTE_HAS_OPERATOR(opcode) ? (what) : NULL)
#define MOTE_IF_NORM(opcode, what)                                                                                     \
    (MOTE_HAS_OPERATOR(opcode) || MOTE_HAS_OPERATOR(RMSNORM) || MOTE_HAS_OPERATOR(LAYERNORM) ? (what) : NULL)
#define MOTE_IF_TYPE(type, what) [MOTE_##type] = MOTE_HAS_TYPE(type) ? (what) : NULL
#define MOTE_GEMV(its, type, what)                                                                                     \
    .gemv[MOTE_##its][MOTE_##type] = MOTE_HAS_LAYOUT(its) && MOTE_HAS_TYPE(type) ? (what) : NULL
#define MOTE_GENERAL(kernel) (MOTE_HAS_GENERAL ? (kernel) : NULL)

/* Conversion of the accumulators of a product to its outputs, row by row: y = requantize(accumulator + bias), as
 * defined in runtime/requantize.h. */
typedef struct mote_requantization {
    const int32_t *bias;       /* [rows] or NULL */
    const int16_t *multiplier; /* [rows], each 0..32767, 16-byte aligned; NULL if the factor is a power of two */
    void *y;                   /* int16_t[rows], or int8_t[rows] if narrow; overlaps no operand; 16-byte aligned, the
                                  rest of the last 16 bytes may be overwritten */
    int32_t shift, gain;       /* MOTE_PRODUCT_SHIFT, MOTE_PRODUCT_GAIN */
    uint32_t narrow;           /* 1 for int8 outputs, 0 for int16 */
} mote_requantization;

/* A matrix-vector product: accumulator[r] = Σ_c factor·weights[r][c]·x[c], where factor is that of row r and the group
 * of columns that contains c, or 1 without groups. */
typedef struct mote_gemv {
    const uint8_t *weights; /* [rows][columns] in the format of dtype and layout, 16-byte aligned */
    const int8_t *x;        /* [columns], 16-byte aligned, readable up to the next multiple of 16 */
    uint32_t rows, columns;
    mote_requantization out;
    const int16_t *wide;  /* [columns], int16 inputs in place of x, or NULL; aligned like x */
    const int8_t *groups; /* factors [rows][mote_groups_of(columns, group)], each 1..127, or NULL */
    uint32_t group;       /* number of columns that share a factor, a multiple of 16 */
    uint32_t dtype;       /* type of the weights */
    uint32_t fraction;    /* fraction bits of F16 weights: MOTE_PRODUCT_FRACTION */
} mote_gemv;

static inline uint32_t mote_groups_of(uint32_t columns, uint32_t group)
{
    return columns / group + (columns % group != 0);
}

/* A table of kernels. An entry is NULL only in builds that leave out the parts that need it. */
typedef struct mote_kernels {
    const char *name;
    void (*gemv[MOTE_LAYOUT_COUNT][MOTE_DTYPE_COUNT])(
        const mote_gemv *g);             /* product without `wide` and `groups`, by layout and type of the weights */
    void (*general)(const mote_gemv *g); /* any product of weights in MOTE_ROWS */
    /* Returns the lowest index of the highest score. Skips index `excluded` unless count is 1. scores: [count], 16-byte
     * aligned; count: at least 1. */
    uint32_t (*argmax)(const int16_t *scores, uint32_t count, uint32_t excluded);
    /* Computes one step of a GRU of d units after both products. gx, gh: [3d] in gate order r, z, n, Q10; h: [d], Q14,
     * updated; h8: [d], scale 1/128, updated. Defined in ops/gru.c. */
    void (*gru_gates)(const int16_t *gx, const int16_t *gh, int16_t *h, int8_t *h8, uint32_t d);
    /* y[i] = clamp(a[i] + b[i]): int8 in -127..127 if narrow, else int16. Vectors: [count], 16-byte aligned; y overlaps
     * neither a nor b. */
    void (*add)(const void *a, const void *b, void *y, uint32_t count, uint32_t narrow);
    /* In the entries below vectors are 16-byte aligned and y overlaps no operand unless stated otherwise.
     * round(v, s) = ⌊v / 2^s + 1/2⌋; shifts are 0..30. */
    /* y[i] = clamp16(round(a[i]·b[i], shift)); y may be a. */
    void (*mul)(const int16_t *a, const int16_t *b, int16_t *y, uint32_t count, uint32_t shift);
    /* y[i] = clamp8(round(x[i]·step, shift)); step: 1..32767. */
    void (*quantize)(const int16_t *x, int8_t *y, uint32_t count, int32_t step, uint32_t shift);
    uint32_t (*peak)(const int16_t *x, uint32_t count); /* returns the largest |x[i]|: 0..32768 */
    /* y[i] = clamp16(round(y[i]·mantissa, shift)) in place; mantissa: 0..32767, shift: 0..31. */
    void (*rescale)(int16_t *y, uint32_t count, int32_t mantissa, uint32_t shift);
    /* y[i] = round(x[i]·(2^14 ± t), 15), where ± is the sign of x[i] and t is the value of `curve`, in Q15, at
     * min(|⌊x[i] / 2^down⌋|·2^up, 8192); up: 0..7, down: 0..4. Defined in ops/curve.c. */
    void (*activate)(const int16_t *x, int16_t *y, uint32_t count, const mote_segment *curve, uint32_t up,
                     uint32_t down);
    /* The steps of one head of an attention: attention.h. */
    void (*attention_scores)(const mote_attention_head *a);
    void (*softmax)(int16_t *scores, uint32_t count);
    void (*attention_mix)(const mote_attention_head *a);
} mote_kernels;

#define MOTE_ACTIVATION_KERNEL(what) .activate = MOTE_HAS_OPERATOR(SILU) || MOTE_HAS_OPERATOR(GELU) ? (what) : NULL
#define MOTE_ATTENTION_KERNELS(scores, weights, mix)                                                                   \
    .attention_scores = MOTE_IF_OPERATOR(ATTENTION, scores), .softmax = MOTE_IF_OPERATOR(ATTENTION, weights),          \
    .attention_mix = MOTE_IF_OPERATOR(ATTENTION, mix)

extern const mote_kernels mote_portable_kernels;

/* The portable entries, with which every table begins. A chip's own entries follow and override them, so that a program
 * links only the kernels in use. */
#define MOTE_PORTABLE_ENTRIES                                                                                          \
    MOTE_GEMV(ROWS, I16, mote_gemv_int16), MOTE_GEMV(ROWS, I8, mote_gemv_int8), MOTE_GEMV(ROWS, I6, mote_gemv_int6),   \
        MOTE_GEMV(ROWS, I5, mote_gemv_int5), MOTE_GEMV(ROWS, I4, mote_gemv_int4),                                      \
        MOTE_GEMV(ROWS, TERNARY2, mote_gemv_ternary2), MOTE_GEMV(ROWS, TERNARY5, mote_gemv_ternary5),                  \
        MOTE_GEMV(ROWS, BINARY, mote_gemv_binary), MOTE_GEMV(ROWS, F16, mote_gemv_general),                            \
        MOTE_GEMV(LANES16, I8, mote_gemv_lanes16_int8), MOTE_GEMV(LANES16, TERNARY2, mote_gemv_lanes16_ternary2),      \
        MOTE_GEMV(TILES16, I8, mote_gemv_tiles16_int8), MOTE_GEMV(TILES16, TERNARY2, mote_gemv_tiles16_ternary2),      \
        MOTE_GEMV(BLOCKS16, I8, mote_gemv_blocks16_int8), MOTE_GEMV(BLOCKS16, TERNARY2, mote_gemv_blocks16_ternary2),  \
        .general = MOTE_GENERAL(mote_gemv_general), .gru_gates = MOTE_IF_OPERATOR(GRU, mote_gru_gates),                \
        .add = MOTE_IF_OPERATOR(ADD, mote_saturating_add), .argmax = mote_argmax,                                      \
        .mul = MOTE_IF_NORM(MUL, mote_multiply), .quantize = MOTE_IF_OPERATOR(QUANTIZE, mote_quantize),                \
        .peak = MOTE_IF_OPERATOR(QUANTIZE, mote_peak), .rescale = MOTE_IF_NORM(QUANTIZE, mote_rescale),                \
        MOTE_ACTIVATION_KERNEL(mote_activate),                                                                         \
        MOTE_ATTENTION_KERNELS(mote_attention_scores, mote_softmax, mote_attention_mix)
#pragma GCC diagnostic ignored "-Woverride-init"

const mote_kernels *mote_best_kernels(void); /* returns the fastest built-in table that this processor can run */

/* Returns table `index` of those that this processor can run: 0 is the portable one; NULL past the last. */
const mote_kernels *mote_kernels_at(uint32_t index);

void mote_gemv_int8(const mote_gemv *g);
void mote_gemv_int16(const mote_gemv *g);
void mote_gemv_int4(const mote_gemv *g);
void mote_gemv_int5(const mote_gemv *g);
void mote_gemv_int6(const mote_gemv *g);
void mote_gemv_ternary2(const mote_gemv *g);
void mote_gemv_ternary5(const mote_gemv *g);
void mote_gemv_binary(const mote_gemv *g);
void mote_gemv_general(const mote_gemv *g);
void mote_gemv_lanes16_int8(const mote_gemv *g);
void mote_gemv_lanes16_ternary2(const mote_gemv *g);
void mote_gemv_tiles16_int8(const mote_gemv *g);
void mote_gemv_tiles16_ternary2(const mote_gemv *g);
void mote_gemv_blocks16_int8(const mote_gemv *g);
void mote_gemv_blocks16_ternary2(const mote_gemv *g);
void mote_gru_gates(const int16_t *gx, const int16_t *gh, int16_t *h, int8_t *h8, uint32_t d);
void mote_saturating_add(const void *a, const void *b, void *y, uint32_t count, uint32_t narrow);
uint32_t mote_argmax(const int16_t *scores, uint32_t count, uint32_t excluded);
void mote_multiply(const int16_t *a, const int16_t *b, int16_t *y, uint32_t count, uint32_t shift);
void mote_quantize(const int16_t *x, int8_t *y, uint32_t count, int32_t step, uint32_t shift);
uint32_t mote_peak(const int16_t *x, uint32_t count);
void mote_rescale(int16_t *y, uint32_t count, int32_t mantissa, uint32_t shift);
void mote_activate(const int16_t *x, int16_t *y, uint32_t count, const mote_segment *curve, uint32_t up, uint32_t down);

#endif
