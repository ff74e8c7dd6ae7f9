/* The whole porting surface: what a chip may do in its own way, as long as the bytes are the same.
 * A new chip adds one folder with a table like this and one line in kernels.c; an entry it has nothing better for
 * is the portable function. */
#ifndef MOTE_RUNTIME_KERNELS_H
#define MOTE_RUNTIME_KERNELS_H

#include <stddef.h>

#include "format.h"

/* What a build contains; a file that needs more is refused with MOTE_NO_KERNEL. For firmware with one model:
 *
 *     -DMOTE_TYPES="1<<MOTE_I8|1<<MOTE_TERNARY2"    only these types of weights; all by default
 *     -DMOTE_ONLY_ROWS                              no layout but rows */
#ifndef MOTE_TYPES
#define MOTE_TYPES ~0
#endif
#define MOTE_KERNEL(type, kernel) [MOTE_##type] = ((MOTE_TYPES) >> MOTE_##type) & 1 ? (kernel) : NULL
#ifdef MOTE_ONLY_ROWS
#define MOTE_LANES16_KERNELS(int8, ternary2) [MOTE_LANES16] = {NULL}
#define MOTE_TILES16_KERNELS(int8, ternary2) [MOTE_TILES16] = {NULL}
#else
#define MOTE_LANES16_KERNELS(int8, ternary2) [MOTE_LANES16] = {MOTE_KERNEL(I8, int8), MOTE_KERNEL(TERNARY2, ternary2)}
#define MOTE_TILES16_KERNELS(int8, ternary2) [MOTE_TILES16] = {MOTE_KERNEL(I8, int8), MOTE_KERNEL(TERNARY2, ternary2)}
#endif

/* A matrix-vector product with its requantisation: y[r] = requantise(Σ_c weights[r][c]·x[c] + bias[r]). */
typedef struct mote_gemv {
    const uint8_t *weights;    /* [rows][columns] as dtype and layout say, 16-byte aligned */
    const int8_t *x;           /* [columns], 16-byte aligned, readable up to the next multiple of 16 */
    const int32_t *bias;       /* [rows] or NULL */
    const int16_t *multiplier; /* [rows], each 0..32767, 16-byte aligned, or NULL */
    void *y;                   /* int16_t[rows], or int8_t[rows] when narrow; overlaps no operand; 16-byte aligned, the
                                  rest of the last 16 bytes may be overwritten */
    uint32_t rows, columns;
    int32_t shift, gain; /* MOTE_PARAM_SHIFT, MOTE_PARAM_GAIN */
    uint32_t narrow;
} mote_gemv;

typedef struct mote_kernels {
    const char *name;
    void (*gemv[MOTE_LAYOUT_COUNT][MOTE_DTYPE_COUNT])(
        const mote_gemv *g); /* of the weights; NULL where there is none */
    /* One step of a GRU of d units after both products. gx, gh: [3d] in gate order r, z, n, Q10; h: [d], Q14, replaced;
     * h8: [d], scale 1/128, replaced. Defined in ops/gru.c. */
    void (*gru_gates)(const int16_t *gx, const int16_t *gh, int16_t *h, int8_t *h8, uint32_t d);
    /* y[i] = clamp(a[i] + b[i]): int8 in -127..127 when narrow, else int16. [count], 16-byte aligned; y overlaps
     * neither. */
    void (*add)(const void *a, const void *b, void *y, uint32_t count, uint32_t narrow);
    /* The lowest of the indices with the highest score, `excluded` apart unless it is the only one. scores: [count],
     * 16-byte aligned; count from 1. */
    uint32_t (*argmax)(const int16_t *scores, uint32_t count, uint32_t excluded);
} mote_kernels;

extern const mote_kernels mote_portable_kernels;

/* Of the sets built in, those this processor runs: the best, and all of them, portable first, NULL past the last. */
const mote_kernels *mote_best_kernels(void);
const mote_kernels *mote_kernels_at(uint32_t index);

void mote_gemv_int8(const mote_gemv *g);
void mote_gemv_int16(const mote_gemv *g);
void mote_gemv_int4(const mote_gemv *g);
void mote_gemv_ternary2(const mote_gemv *g);
void mote_gemv_ternary5(const mote_gemv *g);
void mote_gemv_binary(const mote_gemv *g);
void mote_gemv_lanes16_int8(const mote_gemv *g);
void mote_gemv_lanes16_ternary2(const mote_gemv *g);
void mote_gemv_tiles16_int8(const mote_gemv *g);
void mote_gemv_tiles16_ternary2(const mote_gemv *g);
void mote_gru_gates(const int16_t *gx, const int16_t *gh, int16_t *h, int8_t *h8, uint32_t d);
void mote_saturating_add(const void *a, const void *b, void *y, uint32_t count, uint32_t narrow);
uint32_t mote_argmax(const int16_t *scores, uint32_t count, uint32_t excluded);

#endif
