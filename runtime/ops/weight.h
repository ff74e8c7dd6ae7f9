/* One weight of a row, whatever its type. The matrix products unpack many at once instead. */
#ifndef MOTE_RUNTIME_WEIGHT_H
#define MOTE_RUNTIME_WEIGHT_H

#include "../format.h"

/* 1 for the types whose weights are integers. */
int mote_is_integer_weight(mote_dtype dtype);

/* Of a row of `columns` weights of an integer type. */
int32_t mote_weight(mote_dtype dtype, const uint8_t *row, uint32_t columns, uint32_t column);

#endif
