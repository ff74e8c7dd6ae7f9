/* Operators whose lowering another file will define: refused until then. */
#include "compiler/quantize/lower.h"

static bool lower(mote_lowering *l, const mote_op *op)
{
    return mote_lowering_refuse(l, op, "has no integer form");
}

__attribute__((weak)) const mote_lowering_rule mote_lower_conv = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_conv_transpose = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_max_pool = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_average_pool = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_matmul = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_sub = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_div = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_minimum = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_maximum = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_scaled_add = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_scaled_mul = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_rescale = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_map = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_prelu = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_softmax = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_reduce = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_concat = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_slice = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_pad = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_resize = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_reshape = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_transpose = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_gather = {NULL, lower};
__attribute__((weak)) const mote_lowering_rule mote_lower_argmax = {NULL, lower};
