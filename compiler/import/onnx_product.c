/* ONNX products of matrices. */
#include "compiler/import/onnx_rules.h"

/* Adds the weights [out, in] of a matrix [in, out], or [out, in] if it is transposed, times a factor. */
static int matrix(mote_onnx_import *p, const mote_onnx_value *v, bool transposed, float factor)
{
    const int64_t in = v->dims[transposed], out = v->dims[!transposed];
    const uint32_t dims[] = {(uint32_t)out, (uint32_t)in};
    const int tensor = mote_onnx_constant(p, 2, dims);
    float *to = tensor < 0 ? NULL : p->g->tensors[tensor].data;
    for (int64_t o = 0; to && o < out; o++)
        for (int64_t i = 0; i < in; i++)
            to[o * in + i] = factor * (float)mote_onnx_at(v->constant, (size_t)(transposed ? o * in + i : i * out + o));
    return tensor >= 0 && mote_onnx_finite(p, tensor) ? tensor : -1;
}

bool mote_onnx_op_gemm(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done), *w = mote_onnx_in(p, 1), *bias = mote_onnx_in(p, 2);
    const bool transposed = mote_onnx_int(p, "transB", 0);
    if (!x)
        return done;
    if (!w || !w->constant || w->rank != 2 || x->rank != 2 || mote_onnx_int(p, "transA", 0) ||
        (bias && (!bias->constant || bias->rank != 1 || bias->dims[0] != w->dims[!transposed] ||
                  mote_onnx_real(p, "beta", 1) != 1)))
        return mote_onnx_refuse(p, "other than x times a constant plus a vector");
    const int64_t dims[] = {x->dims[0], w->dims[!transposed]};
    const int in = mote_onnx_plain(p, x), weights = matrix(p, w, transposed, mote_onnx_real(p, "alpha", 1));
    const int inputs[] = {in, weights, weights < 0 ? -1 : mote_onnx_vector(p, 2, dims[1])};
    return mote_onnx_finish(p, 0, mote_onnx_make(p, MOTE_OP_LINEAR, 3, inputs, NULL), 2, dims, NULL);
}

bool mote_onnx_op_matmul(mote_onnx_import *p)
{
    bool done = false;
    const mote_onnx_value *x = mote_onnx_computed(p, &done), *w = mote_onnx_in(p, 1);
    int64_t dims[MOTE_ONNX_RANK];
    if (!x)
        return done;
    if (!w || x->rank < 1 || w->rank < 2 || (x->rank < 2 && w->rank != 2) ||
        (!(w->constant && w->rank == 2) && w->rank != x->rank))
        return mote_onnx_refuse(p, "of vectors, or with other leading dimensions");
    for (int i = 0; i < x->rank; i++)
        dims[i] = i == x->rank - 1 ? w->dims[w->rank - 1] : x->dims[i];
    if (w->constant && w->rank == 2) {
        const int inputs[] = {mote_onnx_plain(p, x), matrix(p, w, false, 1)};
        return mote_onnx_finish(p, 0, mote_onnx_make(p, MOTE_OP_LINEAR, 2, inputs, NULL), x->rank, dims, NULL);
    }
    if (x->rank == 2 && (x->dims[0] == 1 || w->dims[0] == 1))
        return mote_onnx_refuse(p, "of two computed vectors");
    const int inputs[] = {mote_onnx_plain(p, x), mote_onnx_plain(p, w)};
    return mote_onnx_finish(p, 0, mote_onnx_make(p, MOTE_OP_MATMUL, 2, inputs, NULL), x->rank, dims, NULL);
}
