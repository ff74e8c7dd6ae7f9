#include "compiler/quantize/probe.h"

#include <string.h>

#include "compiler/graph/language.h"
enum { CHUNK = 128, SEQUENCE = 512 };

bool mote_probe_init(mote_probe *p, const mote_graph *graph, const mote_source *source, mote_error *error)
{
    const uint32_t context = mote_graph_context(graph), sequence = context && context < SEQUENCE ? context : SEQUENCE;
    const uint32_t window = mote_source_window(source, graph, CHUNK);
    const mote_executor_options options = {.steps = window, .streams = 1, .workers = 1};
    *p = (mote_probe){.graph = graph, .source = *source};
    if (!source->task)
        return mote_fail(
            error, MOTE_E_USAGE,
            "the samples have no targets, without which no loss can be measured; add an array \"targets\"");
    if (!mote_executor_init(&p->executor, graph, &options, error))
        return false;
    if (mote_walk_init(&p->walk, &p->source, graph, MOTE_READ_SCORED, sequence, window, error))
        return true;
    mote_probe_free(p);
    return false;
}

void mote_probe_free(mote_probe *p)
{
    mote_walk_free(&p->walk);
    mote_executor_free(&p->executor);
}

static void set(mote_probe *p, int tensor, const float *values, mote_dtype quantizer)
{
    mote_executor *x = &p->executor;
    memcpy(x->parameters + x->offset[tensor], values, mote_tensor_size(&p->graph->tensors[tensor]));
    x->graph.tensors[tensor].quantizer = quantizer;
    for (int stage = 0; stage < MOTE_REFRESH_STAGES; stage++)
        mote_executor_refresh(x, stage, 0, 1);
}

void mote_probe_replace(mote_probe *p, int tensor, const float *values)
{
    set(p, tensor, values, MOTE_F32);
}

void mote_probe_restore(mote_probe *p, int tensor)
{
    set(p, tensor, p->graph->tensors[tensor].data, p->graph->tensors[tensor].quantizer);
}

void mote_probe_add(mote_probe *p, mote_tally *tally)
{
    mote_executor *x = &p->executor;
    mote_walk_rewind(&p->walk);
    for (const mote_batch *batch; (batch = mote_walk_next(&p->walk));) {
        if (batch->begins)
            mote_executor_reset(x, 0);
        mote_executor_forward(x, 0, (const void *const *)batch->inputs, batch->rows, 0);
        mote_tally_add(tally, mote_executor_output(x, 0, 0), batch->targets, batch->rows);
    }
}

bool mote_probe_loss(mote_probe *p, double *loss, mote_error *error)
{
    mote_tally tally;
    if (!mote_tally_init(&tally, p->source.task, mote_graph_vocabulary(p->graph), false, error))
        return false;
    mote_probe_add(p, &tally);
    const bool finite = mote_tally_loss(&tally, loss, error);
    mote_tally_free(&tally);
    return finite;
}
