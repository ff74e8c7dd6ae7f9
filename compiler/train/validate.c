/* The loss on the validation text: of a model with state read in long streams, of one that attends in windows, as
 * `mote eval --window` reads it. */
#include <math.h>
#include <string.h>

#include "compiler/graph/cross_entropy.h"
#include "compiler/graph/language.h"
#include "compiler/train/trainer.h"
#include "runtime/tokenizer.h"

/* What is to be foreseen in a row, after the token before it, or where it `begins` a sequence after the start token. */
static void place(const mote_trainer *t, uint16_t *ids, uint16_t *targets, size_t row, size_t target, bool begins,
                  bool counts)
{
    const mote_corpus *c = &t->corpus;
    const bool follows = !begins && target - 1 < c->valid_count;
    ids[row] = follows ? c->valid[target - 1] : c->tokenizer->start;
    targets[row] = counts ? c->valid[target] : MOTE_NO_TARGET;
}

/* Where the state is carried on, stream k of `batch` scores the tokens first..end−1. Window 0 only leads in; window w
 * scores from there on. */
static void carried_window(const mote_trainer *t, uint32_t call, uint16_t *ids, uint16_t *targets)
{
    const size_t count = t->corpus.valid_count, lead = t->options.sequence;
    uint32_t streams = t->executor.options.streams;
    size_t length = (count + t->options.batch - 1) / t->options.batch;
    for (uint32_t s = 0; s < streams; s++) {
        size_t first = ((size_t)call * streams + s) * length;
        size_t end = first + length < count ? first + length : count;
        for (uint32_t i = 0; i < t->options.sequence; i++) {
            /* shifted by one sequence so that it is never negative */
            const size_t shifted = first + t->window * t->options.sequence + i;
            const size_t target = shifted < lead ? 0 : shifted - lead;
            place(t, ids, targets, (size_t)i * streams + s, target, target == 0,
                  shifted >= first + lead && target < end);
        }
    }
}

/* Where windows begin empty, they follow one another, `batch` of them at a time. Such a window is a text of its own to
 * a model whose texts begin with the start token; to others the text goes on. */
static void empty_window(const mote_trainer *t, uint32_t call, uint16_t *ids, uint16_t *targets)
{
    const size_t count = t->corpus.valid_count, sequence = t->options.sequence;
    const uint32_t streams = t->executor.options.streams;
    const bool anew = mote_tokenizer_starts_first(t->corpus.tokenizer);
    for (uint32_t s = 0; s < streams; s++) {
        const size_t first = (t->window * t->options.batch + (size_t)call * streams + s) * sequence;
        for (size_t i = 0; i < sequence; i++)
            place(t, ids, targets, i * streams + s, first + i, first + i == 0 || (anew && i == 0), first + i < count);
    }
}

static void score(void *context, uint32_t worker)
{
    mote_trainer *t = context;
    mote_executor *x = &t->executor;
    uint32_t rows = t->options.sequence * x->options.streams;
    for (uint32_t call = worker * t->calls; call < (worker + 1) * t->calls; call++) {
        uint16_t *ids = t->ids + (size_t)call * rows, *targets = t->targets + (size_t)call * rows;
        (x->options.windows ? empty_window : carried_window)(t, call, ids, targets);
        mote_executor_forward(x, worker, &(const void *){ids}, t->options.sequence, 0);
        t->partial[worker] += mote_cross_entropy(mote_executor_output(x, worker, 0), targets, rows,
                                                 mote_graph_vocabulary(&x->graph), 0, NULL);
    }
}

/* Swaps every worker's state with the one put aside. */
static void swap_states(mote_trainer *t)
{
    size_t count = t->executor.state_count;
    for (uint32_t w = 0; w < t->workers; w++)
        for (size_t i = 0; i < count; i++) {
            float *a = &t->executor.slices[w].state[i], *b = &t->aside[w * count + i], kept = *a;
            *a = *b;
            *b = kept;
        }
}

/* What the unknown token leaves open: which of the bytes it stands for. */
static double unknown_bits(const mote_corpus *c)
{
    size_t count = 0;
    for (size_t i = 0; i < c->valid_count; i++)
        count += c->valid[i] == c->tokenizer->unknown;
    return (double)count * c->unknown_bits;
}

double mote_trainer_validate(mote_trainer *t)
{
    size_t count = t->corpus.valid_count;
    if (!count)
        return NAN;
    memset(t->aside, 0, t->workers * t->executor.state_count * sizeof(float));
    memset(t->partial, 0, t->workers * sizeof *t->partial);
    swap_states(t);
    size_t length = (count + t->options.batch - 1) / t->options.batch;
    uint64_t lead = t->executor.options.windows ? 0 : 1;
    uint64_t windows = lead + (length + t->options.sequence - 1) / t->options.sequence;
    for (t->window = 0; t->window < windows; t->window++)
        mote_team_run(t->team, score, t);
    swap_states(t);
    double nats = 0;
    for (uint32_t w = 0; w < t->workers; w++)
        nats += t->partial[w];
    return (nats / log(2) + unknown_bits(&t->corpus)) / (double)t->corpus.valid_bytes;
}
