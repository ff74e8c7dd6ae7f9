#include "compiler/task/source.h"

#include <stdlib.h>

#include "compiler/graph/language.h"

mote_source mote_source_part(const mote_source *s, size_t first, size_t count)
{
    mote_source part = *s;
    if (s->sequence) {
        first -= first % s->sequence;
        count = count < s->sequence ? s->sequence : count - count % s->sequence;
    }
    first = first < s->count ? first : s->count;
    part.first += first;
    part.count = count < s->count - first ? count : s->count - first;
    return part;
}

bool mote_source_fits(const mote_source *s, const mote_graph *g, mote_error *error)
{
    return !s->is_text || mote_graph_need_language_model(g, "the network", "a text", error);
}

bool mote_source_enough(const mote_source *s, mote_error *error)
{
    return s->count >= s->least ||
           mote_fail(error, MOTE_E_FORMAT,
                     s->is_text
                         ? "the calibration text has %zu tokens; ranges need at least %zu: give a longer one, or "
                           "--calibrate self"
                         : "there are %zu samples to calibrate with; at least %zu are needed",
                     s->count, s->least);
}

enum { MOST_FLOATS = 1 << 24 }; /* limit for the activations of a window */

uint32_t mote_source_window(const mote_source *s, const mote_graph *g, uint32_t most)
{
    size_t row = 1;
    for (int i = 0; i < g->tensor_count; i++)
        if (g->tensors[i].role != MOTE_CONSTANT && g->tensors[i].role != MOTE_STATE)
            row += mote_tensor_elements(&g->tensors[i]);
    const size_t rows = MOST_FLOATS / row;
    return s->is_text || rows >= most ? most : rows ? (uint32_t)rows : 1;
}

bool mote_batch_init(mote_batch *b, const mote_graph *g, const mote_source *s, uint32_t rows, mote_error *error)
{
    int count = 0;
    while (mote_graph_of_role(g, MOTE_INPUT, count) >= 0)
        count++;
    *b = (mote_batch){.inputs = calloc((size_t)count + 1, sizeof *b->inputs)};
    bool done = b->inputs;
    for (int i = 0; done && i < count; i++)
        done = (b->inputs[i] = calloc(rows, mote_tensor_size(&g->tensors[mote_graph_of_role(g, MOTE_INPUT, i)])));
    if (done && s->task)
        done = (b->targets = calloc(rows, mote_task_target_size(s->task, mote_graph_vocabulary(g))));
    return done || mote_fail(error, MOTE_E_INTERNAL, "no memory for %u samples at once", rows);
}

void mote_batch_free(mote_batch *b)
{
    for (int i = 0; b->inputs && b->inputs[i]; i++)
        free(b->inputs[i]);
    free(b->inputs);
    free(b->targets);
    *b = (mote_batch){0};
}

bool mote_walk_init(mote_walk *w, const mote_source *s, const mote_graph *g, mote_reading reading, size_t sequence,
                    uint32_t window, mote_error *error)
{
    *w = (mote_walk){.source = s, .reading = reading, .sequence = sequence, .window = window};
    if (!s->is_text)
        w->sequence = mote_graph_of_role(g, MOTE_STATE, 0) >= 0 && s->sequence ? s->sequence : s->count;
    if (!mote_source_fits(s, g, error))
        return false;
    w->rows = calloc(window, sizeof *w->rows);
    return (w->rows || mote_fail(error, MOTE_E_INTERNAL, "no memory for %u samples at once", window)) &&
           mote_batch_init(&w->batch, g, s, window, error);
}

void mote_walk_free(mote_walk *w)
{
    free(w->rows);
    mote_batch_free(&w->batch);
    *w = (mote_walk){0};
}

void mote_walk_rewind(mote_walk *w)
{
    w->next = w->position = w->read = 0;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Takes samples one after another, each with its own target. */
static size_t next_samples(mote_walk *w)
{
    const mote_source *s = w->source;
    const size_t position = w->next % w->sequence;
    const size_t n = least(w->window, least(w->sequence - position, s->count - w->next));
    w->batch.begins = position == 0;
    for (size_t i = 0; i < n; i++)
        w->rows[i] = (mote_sample_row){w->next + i, w->next + i};
    w->next += n;
    return n;
}

static size_t next_on(mote_walk *w)
{
    const size_t count = w->source->count - (w->reading == MOTE_READ_TARGETS);
    const size_t n = least(w->window, count - w->next);
    if (w->sequence && w->read % w->sequence + n > w->sequence)
        w->read = 0;
    w->batch.begins = w->read == 0;
    for (size_t i = w->next; i < w->next + n; i++)
        w->rows[i - w->next] = (mote_sample_row){i, i + 1 < w->source->count ? i + 1 : MOTE_ABSENT};
    w->next += n;
    w->read += n;
    return n;
}

static size_t next_fed(mote_walk *w)
{
    const size_t count = w->source->count;
    if (w->sequence && w->position == w->sequence)
        w->position = 0;
    w->batch.begins = w->position == 0;
    if (w->position == 0 && w->sequence != 1) {
        w->rows[0] = (mote_sample_row){MOTE_START, w->next};
        w->batch.lead = 1;
        return w->position = 1;
    }
    const size_t left = w->sequence ? w->sequence - w->position : count;
    const size_t n = least(w->window, least(left, count - w->next));
    for (size_t i = w->next; i < w->next + n; i++)
        w->rows[i - w->next] = (mote_sample_row){i, i + 1 < count && i + 1 - w->next < left ? i + 1 : MOTE_ABSENT};
    w->next += n;
    w->position += n;
    return n;
}

static size_t next_scored(mote_walk *w)
{
    const size_t position = w->sequence ? w->next % w->sequence : w->next;
    const size_t left = w->sequence ? w->sequence - position : w->source->count;
    const size_t n = least(w->window, least(left, w->source->count - w->next));
    w->batch.begins = position == 0;
    for (size_t i = 0; i < n; i++)
        w->rows[i] = (mote_sample_row){position + i ? w->next + i - 1 : MOTE_START, w->next + i};
    w->next += n;
    return n;
}

const mote_batch *mote_walk_next(mote_walk *w)
{
    static size_t (*const of_text[])(mote_walk * w) = {next_on, next_on, next_fed, next_scored};
    const size_t unread = w->source->count - (w->source->is_text && w->reading == MOTE_READ_TARGETS);
    if (w->source->count == 0 || w->next >= unread)
        return NULL;
    w->batch.lead = 0;
    const uint32_t n = (uint32_t)(w->source->is_text ? of_text[w->reading] : next_samples)(w);
    w->batch.rows = n;
    w->source->fill(w->source, w->rows, n, &w->batch);
    return &w->batch;
}
