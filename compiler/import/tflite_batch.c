/* SPACE_TO_BATCH_ND, a convolution and BATCH_TO_SPACE_ND: a convolution with dilation. */
#include <string.h>

#include "compiler/import/tflite_import.h"

enum { X, BLOCK, PADS, MOST = 1 << 16 };

/* Reads as many constants between 0 and MOST. */
static bool read(const mote_tflite_tensor *t, uint32_t count, int32_t *out)
{
    if (!t || (t->type != MOTE_TFLITE_I32 && t->type != MOTE_TFLITE_I64) || t->elements != count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const int64_t value = mote_tflite_integer(t, i);
        if (value < 0 || value > MOST)
            return false;
        out[i] = (int32_t)value;
    }
    return true;
}

/* True for a convolution without padding, stride and dilation of its own. */
static bool is_plain(const mote_tflite_operator *conv)
{
    const bool depthwise = conv->code == MOTE_TFLITE_OP_DEPTHWISE_CONV_2D;
    mote_flat_table options = conv->options;
    bool plain = (depthwise || conv->code == MOTE_TFLITE_OP_CONV_2D) && mote_flat_int(&options, 0, 1, 0) == 1;
    for (int i = 0; i < 2; i++)
        plain = plain && mote_flat_int(&options, 1 + i, 4, 0) == 1 &&
                mote_flat_int(&options, (depthwise ? 5 : 4) + i, 4, 1) == 1;
    return plain;
}

/* Returns the only operator that reads the first output; NULL if there are several. */
static const mote_tflite_operator *reader_of(const mote_tflite_import *p, const mote_tflite_operator *op)
{
    const int y = mote_tflite_at(&op->outputs, 0);
    const int reader = p->values[y].reader;
    const mote_tflite_operator *r = reader < 0 || p->values[y].readers != 1 ? NULL : &p->model->operators[reader];
    return r && mote_tflite_at(&r->inputs, 0) == y ? r : NULL;
}

bool mote_tflite_space_to_batch(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const mote_tflite_operator *conv = reader_of(p, op), *back = conv ? reader_of(p, conv) : NULL;
    const mote_tflite_tensor *x = mote_tflite_input(p, op, X);
    int32_t block[2], pads[4], block_back[2], crops[4];
    if (!x || x->rank != 4 || x->dims[0] != 1 || !back || !is_plain(conv) ||
        back->code != MOTE_TFLITE_OP_BATCH_TO_SPACE_ND)
        return mote_tflite_refuse(p, op, "other than around a convolution");
    if (!read(mote_tflite_constant(p, op, BLOCK), 2, block) || !read(mote_tflite_constant(p, op, PADS), 4, pads) ||
        !read(mote_tflite_constant(p, back, BLOCK), 2, block_back) ||
        !read(mote_tflite_constant(p, back, PADS), 4, crops) || memcmp(block, block_back, sizeof block) != 0 ||
        !block[0] || !block[1])
        return mote_tflite_refuse(p, op, "with sizes that are not constant");
    if (p->g->packed && (!mote_tflite_alike(x, mote_tflite_output(p, op)) ||
                         !mote_tflite_alike(mote_tflite_output(p, conv), mote_tflite_output(p, back))))
        return mote_tflite_refuse(p, op, "with another scale of its result");
    mote_tflite_value *v = &p->values[mote_tflite_at(&op->outputs, 0)];
    if (v->tensor >= 0 || v->constant >= 0)
        return mote_tflite_refuse(p, op, "whose result exists already");
    for (int i = 0; i < 4; i++) { /* [rows before, after], [columns before, after] */
        v->pads[i % 2 * 2 + i / 2] = pads[i] - crops[i];
        if (pads[i] < crops[i])
            return mote_tflite_refuse(p, op, "with less padding than is cropped");
    }
    memcpy(v->block, block, sizeof block);
    v->source = mote_tflite_at(&op->inputs, X);
    v->tensor = mote_tflite_operand(p, op, X);
    p->folded[op->code]++;
    p->folded[back->code]++;
    return v->tensor >= 0;
}

/* The convolution has made its result. */
bool mote_tflite_batch_to_space(mote_tflite_import *p, const mote_tflite_operator *op)
{
    return p->values[mote_tflite_at(&op->outputs, 0)].tensor >= 0 ||
           mote_tflite_refuse(p, op, "other than around a convolution");
}
