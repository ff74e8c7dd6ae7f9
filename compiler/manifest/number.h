/* Numbers of any stored type as doubles. */
#ifndef MOTE_COMPILER_NUMBER_H
#define MOTE_COMPILER_NUMBER_H

#include "compiler/manifest/array.h"

/* Returns number i of `data`, which has kind and size of the array's form. */
double mote_array_number(const mote_array *form, const uint8_t *data, size_t i);

/* Returns the range of a type of inputs and outputs, exactly. False for other types. */
bool mote_dtype_limits(mote_dtype dtype, double *least, double *most);
size_t mote_dtype_bytes(mote_dtype dtype); /* of one value of such a type */

/* Read and write value i. `value` is whole, unless the type is F32, and within the limits. */
double mote_dtype_get(mote_dtype dtype, const void *data, size_t i);
void mote_dtype_put(mote_dtype dtype, void *data, size_t i, double value);

#endif
