/* The conversions of ONNX operators, and what they share. */
#ifndef MOTE_COMPILER_IMPORT_ONNX_RULES_H
#define MOTE_COMPILER_IMPORT_ONNX_RULES_H

#include "compiler/import/onnx_import.h"

/* Each converts p->node, whose operator is one of those that the table names beside it. */
bool mote_onnx_op_same(mote_onnx_import *p), mote_onnx_op_cast(mote_onnx_import *p),
    mote_onnx_op_dropout(mote_onnx_import *p), mote_onnx_op_unary(mote_onnx_import *p),
    mote_onnx_op_clip(mote_onnx_import *p), mote_onnx_op_power(mote_onnx_import *p),
    mote_onnx_op_binary(mote_onnx_import *p), mote_onnx_op_conv(mote_onnx_import *p),
    mote_onnx_op_pool(mote_onnx_import *p), mote_onnx_op_resize(mote_onnx_import *p),
    mote_onnx_op_global_pool(mote_onnx_import *p), mote_onnx_op_reduce(mote_onnx_import *p),
    mote_onnx_op_softmax(mote_onnx_import *p), mote_onnx_op_gemm(mote_onnx_import *p),
    mote_onnx_op_matmul(mote_onnx_import *p), mote_onnx_op_concat(mote_onnx_import *p),
    mote_onnx_op_transpose(mote_onnx_import *p), mote_onnx_op_reshape(mote_onnx_import *p),
    mote_onnx_op_flatten(mote_onnx_import *p), mote_onnx_op_squeeze(mote_onnx_import *p),
    mote_onnx_op_slice(mote_onnx_import *p), mote_onnx_op_split(mote_onnx_import *p),
    mote_onnx_op_gather(mote_onnx_import *p), mote_onnx_op_batch_norm(mote_onnx_import *p),
    mote_onnx_op_layer_norm(mote_onnx_import *p), mote_onnx_op_conv_transpose(mote_onnx_import *p),
    mote_onnx_op_upsample(mote_onnx_import *p), mote_onnx_op_gelu(mote_onnx_import *p),
    mote_onnx_op_prelu(mote_onnx_import *p), mote_onnx_op_pad(mote_onnx_import *p),
    mote_onnx_op_depth(mote_onnx_import *p);

/* Computes the node if its inputs are constants, or if it asks for a shape: true, with the result *done, if it did. */
bool mote_onnx_fold(mote_onnx_import *p, bool *done);
bool mote_onnx_can_fold(const char *name);

int32_t mote_onnx_bits(float value); /* as a parameter of kind REAL */

/* Returns input 0 if it is computed; NULL after a refusal, whose result is *done. */
const mote_onnx_value *mote_onnx_computed(mote_onnx_import *p, bool *done);
/* Makes a tensor with the shape and the order of x output 0. */
bool mote_onnx_finish_like(mote_onnx_import *p, const mote_onnx_value *x, int tensor);
/* Adds a vector of `count` values of input i, of zeros if it is absent. Returns −1 after a failure. */
int mote_onnx_vector(mote_onnx_import *p, size_t i, int64_t count);

#endif
