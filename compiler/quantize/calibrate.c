#include "compiler/quantize/calibrate.h"

#include <stdlib.h>

#include "compiler/graph/evaluator.h"
#include "compiler/quantize/own_text.h"

enum { CHUNK = 64 };

void mote_calibration_free(mote_calibration *c)
{
    free(c->observers);
    *c = (mote_calibration){0};
}

/* A calibration in progress. */
typedef struct watch {
    mote_calibration *c;
    const mote_graph *g;
    mote_evaluator e;
    uint32_t context; /* tokens of a sequence, 0 for any number */
    mote_error *error;
} watch;

static bool begin(watch *w, mote_calibration *c, const mote_graph *g, mote_error *error)
{
    *w = (watch){.c = c, .g = g, .context = mote_graph_context(g), .error = error};
    *c = (mote_calibration){calloc((size_t)g->tensor_count + 1, sizeof *c->observers), g->tensor_count};
    if (!c->observers)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory to calibrate");
    if (mote_evaluator_init(&w->e, g, CHUNK, error))
        return true;
    mote_calibration_free(c);
    return false;
}

static bool end(watch *w, bool done)
{
    mote_evaluator_free(&w->e);
    if (!done)
        mote_calibration_free(w->c);
    return done;
}

static bool is_watched(const watch *w, int tensor)
{
    const mote_role role = w->g->tensors[tensor].role;
    return (role == MOTE_ACTIVATION || role == MOTE_OUTPUT) && !w->e.executor.table_rows[tensor];
}

/* Feeds the tokens and shows the observers what every operator made of them. Returns the last row of logits, NULL on
 * failure. */
static const float *feed(watch *w, const uint16_t *tokens, uint32_t count)
{
    const mote_slice *s = &w->e.executor.slices[0];
    const float *logits = mote_evaluator_feed(&w->e, tokens, count);
    for (int i = 0; i < w->g->tensor_count; i++) {
        const mote_tensor *t = &w->g->tensors[i];
        if (is_watched(w, i) && !mote_observer_see(&w->c->observers[i], s->seen[i], count * mote_tensor_elements(t))) {
            mote_fail(w->error, MOTE_E_FORMAT, "while calibrating, values of %s were infinite or undefined", t->name);
            return NULL;
        }
    }
    return logits + (size_t)(count - 1) * w->e.vocabulary;
}

/* Tokens that the context still takes, at most a chunk. */
static uint32_t room(const watch *w)
{
    const uint32_t left = w->context ? w->context - w->e.executor.slices[0].position : CHUNK;
    return left < CHUNK ? left : CHUNK;
}

/* Begins with the start token, as a text does. */
static bool begin_sequence(watch *w)
{
    mote_evaluator_reset(&w->e);
    return w->context == 1 || feed(w, &(uint16_t){mote_graph_start_token(w->g)}, 1);
}

bool mote_calibrate(mote_calibration *c, const mote_graph *g, const uint16_t *tokens, size_t count, mote_error *error)
{
    watch w;
    if (count < MOTE_CALIBRATION_LEAST)
        return mote_fail(error, MOTE_E_USAGE,
                         "the calibration text has %zu tokens; ranges need at least %d: give a longer one, or "
                         "--calibrate self",
                         count, MOTE_CALIBRATION_LEAST);
    const size_t used = count < MOTE_CALIBRATION_MOST ? count : MOTE_CALIBRATION_MOST;
    if (!begin(&w, c, g, error))
        return false;
    bool done = begin_sequence(&w);
    for (size_t i = 0, n; i < used && done; i += n) {
        done = room(&w) || begin_sequence(&w);
        n = used - i < room(&w) ? used - i : room(&w);
        done = done && feed(&w, tokens + i, (uint32_t)n);
    }
    return end(&w, done);
}

bool mote_calibrate_self(mote_calibration *c, const mote_graph *g, mote_error *error)
{
    uint16_t *tokens = malloc(MOTE_OWN_TEXT * sizeof *tokens);
    if (!tokens)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory to calibrate");
    const bool done =
        mote_own_text(g, tokens, MOTE_OWN_TEXT, error) && mote_calibrate(c, g, tokens, MOTE_OWN_TEXT, error);
    free(tokens);
    return done;
}
