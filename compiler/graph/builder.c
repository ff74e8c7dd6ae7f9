#include "compiler/graph/builder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "compiler/graph/operator.h"

const char *mote_build_name(mote_builder *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(b->name, sizeof b->name, format, args);
    va_end(args);
    return b->name;
}

int mote_build_tensor(mote_builder *b, const char *name, mote_dtype dtype, mote_role role, uint32_t rows,
                      uint32_t columns)
{
    const uint32_t dims[2] = {rows, columns};
    const int index = mote_graph_tensor(b->g, name, dtype, role, columns ? 2 : 1, dims);
    b->failed |= index < 0;
    return index;
}

/* Adds an F32 constant and returns its data, NULL after a failure. */
static float *constant(mote_builder *b, const char *name, uint32_t rows, uint32_t columns, int *index, size_t *count)
{
    *index = mote_build_tensor(b, name, MOTE_F32, MOTE_CONSTANT, rows, columns);
    *count = *index < 0 ? 0 : mote_tensor_elements(&b->g->tensors[*index]);
    return *index < 0 ? NULL : b->g->tensors[*index].data;
}

int mote_build_uniform(mote_builder *b, const char *name, uint32_t rows, uint32_t columns, float range)
{
    int index;
    size_t count;
    float *data = constant(b, name, rows, columns, &index, &count);
    for (size_t i = 0; i < count; i++)
        data[i] = (2 * mote_random_unit(&b->random) - 1) * range;
    return index;
}

int mote_build_normal(mote_builder *b, const char *name, uint32_t rows, uint32_t columns, float deviation)
{
    int index;
    size_t count;
    float *data = constant(b, name, rows, columns, &index, &count);
    for (size_t i = 0; i < count && !b->undrawn; i++)
        data[i] = deviation * mote_random_normal(&b->random);
    return index;
}

int mote_build_filled(mote_builder *b, const char *name, uint32_t rows, float value)
{
    int index;
    size_t count;
    float *data = constant(b, name, rows, 0, &index, &count);
    for (size_t i = 0; i < count; i++)
        data[i] = value;
    return index;
}

int mote_build_op(mote_builder *b, const char *name, mote_opcode opcode, int input_count, const int *inputs,
                  const int32_t *params)
{
    mote_shape shapes[MOTE_MOST_OUTPUTS];
    const int index = b->failed ? -1 : mote_graph_op(b->g, name, opcode, input_count, inputs, 0, NULL);
    b->failed |= index < 0;
    if (b->failed)
        return -1;
    mote_op *op = &b->g->ops[index];
    if (params)
        memcpy(op->params, params, (size_t)op->param_count * sizeof *params);
    if (!mote_op_infer(b->g, op, shapes, &b->error)) {
        b->failed = true;
        return -1;
    }
    op->outputs[0] = mote_graph_tensor(b->g, name, MOTE_F32, MOTE_ACTIVATION, shapes[0].rank, shapes[0].dims);
    b->failed |= op->outputs[0] < 0;
    return op->outputs[0];
}

void mote_build_output(mote_builder *b, int tensor, const char *name)
{
    if (b->failed)
        return;
    b->g->tensors[tensor].role = MOTE_OUTPUT;
    b->failed |= !mote_graph_rename(b->g, tensor, name);
}

bool mote_build_end(mote_builder *b, const char *network, mote_error *error)
{
    if (!b->failed)
        return true;
    mote_graph_free(b->g);
    if (b->error.code)
        return mote_fail(error, b->error.code, "%s", b->error.text);
    return mote_fail(error, MOTE_E_INTERNAL, "out of memory while building a %s", network);
}
