#include "compiler/quantize/probe.h"

#include <string.h>

#include "compiler/graph/cross_entropy.h"
#include "compiler/quantize/own_text.h"

enum { CHUNK = 128, SEQUENCE = 512 };

bool mote_probe_init(mote_probe *p, const mote_graph *graph, const uint16_t *tokens, size_t count, mote_error *error)
{
    const uint32_t context = mote_graph_context(graph);
    *p = (mote_probe){.graph = graph,
                      .tokens = tokens,
                      .count = count,
                      .sequence = context && context < SEQUENCE ? context : SEQUENCE,
                      .start = mote_graph_start_token(graph)};
    return mote_evaluator_init(&p->evaluator, graph, CHUNK, error);
}

void mote_probe_free(mote_probe *p)
{
    mote_evaluator_free(&p->evaluator);
}

static void set(mote_probe *p, int tensor, const float *values, mote_dtype quantiser)
{
    mote_executor *x = &p->evaluator.executor;
    memcpy(x->parameters + x->offset[tensor], values, mote_tensor_size(&p->graph->tensors[tensor]));
    x->graph.tensors[tensor].quantiser = quantiser;
    for (int stage = 0; stage < MOTE_REFRESH_STAGES; stage++)
        mote_executor_refresh(x, stage, 0, 1);
}

void mote_probe_replace(mote_probe *p, int tensor, const float *values)
{
    set(p, tensor, values, MOTE_F32);
}

void mote_probe_restore(mote_probe *p, int tensor)
{
    set(p, tensor, p->graph->tensors[tensor].data, p->graph->tensors[tensor].quantiser);
}

/* Nats of `count` tokens that follow one another in a sequence. */
static double sequence_loss(mote_probe *p, const uint16_t *tokens, size_t count)
{
    double loss = 0;
    uint16_t inputs[CHUNK];
    mote_evaluator_reset(&p->evaluator);
    for (size_t i = 0, n; i < count; i += n) {
        n = count - i < CHUNK ? count - i : CHUNK;
        inputs[0] = i ? tokens[i - 1] : p->start;
        memcpy(inputs + 1, tokens + i, (n - 1) * sizeof *inputs);
        const float *logits = mote_evaluator_feed(&p->evaluator, inputs, (uint32_t)n);
        loss += mote_cross_entropy(logits, tokens + i, (uint32_t)n, p->evaluator.vocabulary, 1, NULL);
    }
    return loss;
}

bool mote_probe_loss(mote_probe *p, double *loss, mote_error *error)
{
    double sum = 0;
    for (size_t i = 0; i < p->count; i += p->sequence)
        sum += sequence_loss(p, p->tokens + i, p->count - i < p->sequence ? p->count - i : p->sequence);
    *loss = sum / (double)p->count;
    return mote_loss_check(*loss, error);
}
