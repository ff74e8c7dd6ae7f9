/* Imports ONNX files. */
#ifndef MOTE_COMPILER_IMPORT_ONNX_H
#define MOTE_COMPILER_IMPORT_ONNX_H

#include "compiler/graph/graph.h"
#include "compiler/import/options.h"

/* Imports an ONNX file of opset 7 to 21 as a float graph. Its images are channels last; the first dimension of an input
 * is a batch of 1 if it is symbolic. Errors: MOTE_E_FORMAT; MOTE_E_UNSUPPORTED with the operators that are not
 * supported. On failure there is nothing to free. */
bool mote_import_onnx(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error);

#endif
