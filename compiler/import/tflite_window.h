/* The windows of convolutions and poolings. */
#ifndef MOTE_COMPILER_IMPORT_TFLITE_WINDOW_H
#define MOTE_COMPILER_IMPORT_TFLITE_WINDOW_H

#include "compiler/import/tflite_model.h"

typedef struct mote_tflite_window {
    int32_t kernel[2];                /* rows, columns */
    int stride_field, dilation_field; /* of the columns; that of the rows follows; 0: no dilation */
    const int32_t *pads;              /* of mote_tflite_value */
} mote_tflite_window;

/* Writes the parameters of WINDOW_PARAMS (operators.def) for the image x. Returns false if they are not valid. */
bool mote_tflite_window_params(const mote_tflite_window *w, mote_flat_table *options, const mote_tflite_tensor *x,
                               int32_t *params);

#endif
