/* Operators that graphs contain and mote quantize does not lower: networks arrive with them in integers, by an import. */
#include "compiler/quantize/lower.h"

static bool refuse(mote_lowering *l, const mote_op *op)
{
    return mote_lowering_refuse(l, op,
                                "it cannot be quantized; a TensorFlow Lite file in integers can be imported with it");
}

const mote_lowering_rule mote_lower_conv = {NULL, refuse};
const mote_lowering_rule mote_lower_conv_transpose = {NULL, refuse};
const mote_lowering_rule mote_lower_max_pool = {NULL, refuse};
const mote_lowering_rule mote_lower_average_pool = {NULL, refuse};
const mote_lowering_rule mote_lower_matmul = {NULL, refuse};
const mote_lowering_rule mote_lower_sub = {NULL, refuse};
const mote_lowering_rule mote_lower_div = {NULL, refuse};
const mote_lowering_rule mote_lower_minimum = {NULL, refuse};
const mote_lowering_rule mote_lower_maximum = {NULL, refuse};
const mote_lowering_rule mote_lower_scaled_add = {NULL, refuse};
const mote_lowering_rule mote_lower_scaled_mul = {NULL, refuse};
const mote_lowering_rule mote_lower_rescale = {NULL, refuse};
const mote_lowering_rule mote_lower_map = {NULL, refuse};
const mote_lowering_rule mote_lower_prelu = {NULL, refuse};
const mote_lowering_rule mote_lower_softmax = {NULL, refuse};
const mote_lowering_rule mote_lower_reduce = {NULL, refuse};
const mote_lowering_rule mote_lower_concat = {NULL, refuse};
const mote_lowering_rule mote_lower_slice = {NULL, refuse};
const mote_lowering_rule mote_lower_pad = {NULL, refuse};
const mote_lowering_rule mote_lower_resize = {NULL, refuse};
const mote_lowering_rule mote_lower_reshape = {NULL, refuse};
const mote_lowering_rule mote_lower_transpose = {NULL, refuse};
const mote_lowering_rule mote_lower_gather = {NULL, refuse};
const mote_lowering_rule mote_lower_argmax = {NULL, refuse};
