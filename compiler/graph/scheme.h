/* How a float matrix becomes integers: the one definition, used by the quantizers in the training loop and by
 * `mote quantize`, so that what was trained is what is packed. */
#ifndef MOTE_COMPILER_SCHEME_H
#define MOTE_COMPILER_SCHEME_H

#include <stdbool.h>

#include "runtime/format.h"

typedef enum mote_scheme {
    MOTE_SCHEME_FLOAT,
    MOTE_SCHEME_INT8,    /* round(w / s) in -127..127, s = max|w| / 127 */
    MOTE_SCHEME_TERNARY, /* -1, 0, +1 by a threshold on |w|; the scale that fits best */
    MOTE_SCHEME_SIGN,    /* sign(w)·mean|w|: binary weights */
    MOTE_SCHEME_INT4,    /* round(w / s) in -7..7, s = max|w| / 7 */
    MOTE_SCHEME_INT16,   /* round(w / s) in -32767..32767: mote_quantize_int16 */
    MOTE_SCHEME_INT5,    /* round(w / s) in -15..15, s = max|w| / 15 */
    MOTE_SCHEME_INT6,    /* round(w / s) in -31..31, s = max|w| / 31 */
    MOTE_SCHEME_FP16,    /* the nearest half-precision number; no scale */
    MOTE_SCHEME_COUNT
} mote_scheme;

/* The scheme of a constant's quantizer (mote_tensor); float where that type is not one to train with. */
mote_scheme mote_scheme_of(mote_dtype quantizer);

/* The largest code: codes are -top..top. 0 where there are no codes (float, fp16). */
int mote_scheme_top(mote_scheme scheme);

/* Whether scales are powers of two, and whether each row has its own. */
bool mote_granularity_is_pow2(mote_granularity granularity);
bool mote_granularity_is_row(mote_granularity granularity);

/* Quantizes `weights` [rows, columns], by a scheme whose codes have 8 bits, to `codes` of the same shape and one scale
 * a row (all equal when the granularity is per tensor; exact powers of two when it says so): w ≈ scale[row] · code. */
void mote_quantize_matrix(mote_scheme scheme, mote_granularity granularity, const float *weights, uint32_t rows,
                          uint32_t columns, int8_t *codes, float *scales);

/* The same for MOTE_SCHEME_INT16, which is not for training. s = max|w| / 32767, or larger where Σ|code| of a row would
 * pass `room`: see mote_recipe. */
void mote_quantize_int16(mote_granularity granularity, uint32_t room, const float *weights, uint32_t rows,
                         uint32_t columns, int16_t *codes, float *scales);

#endif
