#include "compiler/quantize/calibrate.h"

#include <stdlib.h>

#include "compiler/graph/executor.h"
#include "compiler/graph/language.h"
#include "compiler/quantize/own_text.h"

enum { CHUNK = 64 };

void mote_calibration_free(mote_calibration *c)
{
    free(c->observers);
    *c = (mote_calibration){0};
}

static bool is_watched(const mote_executor *x, const mote_graph *g, int tensor)
{
    const mote_tensor *t = &g->tensors[tensor];
    return t->dtype == MOTE_F32 && t->role != MOTE_CONSTANT && t->role != MOTE_STATE && !x->table_rows[tensor];
}

/* Passes every watched tensor of a batch to its observer. */
static bool observe(mote_calibration *c, const mote_executor *x, const mote_graph *g, uint32_t rows, mote_error *error)
{
    for (int i = 0; i < g->tensor_count; i++)
        if (is_watched(x, g, i) &&
            !mote_observer_see(&c->observers[i], x->slices[0].seen[i], rows * mote_tensor_elements(&g->tensors[i])))
            return mote_fail(error, MOTE_E_FORMAT, "while calibrating, values of %s were infinite or undefined",
                             g->tensors[i].name);
    return true;
}

static bool watch(mote_calibration *c, mote_executor *x, const mote_graph *g, const mote_source *source,
                  mote_error *error)
{
    mote_walk walk;
    const mote_batch *batch;
    const uint32_t window = x->options.steps;
    bool done = mote_walk_init(&walk, source, g, MOTE_READ_FED, mote_graph_context(g), window, error);
    while (done && (batch = mote_walk_next(&walk))) {
        if (batch->begins)
            mote_executor_reset(x, 0);
        mote_executor_forward(x, 0, (const void *const *)batch->inputs, batch->rows, 0);
        done = observe(c, x, g, batch->rows, error);
    }
    mote_walk_free(&walk);
    return done;
}

bool mote_calibrate(mote_calibration *c, const mote_graph *g, const mote_source *source, mote_error *error)
{
    mote_executor x;
    const mote_source part = mote_source_part(source, 0, MOTE_CALIBRATION_MOST);
    if (!mote_source_enough(source, error))
        return false;
    *c = (mote_calibration){calloc((size_t)g->tensor_count + 1, sizeof *c->observers), g->tensor_count};
    if (!c->observers)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory to calibrate");
    const mote_executor_options options = {.steps = mote_source_window(source, g, CHUNK), .streams = 1, .workers = 1};
    bool done = mote_executor_init(&x, g, &options, error);
    if (done) {
        done = watch(c, &x, g, &part, error);
        mote_executor_free(&x);
    }
    if (!done)
        mote_calibration_free(c);
    return done;
}

bool mote_calibrate_self(mote_calibration *c, const mote_graph *g, mote_error *error)
{
    if (!mote_graph_is_language_model(g, NULL))
        return mote_fail(error, MOTE_E_USAGE,
                         "the network is no language model that could write a text to be calibrated with; add "
                         "--calibrate DATA.npz with samples of its inputs");
    uint16_t *tokens = malloc(MOTE_OWN_TEXT * sizeof *tokens);
    if (!tokens)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory to calibrate");
    const mote_source own = mote_text_source(g, tokens, MOTE_OWN_TEXT);
    const bool done = mote_own_text(g, tokens, MOTE_OWN_TEXT, error) && mote_calibrate(c, g, &own, error);
    free(tokens);
    return done;
}
