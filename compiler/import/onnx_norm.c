/* ONNX normalizations. */
#include <math.h>

#include "compiler/import/onnx_rules.h"

/* Multiplies and shifts each channel. Into a convolution before it that nothing else reads. */
bool mote_onnx_op_batch_norm(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    const float epsilon = mote_onnx_real(p, "epsilon", 1e-5f);
    if (!x)
        return done;
    if (x->rank < 2 || p->node->n_inputs != 5 || mote_onnx_int(p, "training_mode", 0))
        return mote_onnx_refuse(p, "in training, or of one dimension");
    const int64_t n = x->dims[1];
    for (size_t i = 1; i < 5; i++) {
        const mote_onnx_value *v = mote_onnx_in(p, i);
        if (!v || !v->constant || v->rank != 1 || v->dims[0] != n)
            return mote_onnx_refuse(p, "of computed statistics");
    }
    mote_op *last = p->g->op_count ? &p->g->ops[p->g->op_count - 1] : NULL;
    const bool folds = x->readers == 1 && last && last->opcode == MOTE_OP_CONV && last->outputs[0] == x->tensor;
    const uint32_t wide[] = {(uint32_t)n, 1, 1, 1, 1}; /* broadcast over what follows the channels in the file */
    const int scale = folds ? last->inputs[MOTE_CONV_WEIGHTS] : mote_onnx_constant(p, x->rank - 1, wide);
    const int shift = folds ? last->inputs[MOTE_CONV_BIAS] : mote_onnx_constant(p, x->rank - 1, wide);
    if (scale < 0 || shift < 0)
        return false;
    const size_t columns = mote_tensor_elements(&p->g->tensors[scale]) / (size_t)n;
    float *w = p->g->tensors[scale].data, *b = p->g->tensors[shift].data;
    for (size_t c = 0; c < (size_t)n; c++) {
        double v[5];
        for (size_t i = 1; i < 5; i++)
            v[i] = mote_onnx_at(mote_onnx_in(p, i)->constant, c);
        const double factor = v[1] / sqrt(v[4] + (double)epsilon);
        for (size_t k = 0; k < columns; k++)
            w[c * columns + k] = (float)(factor * (folds ? (double)w[c * columns + k] : 1));
        b[c] = (float)(factor * ((folds ? (double)b[c] : 0) - v[3]) + v[2]);
    }
    if (!mote_onnx_finite(p, scale) || !mote_onnx_finite(p, shift))
        return false;
    if (folds)
        return mote_onnx_finish_like(p, x, x->tensor);
    const int in = mote_onnx_plain(p, x), product[] = {in, scale};
    const int sum[] = {mote_onnx_make(p, MOTE_OP_MUL, 2, product, NULL), shift};
    return mote_onnx_finish(p, 0, mote_onnx_make(p, MOTE_OP_ADD, 2, sum, NULL), x->rank, x->dims, NULL);
}

/* Over the last axis, with constants. */
bool mote_onnx_op_layer_norm(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done);
    int64_t axis = mote_onnx_int(p, "axis", -1);
    const int32_t params[32] = {mote_onnx_bits(mote_onnx_real(p, "epsilon", 1e-5f))};
    if (!x)
        return done;
    if (!mote_onnx_axis(x, &axis) || axis != x->rank - 1 || p->node->n_outputs != 1)
        return mote_onnx_refuse(p, "over several axes, or with statistics");
    const int in = mote_onnx_plain(p, x), gain = in < 0 ? -1 : mote_onnx_vector(p, 1, x->dims[axis]);
    const int inputs[] = {in, gain, gain < 0 ? -1 : mote_onnx_vector(p, 2, x->dims[axis])};
    return mote_onnx_finish(p, 0, mote_onnx_make(p, MOTE_OP_LAYERNORM, 3, inputs, params), x->rank, x->dims, NULL);
}
