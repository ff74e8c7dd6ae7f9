#include "compiler/graph/evaluator.h"

#include "compiler/graph/language.h"

bool mote_evaluator_init(mote_evaluator *e, const mote_graph *g, uint32_t chunk, mote_error *error)
{
    e->chunk = chunk;
    if (!mote_graph_need_language_model(g, "the network", "text", error))
        return false;
    e->vocabulary = mote_graph_vocabulary(g);
    return mote_executor_init(&e->executor, g, &(mote_executor_options){.steps = chunk, .streams = 1, .workers = 1},
                              error);
}

void mote_evaluator_free(mote_evaluator *e)
{
    mote_executor_free(&e->executor);
}

void mote_evaluator_reset(mote_evaluator *e)
{
    mote_executor_reset(&e->executor, 0);
}

const float *mote_evaluator_feed(mote_evaluator *e, const uint16_t *tokens, uint32_t count)
{
    mote_executor_forward(&e->executor, 0, &(const void *){tokens}, count, 0);
    return mote_executor_output(&e->executor, 0, 0);
}
