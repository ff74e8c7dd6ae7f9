/* Quantization of float matrices. The training loop and `mote quantize` both use it, so that the packed weights equal
 * the ones in training. */
#ifndef MOTE_COMPILER_SCHEME_H
#define MOTE_COMPILER_SCHEME_H

#include <stdbool.h>

#include "runtime/format.h"

typedef enum mote_scheme {
    MOTE_SCHEME_FLOAT,
    MOTE_SCHEME_INT8,    /* round(w / s) in -127..127, s = max|w| / 127 */
    MOTE_SCHEME_TERNARY, /* -1, 0, +1 by a threshold on |w|; the least-squares scale */
    MOTE_SCHEME_SIGN,    /* sign(w)·mean|w|: binary weights */
    MOTE_SCHEME_INT4,    /* round(w / s) in -7..7, s = max|w| / 7 */
    MOTE_SCHEME_INT16,   /* round(w / s) in -32767..32767: mote_quantize_int16 */
    MOTE_SCHEME_INT5,    /* round(w / s) in -15..15, s = max|w| / 15 */
    MOTE_SCHEME_INT6,    /* round(w / s) in -31..31, s = max|w| / 31 */
    MOTE_SCHEME_FP16,    /* the nearest half-precision number; no scale */
    MOTE_SCHEME_COUNT
} mote_scheme;

/* Returns the scheme of the quantizer of a constant (mote_tensor); MOTE_SCHEME_FLOAT for types that training does not
 * support. */
mote_scheme mote_scheme_of(mote_dtype quantizer);

/* Returns the largest code: codes are -top..top. 0 for schemes without codes (float, fp16). */
int mote_scheme_top(mote_scheme scheme);

bool mote_granularity_is_pow2(mote_granularity granularity); /* true if scales are powers of two */
bool mote_granularity_is_row(mote_granularity granularity);  /* true if each row has its own scale */

/* Quantizes `weights` [rows, columns], by a scheme whose codes fit in 8 bits, to `codes` of the same shape and one
 * scale per row: w ≈ scale[row] · code. All scales are equal when the granularity is per tensor, and exact powers of
 * two when it is a pow2 granularity. */
void mote_quantize_matrix(mote_scheme scheme, mote_granularity granularity, const float *weights, uint32_t rows,
                          uint32_t columns, int8_t *codes, float *scales);

/* Quantizes like mote_quantize_matrix, by MOTE_SCHEME_INT16, which training does not support. s = max|w| / 32767, or
 * larger if Σ|code| of a row would exceed `room`: see mote_recipe. */
void mote_quantize_int16(mote_granularity granularity, uint32_t room, const float *weights, uint32_t rows,
                         uint32_t columns, int16_t *codes, float *scales);

#endif
