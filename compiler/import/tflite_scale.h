/* The integer parameters that TensorFlow Lite Micro's reference kernels derive from scales, to the bit. */
#ifndef MOTE_COMPILER_IMPORT_TFLITE_SCALE_H
#define MOTE_COMPILER_IMPORT_TFLITE_SCALE_H

#include "compiler/import/tflite_model.h"

typedef struct mote_factor { /* multiplier · 2^(shift − 31) */
    int32_t multiplier, shift;
} mote_factor;

/* Fused activations, by their numbers in the file. */
typedef enum mote_tflite_activation {
    MOTE_TFLITE_NONE,
    MOTE_TFLITE_ACT_RELU,
    MOTE_TFLITE_ACT_RELU_N1_TO_1,
    MOTE_TFLITE_ACT_RELU6,
} mote_tflite_activation;

mote_factor mote_tflite_factor(double real);
/* The factor of a mean over `count` values. */
mote_factor mote_tflite_mean_factor(double real, uint32_t count);
/* The factor of a softmax over int8, and the least difference from the largest value that counts. */
mote_factor mote_tflite_softmax_factor(double beta, double scale, int32_t *least);

/* Sets the limits of a fused activation in the units of `y`. */
void mote_tflite_limits(const mote_tflite_tensor *y, int64_t activation, int32_t *low, int32_t *high);

#endif
