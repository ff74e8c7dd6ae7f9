/* Arithmetic of the operators with zero points (docs/SPEC.md): real = scale · (stored − zero point). */
#ifndef MOTE_RUNTIME_AFFINE_H
#define MOTE_RUNTIME_AFFINE_H

#include "ops.h"

/* Returns v · multiplier · 2^(shift − 31), rounded. multiplier: not negative; shift: −31..30. rounding: 0 rounds twice,
 * 1 once. A product that leaves 32 bits wraps. */
int32_t mote_scaled(int32_t v, int32_t multiplier, int32_t shift, int32_t rounding);
/* Returns v / 2^e rounded to nearest, halves away from zero. */
int32_t mote_halved(int32_t v, uint32_t e);
/* mote_scaled for |v| < 2^47, with 16 bits of the multiplier and one rounding. */
int32_t mote_scaled_wide(int64_t v, int32_t multiplier, int32_t shift);

/* The end of an operator: parameters of ENDING_PARAMS, and the zero point of the result. */
typedef struct mote_ending {
    int32_t zero, low, high, rounding;
} mote_ending;

mote_ending mote_ending_of(const mote_session *s, uint32_t result, const int32_t *params);

static inline int32_t mote_ended(const mote_ending *e, int32_t v)
{
    const int64_t sum = (int64_t)v + e->zero;
    return sum < e->low ? e->low : sum > e->high ? e->high : (int32_t)sum;
}

static inline int32_t mote_value_at(const void *data, uint32_t type, size_t i)
{
    switch (type) {
    case MOTE_I8:
        return ((const int8_t *)data)[i];
    case MOTE_U8:
        return ((const uint8_t *)data)[i];
    case MOTE_I16:
        return ((const int16_t *)data)[i];
    default:
        return ((const int32_t *)data)[i];
    }
}

static inline void mote_value_put(void *data, uint32_t type, size_t i, int32_t v)
{
    switch (type) {
    case MOTE_I8:
        ((int8_t *)data)[i] = (int8_t)v;
        break;
    case MOTE_U8:
        ((uint8_t *)data)[i] = (uint8_t)v;
        break;
    case MOTE_I16:
        ((int16_t *)data)[i] = (int16_t)v;
        break;
    default:
        ((int32_t *)data)[i] = v;
    }
}

/* Types as bits of a mask. */
#define MOTE_BYTES  (1u << MOTE_I8 | 1u << MOTE_U8)
#define MOTE_AFFINE (MOTE_BYTES | 1u << MOTE_I16)
#define MOTE_NARROW (1u << MOTE_I8 | 1u << MOTE_I16)
#define MOTE_WHOLE  (MOTE_AFFINE | 1u << MOTE_I32)

uint32_t mote_type_bytes(uint32_t type); /* of one value of a type of MOTE_WHOLE or u16 */
uint32_t mote_count_of(const mote_tensor_record *t);

int mote_values_fit(const mote_model *m, uint32_t tensor, uint32_t types); /* 1 if the type is in the mask and the
                                                                             values have no gaps between them */
/* 1 if also the zero point is in the range of the type, 0 for i16 and i32. */
int mote_affine_fits(const mote_model *m, uint32_t tensor, uint32_t types);
int mote_value_fits(uint32_t type, int32_t v); /* 1 if the type has this value */
int mote_same_shape(const mote_tensor_record *a, const mote_tensor_record *b);
int mote_same_affine(const mote_tensor_record *a, const mote_tensor_record *b); /* type and zero point */

/* 1 if the parameters of a factor or an ending are in range: those of the type of `result`. */
int mote_factor_fits(const int32_t *params);
int mote_ending_fits(const mote_model *m, uint32_t result, const int32_t *params);

#endif
