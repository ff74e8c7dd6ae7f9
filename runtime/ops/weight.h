/* The weights of a row, whatever their type. The matrix products of some types have faster ways. */
#ifndef MOTE_RUNTIME_WEIGHT_H
#define MOTE_RUNTIME_WEIGHT_H

#include "../format.h"

typedef struct mote_row {
    const uint8_t *data;
    uint32_t columns, dtype;
    uint32_t fraction; /* of F16: MOTE_PRODUCT_FRACTION */
} mote_row;

#define MOTE_UNPACKED 16u

/* w[0..n-1] = the weights from `column`, a multiple of MOTE_UNPACKED, on; n, at most that many, is returned. The type
 * is one of weights, and in MOTE_TYPES. */
uint32_t mote_unpack(const mote_row *row, uint32_t column, int16_t w[MOTE_UNPACKED]);

/* 1 for the types of weights: all, and those that are integers. */
static inline int mote_is_integer_weight(mote_dtype dtype)
{
    const uint32_t types = 1u << MOTE_I16 | 1u << MOTE_I8 | 1u << MOTE_I6 | 1u << MOTE_I5 | 1u << MOTE_I4 |
                           1u << MOTE_TERNARY2 | 1u << MOTE_TERNARY5 | 1u << MOTE_BINARY;
    return (types >> dtype) & 1;
}

static inline int mote_is_weight(mote_dtype dtype)
{
    return mote_is_integer_weight(dtype) || dtype == MOTE_F16;
}

/* 1 for a type of weights that this build has not. */
int mote_type_is_left_out(mote_dtype dtype);

#endif
