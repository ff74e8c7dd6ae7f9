/* Imports TensorFlow Lite files. */
#ifndef MOTE_COMPILER_IMPORT_TFLITE_H
#define MOTE_COMPILER_IMPORT_TFLITE_H

#include "compiler/graph/graph.h"
#include "compiler/import/options.h"

/* Imports a TensorFlow Lite file. Int8 and 16x8 files become packed graphs with TensorFlow Lite Micro's arithmetic,
 * float files, also those with weights of float16 or int8, float graphs. A float input or output of an integer file is
 * the integer tensor behind it; metadata "float_inputs" and "float_outputs" list their numbers. Errors: MOTE_E_FORMAT;
 * MOTE_E_UNSUPPORTED with all operators that are not supported. On failure there is nothing to free. */
bool mote_import_tflite(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error);
bool mote_import_tflite_bytes(mote_graph *g, const char *path, const uint8_t *data, size_t size,
                              const mote_import_options *options, mote_error *error);

#endif
