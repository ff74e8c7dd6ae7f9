/* Fused activations as TensorFlow Lite Micro's reference kernels limit them, to the bit. */
#ifndef MOTE_COMPILER_IMPORT_TFLITE_SCALE_H
#define MOTE_COMPILER_IMPORT_TFLITE_SCALE_H

#include "compiler/graph/factor.h"
#include "compiler/import/tflite_model.h"

/* Fused activations, by their numbers in the file. */
typedef enum mote_tflite_activation {
    MOTE_TFLITE_NONE,
    MOTE_TFLITE_ACT_RELU,
    MOTE_TFLITE_ACT_RELU_N1_TO_1,
    MOTE_TFLITE_ACT_RELU6,
} mote_tflite_activation;

/* Sets the limits of a fused activation in the units of `y`. */
void mote_tflite_limits(const mote_tflite_tensor *y, int64_t activation, int32_t *low, int32_t *high);

#endif
