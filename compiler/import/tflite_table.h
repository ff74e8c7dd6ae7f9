/* The functions of int8 values that TensorFlow Lite Micro's reference kernels compute in fixed point, as tables. */
#ifndef MOTE_COMPILER_IMPORT_TFLITE_TABLE_H
#define MOTE_COMPILER_IMPORT_TFLITE_TABLE_H

#include "compiler/import/tflite_model.h"

/* Writes the stored results for the stored values 0 to 127 and −128 to −1: LOGISTIC, TANH, HARD_SWISH, ELU. Returns
 * what is not supported, NULL if nothing. */
const char *mote_tflite_table(int code, const mote_tflite_tensor *x, const mote_tflite_tensor *y, int8_t table[256]);

#endif
