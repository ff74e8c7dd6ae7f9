/* The table of ONNX operators, and what their conversions share. */
#include <string.h>

#include "compiler/import/onnx_rules.h"

int32_t mote_onnx_bits(float value)
{
    int32_t b;
    memcpy(&b, &value, sizeof b);
    return b;
}

bool mote_onnx_finish_like(mote_onnx_import *p, const mote_onnx_value *x, int tensor)
{
    return mote_onnx_finish(p, 0, tensor, x->rank, x->dims, x->order);
}

/* Returns input 0 if it is computed; NULL after a refusal. */
const mote_onnx_value *mote_onnx_computed(mote_onnx_import *p, bool *done)
{
    const mote_onnx_value *x = mote_onnx_in(p, 0);
    if (x && !x->constant)
        return x;
    *done = x ? mote_onnx_refuse(p, "of a constant") : mote_onnx_fail(p, "lacks an input");
    return NULL;
}

/* Adds a vector of `count` values of input i, of zeros if it is absent. */
int mote_onnx_vector(mote_onnx_import *p, size_t i, int64_t count)
{
    const mote_onnx_value *v = mote_onnx_in(p, i);
    const uint32_t dims[] = {(uint32_t)count};
    if (v && (!v->constant || v->rank != 1 || v->dims[0] != count)) {
        mote_onnx_fail(p, "has a vector that is no constant, or of another length");
        return -1;
    }
    const int tensor = mote_onnx_constant(p, 1, dims);
    for (int64_t k = 0; v && tensor >= 0 && k < count; k++)
        ((float *)p->g->tensors[tensor].data)[k] = (float)mote_onnx_at(v->constant, (size_t)k);
    return tensor >= 0 && mote_onnx_finite(p, tensor) ? tensor : -1;
}

static const struct {
    const char *name;
    mote_onnx_convert convert;
} rules[] = {
    {"Conv", mote_onnx_op_conv},
    {"ConvTranspose", mote_onnx_op_conv_transpose},
    {"MaxPool", mote_onnx_op_pool},
    {"AveragePool", mote_onnx_op_pool},
    {"GlobalAveragePool", mote_onnx_op_global_pool},
    {"GlobalMaxPool", mote_onnx_op_global_pool},
    {"ReduceMean", mote_onnx_op_reduce},
    {"ReduceSum", mote_onnx_op_reduce},
    {"ReduceMax", mote_onnx_op_reduce},
    {"ReduceMin", mote_onnx_op_reduce},
    {"ReduceL1", mote_onnx_op_reduce},
    {"ReduceL2", mote_onnx_op_reduce},
    {"ReduceSumSquare", mote_onnx_op_reduce},
    {"ReduceLogSum", mote_onnx_op_reduce},
    {"ReduceLogSumExp", mote_onnx_op_reduce},
    {"Gemm", mote_onnx_op_gemm},
    {"MatMul", mote_onnx_op_matmul},
    {"Softmax", mote_onnx_op_softmax},
    {"LogSoftmax", mote_onnx_op_softmax},
    {"Concat", mote_onnx_op_concat},
    {"Transpose", mote_onnx_op_transpose},
    {"Reshape", mote_onnx_op_reshape},
    {"Flatten", mote_onnx_op_flatten},
    {"Squeeze", mote_onnx_op_squeeze},
    {"Unsqueeze", mote_onnx_op_squeeze},
    {"Slice", mote_onnx_op_slice},
    {"Split", mote_onnx_op_split},
    {"Gather", mote_onnx_op_gather},
    {"BatchNormalization", mote_onnx_op_batch_norm},
    {"LayerNormalization", mote_onnx_op_layer_norm},
    {"Resize", mote_onnx_op_resize},
    {"Upsample", mote_onnx_op_upsample},
    {"Pad", mote_onnx_op_pad},
    {"DepthToSpace", mote_onnx_op_depth},
    {"SpaceToDepth", mote_onnx_op_depth},
    {"PRelu", mote_onnx_op_prelu},
    {"Gelu", mote_onnx_op_gelu},
    {"Clip", mote_onnx_op_clip},
    {"Pow", mote_onnx_op_power},
    {"Identity", mote_onnx_op_same},
    {"Cast", mote_onnx_op_cast},
    {"Dropout", mote_onnx_op_dropout},
    {"Constant", mote_onnx_op_same},
    {"Add", mote_onnx_op_binary},
    {"Sub", mote_onnx_op_binary},
    {"Mul", mote_onnx_op_binary},
    {"Div", mote_onnx_op_binary},
    {"Min", mote_onnx_op_binary},
    {"Max", mote_onnx_op_binary},
    {"Sum", mote_onnx_op_binary},
    {"Mean", mote_onnx_op_binary},
    {"Relu", mote_onnx_op_unary},
    {"LeakyRelu", mote_onnx_op_unary},
    {"Sigmoid", mote_onnx_op_unary},
    {"Tanh", mote_onnx_op_unary},
    {"HardSigmoid", mote_onnx_op_unary},
    {"HardSwish", mote_onnx_op_unary},
    {"Elu", mote_onnx_op_unary},
    {"Exp", mote_onnx_op_unary},
    {"Log", mote_onnx_op_unary},
    {"Sqrt", mote_onnx_op_unary},
    {"Abs", mote_onnx_op_unary},
    {"Neg", mote_onnx_op_unary},
    {"Erf", mote_onnx_op_unary},
    {"Reciprocal", mote_onnx_op_unary},
    {"Softplus", mote_onnx_op_unary},
    {"Sign", mote_onnx_op_unary},
    {"Floor", mote_onnx_op_unary},
    {"Ceil", mote_onnx_op_unary},
    {"Round", mote_onnx_op_unary},
};

mote_onnx_convert mote_onnx_rule(const char *name)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].name, name) == 0)
            return rules[i].convert;
    return NULL;
}
