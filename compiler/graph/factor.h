/* Real factors as integers, as TensorFlow Lite derives them from scales, to the bit. */
#ifndef MOTE_COMPILER_FACTOR_H
#define MOTE_COMPILER_FACTOR_H

#include <stdint.h>

typedef struct mote_factor { /* multiplier · 2^(shift − 31) */
    int32_t multiplier, shift;
} mote_factor;

mote_factor mote_factor_of(double real);
/* The factor of a mean over `count` values. */
mote_factor mote_factor_of_mean(double real, uint32_t count);
/* The factor of a softmax over int8, and the least difference from the largest value that counts. */
mote_factor mote_factor_of_softmax(double beta, double scale, int32_t *least);

#endif
