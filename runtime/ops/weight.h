/* Unpacks the weights of a row of any type. The GEMV kernels of some types have faster ways. */
#ifndef MOTE_RUNTIME_WEIGHT_H
#define MOTE_RUNTIME_WEIGHT_H

#include "../format.h"

typedef struct mote_row {
    const uint8_t *data;
    uint32_t columns, dtype;
    uint32_t fraction; /* fraction bits for F16: MOTE_PRODUCT_FRACTION */
} mote_row;

#define MOTE_UNPACKED 16u

/* Unpacks the next weights from `column` on, a multiple of MOTE_UNPACKED, and returns their number, at most
 * MOTE_UNPACKED. The type must be a type of weights and in MOTE_TYPES. */
uint32_t mote_unpack(const mote_row *row, uint32_t column, int16_t w[MOTE_UNPACKED]);

/* Returns 1 for the integer types of weights. */
static inline int mote_is_integer_weight(mote_dtype dtype)
{
    const uint32_t types = 1u << MOTE_I16 | 1u << MOTE_I8 | 1u << MOTE_I6 | 1u << MOTE_I5 | 1u << MOTE_I4 |
                           1u << MOTE_TERNARY2 | 1u << MOTE_TERNARY5 | 1u << MOTE_BINARY;
    return (types >> dtype) & 1;
}

/* Returns 1 for the types of weights. */
static inline int mote_is_weight(mote_dtype dtype)
{
    return mote_is_integer_weight(dtype) || dtype == MOTE_F16;
}

/* Returns 1 for a type of weights that this build leaves out. */
int mote_type_is_left_out(mote_dtype dtype);

#endif
