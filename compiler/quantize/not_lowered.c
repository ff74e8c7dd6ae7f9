/* Operators of float graphs without a rule: mote_graph_can_lower names them. Networks arrive with them in integers by
 * an import. */
#include "compiler/quantize/lower.h"

const mote_lowering_rule mote_lower_conv = {NULL, NULL};
const mote_lowering_rule mote_lower_conv_transpose = {NULL, NULL};
const mote_lowering_rule mote_lower_max_pool = {NULL, NULL};
const mote_lowering_rule mote_lower_average_pool = {NULL, NULL};
const mote_lowering_rule mote_lower_matmul = {NULL, NULL};
const mote_lowering_rule mote_lower_sub = {NULL, NULL};
const mote_lowering_rule mote_lower_div = {NULL, NULL};
const mote_lowering_rule mote_lower_minimum = {NULL, NULL};
const mote_lowering_rule mote_lower_maximum = {NULL, NULL};
const mote_lowering_rule mote_lower_scaled_add = {NULL, NULL};
const mote_lowering_rule mote_lower_scaled_mul = {NULL, NULL};
const mote_lowering_rule mote_lower_rescale = {NULL, NULL};
const mote_lowering_rule mote_lower_map = {NULL, NULL};
const mote_lowering_rule mote_lower_prelu = {NULL, NULL};
const mote_lowering_rule mote_lower_softmax = {NULL, NULL};
const mote_lowering_rule mote_lower_reduce = {NULL, NULL};
const mote_lowering_rule mote_lower_concat = {NULL, NULL};
const mote_lowering_rule mote_lower_slice = {NULL, NULL};
const mote_lowering_rule mote_lower_pad = {NULL, NULL};
const mote_lowering_rule mote_lower_resize = {NULL, NULL};
const mote_lowering_rule mote_lower_reshape = {NULL, NULL};
const mote_lowering_rule mote_lower_transpose = {NULL, NULL};
const mote_lowering_rule mote_lower_gather = {NULL, NULL};
const mote_lowering_rule mote_lower_argmax = {NULL, NULL};
