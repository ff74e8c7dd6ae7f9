/* Computes the loss on the validation samples. Models with state read a text in long streams; models with attention
 * read it in windows, as `mote eval --window` does. */
#include <math.h>
#include <string.h>

#include "compiler/train/trainer.h"
#include "runtime/tokenizer.h"

/* Returns the row that predicts `target`. The input is the token before it, or the start token where a sequence
 * `begins`; for samples that are not a text, the input is the target's own sample. */
static mote_sample_row place(const mote_trainer *t, size_t target, bool begins, bool counts)
{
    const size_t input = t->valid.is_text ? target - 1 : target;
    const bool follows = !(t->valid.is_text && begins) && input < t->valid.count;
    return (mote_sample_row){follows ? input : MOTE_START, counts ? target : MOTE_ABSENT};
}

/* Fills a window if the state is carried on: stream k of `batch` scores the tokens first..end−1. Window 0 is only a
 * lead-in; later windows are scored. */
static void carried_window(const mote_trainer *t, uint32_t call, mote_sample_row *rows)
{
    const size_t count = t->valid.count, lead = t->options.sequence;
    uint32_t streams = t->executor.options.streams;
    size_t length = (count + t->options.batch - 1) / t->options.batch;
    for (uint32_t s = 0; s < streams; s++) {
        size_t first = ((size_t)call * streams + s) * length;
        size_t end = first + length < count ? first + length : count;
        for (uint32_t i = 0; i < t->options.sequence; i++) {
            /* shifted by one sequence so that it is never negative */
            const size_t shifted = first + t->window * t->options.sequence + i;
            const size_t target = shifted < lead ? 0 : shifted - lead;
            rows[(size_t)i * streams + s] = place(t, target, target == 0, shifted >= first + lead && target < end);
        }
    }
}

/* Fills windows that begin empty and follow one another, `batch` at a time. If texts of the model begin with the start
 * token, each window is a text of its own; otherwise the text continues. */
static void empty_window(const mote_trainer *t, uint32_t call, mote_sample_row *rows)
{
    const size_t count = t->valid.count, sequence = t->options.sequence;
    const uint32_t streams = t->executor.options.streams;
    const bool starts_first = t->valid.is_text && mote_tokenizer_starts_first(t->corpus.tokenizer);
    for (uint32_t s = 0; s < streams; s++) {
        const size_t first = (t->window * t->options.batch + (size_t)call * streams + s) * sequence;
        for (size_t i = 0; i < sequence; i++)
            rows[i * streams + s] = place(t, first + i, first + i == 0 || (starts_first && i == 0), first + i < count);
    }
}

/* Fills sequences of samples, which follow one another, `batch` at a time. */
static void sample_window(const mote_trainer *t, uint32_t call, mote_sample_row *rows)
{
    const size_t sequence = t->options.sequence;
    const uint32_t streams = t->executor.options.streams;
    for (uint32_t s = 0; s < streams; s++) {
        const size_t first = (t->window * t->options.batch + (size_t)call * streams + s) * sequence;
        for (size_t i = 0; i < sequence; i++)
            rows[i * streams + s] = first + i < t->valid.count ? (mote_sample_row){first + i, first + i}
                                                               : (mote_sample_row){MOTE_START, MOTE_ABSENT};
    }
}

static void score(void *context, uint32_t worker)
{
    mote_trainer *t = context;
    mote_executor *x = &t->executor;
    const uint32_t count = t->options.sequence * x->options.streams,
                   outputs = (uint32_t)mote_executor_output_size(x, 0);
    mote_sample_row *rows = t->rows + (size_t)worker * count;
    mote_batch *batch = &t->batches[worker];
    for (uint32_t call = worker * t->calls; call < (worker + 1) * t->calls; call++) {
        (t->valid.sequence ? sample_window : x->options.windows ? empty_window : carried_window)(t, call, rows);
        t->valid.fill(&t->valid, rows, count, batch);
        mote_executor_forward(x, worker, (const void *const *)batch->inputs, t->options.sequence, 0);
        t->partial[worker] +=
            t->valid.task->loss(mote_executor_output(x, worker, 0), batch->targets, count, outputs, 0, NULL);
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

/* Returns the bits that name the bytes of unknown tokens. */
static double unknown_bits(const mote_corpus *c)
{
    size_t count = 0;
    for (size_t i = 0; i < c->valid_count; i++)
        count += c->valid[i] == c->tokenizer->unknown;
    return (double)count * c->unknown_bits;
}

/* Returns the number of windows in which the validation samples are read. */
static uint64_t window_count(const mote_trainer *t)
{
    const size_t length = (t->valid.count + t->options.batch - 1) / t->options.batch;
    const uint64_t lead = t->executor.options.windows ? 0 : 1;
    return lead + (length + t->options.sequence - 1) / t->options.sequence;
}

static double mean_of(const mote_trainer *t, double loss)
{
    if (t->valid.is_text)
        return (loss / log(2) + unknown_bits(&t->corpus)) / (double)t->corpus.valid_bytes;
    return loss / (double)(t->valid.last_counts ? t->valid.count / t->valid.sequence : t->valid.count);
}

bool mote_trainer_validate(mote_trainer *t, double *loss, mote_error *error)
{
    *loss = NAN;
    if (!t->valid.count)
        return true;
    memset(t->aside, 0, t->workers * t->executor.state_count * sizeof(float));
    memset(t->partial, 0, t->workers * sizeof *t->partial);
    swap_states(t);
    for (t->window = 0; t->window < window_count(t); t->window++)
        mote_team_run(t->team, score, t);
    swap_states(t);
    double sum = 0;
    for (uint32_t w = 0; w < t->workers; w++)
        sum += t->partial[w];
    *loss = mean_of(t, sum);
    return isfinite(*loss) || mote_fail(error, MOTE_E_UNSUPPORTED,
                                        "the validation loss is infinite or undefined at step %llu; use a smaller --lr",
                                        (unsigned long long)t->at.step);
}
