#include "compiler/quantize/calibrate.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/graph/evaluator.h"
#include "compiler/graph/random.h"

enum { CHUNK = 64, SEED = 1 };

bool mote_graph_needs_ranges(const mote_graph *g)
{
    for (int i = 0; i < g->op_count; i++)
        if (g->ops[i].opcode > MOTE_OP_ADD)
            return true;
    return false;
}

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

/* The least of the key/value caches. */
static uint32_t context_of(const mote_graph *g)
{
    uint32_t context = 0;
    for (int i = 0; i < g->op_count; i++) {
        const mote_tensor *keys = g->ops[i].opcode == MOTE_OP_ATTENTION ? mote_op_input(g, &g->ops[i], 4) : NULL;
        if (keys && (!context || keys->dims[0] < context))
            context = keys->dims[0];
    }
    return context;
}

static bool begin(watch *w, mote_calibration *c, const mote_graph *g, uint32_t chunk, mote_error *error)
{
    *w = (watch){.c = c, .g = g, .context = context_of(g), .error = error};
    *c = (mote_calibration){calloc((size_t)g->tensor_count + 1, sizeof *c->observers), g->tensor_count};
    if (!c->observers)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory to calibrate");
    if (mote_evaluator_init(&w->e, g, chunk, error))
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
    return logits + (size_t)(count - 1) * w->e.executor.vocabulary;
}

static uint16_t start_token(const mote_graph *g)
{
    return g->has_tokenizer ? g->tokenizer.start : 0;
}

/* Tokens that the context still takes, at most a chunk. */
static uint32_t room(const watch *w)
{
    const uint32_t left = w->context ? w->context - w->e.executor.slices[0].position : w->e.chunk;
    return left < w->e.chunk ? left : w->e.chunk;
}

/* Begins with the start token, as a text does. */
static bool begin_sequence(watch *w)
{
    mote_evaluator_reset(&w->e);
    return w->context == 1 || feed(w, &(uint16_t){start_token(w->g)}, 1);
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
    if (!begin(&w, c, g, CHUNK, error))
        return false;
    bool done = begin_sequence(&w);
    for (size_t i = 0, n; i < used && done; i += n) {
        done = room(&w) || begin_sequence(&w);
        n = used - i < room(&w) ? used - i : room(&w);
        done = done && feed(&w, tokens + i, (uint32_t)n);
    }
    return end(&w, done);
}

/* A token by the probabilities exp(logits). */
static uint16_t draw(const float *logits, uint32_t vocabulary, mote_random *random)
{
    float most = logits[0], sum = 0;
    for (uint32_t v = 1; v < vocabulary; v++)
        most = fmaxf(most, logits[v]);
    for (uint32_t v = 0; v < vocabulary; v++)
        sum += expf(logits[v] - most);
    float left = sum * mote_random_unit(random);
    uint32_t v = 0;
    while (v + 1 < vocabulary && (left -= expf(logits[v] - most)) >= 0)
        v++;
    return (uint16_t)v;
}

bool mote_calibrate_self(mote_calibration *c, const mote_graph *g, mote_error *error)
{
    watch w;
    if (!begin(&w, c, g, 1, error))
        return false;
    mote_random random = {SEED};
    uint16_t token = start_token(g);
    bool done = true;
    for (int i = 0; i < MOTE_CALIBRATION_SELF && done; i++) {
        if (!room(&w)) {
            mote_evaluator_reset(&w.e);
            token = start_token(g);
        }
        const float *logits = feed(&w, &token, 1);
        done = logits != NULL;
        if (done)
            token = draw(logits, w.e.executor.vocabulary, &random);
    }
    return end(&w, done);
}
