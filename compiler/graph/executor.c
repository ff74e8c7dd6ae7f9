/* Quantizes and prepares parameters and runs the operators forward and backward. */
#include "compiler/graph/executor.h"

#include <string.h>

#include "compiler/graph/random.h"
#include "compiler/graph/scheme.h"
#include "compiler/graph/vector.h"

/* Computes to = share·scale·codes + (1 − share)·from. */
MOTE_CLONES static void blend(float *restrict to, const float *restrict from, const int8_t *restrict codes, float scale,
                              float share, size_t count)
{
    if (share >= 1)
        for (size_t i = 0; i < count; i++)
            to[i] = (float)codes[i] * scale;
    else
        for (size_t i = 0; i < count; i++)
            to[i] = from[i] + share * ((float)codes[i] * scale - from[i]);
}

static void quantize(mote_executor *x, int tensor)
{
    const mote_tensor *t = &x->graph.tensors[tensor];
    const float *from = x->parameters + x->offset[tensor];
    float *to = x->effective + x->offset[tensor];
    mote_scheme scheme = mote_scheme_of(t->quantizer);
    if (x->quantized <= 0 || scheme == MOTE_SCHEME_FLOAT || t->rank != 2) {
        memcpy(to, from, mote_tensor_size(t));
        return;
    }
    int8_t *codes = x->codes + x->offset[tensor];
    float *scales = x->scales + x->offset[tensor];
    mote_quantize_matrix(scheme, t->granularity, from, t->dims[0], t->dims[1], codes, scales);
    for (size_t row = 0, columns = t->dims[1]; row < t->dims[0]; row++)
        blend(to + row * columns, from + row * columns, codes + row * columns, scales[row], x->quantized, columns);
}

void mote_executor_refresh(mote_executor *x, int stage, uint32_t part, uint32_t parts)
{
    const mote_graph *g = &x->graph;
    if (stage == 0)
        for (int i = 0; i < g->tensor_count; i++)
            if (x->offset[i] != SIZE_MAX && (uint32_t)i % parts == part)
                quantize(x, i);
    for (int i = 0; i < g->op_count; i++) {
        const mote_pass *pass = &x->slices[0].passes[i];
        const mote_operator *kind = mote_operators[pass->op->opcode];
        if ((uint32_t)i % parts != part)
            continue;
        if (stage == 1 && kind->prepare)
            kind->prepare(pass, x->prepared[i]);
        if (stage == 1 && x->table_rows[mote_op_result(pass->op)])
            kind->forward(pass);
    }
}

void mote_executor_store(const mote_executor *x, mote_graph *g)
{
    for (int i = 0; i < g->tensor_count; i++)
        if (x->offset[i] != SIZE_MAX)
            memcpy(g->tensors[i].data, x->parameters + x->offset[i], mote_tensor_size(&g->tensors[i]));
}

/* Draws a new mask and computes seen = value · mask. */
static void drop(const mote_executor *x, float *seen, const float *value, float *mask, size_t count, uint64_t seed)
{
    mote_random random = {seed};
    uint64_t threshold = (uint64_t)((double)x->options.dropout * 0x1p16);
    float kept = 1 / (1 - x->options.dropout);
    uint64_t bits = 0;
    for (size_t i = 0; i < count; i++) {
        bits = i % 4 ? bits >> 16 : mote_random_bits(&random);
        mask[i] = (bits & 0xffff) < threshold ? 0 : kept;
        seen[i] = value[i] * mask[i];
    }
}

MOTE_CLONES static void multiply(float *restrict to, const float *restrict by, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] *= by[i];
}

void mote_executor_reset(mote_executor *x, uint32_t worker)
{
    memset(x->slices[worker].state, 0, x->state_count * sizeof(float));
    x->slices[worker].position = 0;
}

/* Copies the inputs to the memory that the operators read, which is aligned for every type. */
static void take_inputs(mote_executor *x, mote_slice *s, const void *const *inputs, uint32_t rows)
{
    for (int i = 0; i < x->input_count; i++)
        memcpy(s->value[x->inputs[i]], inputs[i], rows * mote_tensor_size(&x->graph.tensors[x->inputs[i]]));
}

void mote_executor_forward(mote_executor *x, uint32_t worker, const void *const *inputs, uint32_t steps,
                           uint64_t dropout_seed)
{
    mote_slice *s = &x->slices[worker];
    memset(s->begun, 0, (size_t)x->graph.tensor_count * sizeof *s->begun);
    if (x->options.windows)
        mote_executor_reset(x, worker);
    take_inputs(x, s, inputs, steps * x->options.streams);
    for (int i = 0; i < x->graph.op_count; i++) {
        mote_pass *pass = &s->passes[i];
        int y = mote_op_result(pass->op);
        if (x->table_rows[y])
            continue;
        pass->steps = steps;
        pass->rows = steps * x->options.streams;
        pass->position = s->position;
        mote_operators[pass->op->opcode]->forward(pass);
        if (!s->mask[i])
            continue;
        size_t count = pass->rows * mote_tensor_elements(&x->graph.tensors[y]);
        if (dropout_seed)
            drop(x, s->seen[y], s->value[y], s->mask[i], count, dropout_seed + (uint64_t)i * 0x51ed270b35cd8a1du);
        else
            memcpy(s->seen[y], s->value[y], count * sizeof(float));
    }
    s->position += steps;
}

float *mote_executor_output(mote_executor *x, uint32_t worker, int i)
{
    return x->slices[worker].value[x->outputs[i]];
}

size_t mote_executor_output_size(const mote_executor *x, int i)
{
    return mote_tensor_elements(&x->graph.tensors[x->outputs[i]]);
}

float *mote_executor_output_gradient(mote_executor *x, uint32_t worker, int i)
{
    x->slices[worker].begun[x->outputs[i]] = true;
    return x->slices[worker].gradient[x->outputs[i]];
}

static void zero_gradient(const mote_executor *x, const mote_pass *pass, int tensor, float *gradient)
{
    const size_t rows = x->table_rows[tensor] ? 1 : pass->rows;
    memset(gradient, 0, rows * mote_tensor_elements(&x->graph.tensors[tensor]) * sizeof *gradient);
}

/* Zeroes gradients of outputs that have not been written. */
static void finish_gradients(const mote_executor *x, mote_slice *s, const mote_pass *pass)
{
    for (int k = 0; k < pass->op->output_count; k++) {
        const int tensor = pass->op->outputs[k];
        if (pass->out_grad[k] && !s->begun[tensor])
            zero_gradient(x, pass, tensor, pass->out_grad[k]);
    }
}

/* Sets `fresh` for the gradients that an operator is about to add to; zeroes fresh ones if it does not handle them. */
static void begin_gradients(const mote_executor *x, mote_slice *s, const mote_pass *pass)
{
    const mote_op *op = pass->op;
    for (int j = 0; j < op->input_count; j++) {
        const int tensor = op->inputs[j];
        pass->fresh[j] = tensor >= 0 && pass->in_grad[j] && x->offset[tensor] == SIZE_MAX && !s->begun[tensor];
        if (!pass->fresh[j])
            continue;
        s->begun[tensor] = true;
        if (!mote_operators[op->opcode]->writes)
            zero_gradient(x, pass, tensor, pass->in_grad[j]);
    }
}

void mote_executor_backward(mote_executor *x, uint32_t worker)
{
    mote_slice *s = &x->slices[worker];
    for (int i = x->graph.op_count; i-- > 0;) {
        mote_pass *pass = &s->passes[i];
        finish_gradients(x, s, pass);
        begin_gradients(x, s, pass);
        if (s->mask[i])
            multiply(pass->out_grad[0], s->mask[i],
                     pass->rows * mote_tensor_elements(&x->graph.tensors[mote_op_result(pass->op)]));
        mote_operators[pass->op->opcode]->backward(pass);
    }
}
