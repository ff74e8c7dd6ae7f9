/* Runs one step of training: forward, loss and backward on every worker's streams, then AdamW on every worker's share
 * of the parameters. */
#include <math.h>
#include <string.h>

#include "compiler/graph/cross_entropy.h"
#include "compiler/graph/language.h"
#include "compiler/graph/random.h"
#include "compiler/graph/vector.h"
#include "compiler/train/trainer.h"

static uint64_t mix(uint64_t a, uint64_t b)
{
    mote_random random = {a ^ b * 0x9e3779b97f4a7c15u};
    return mote_random_bits(&random);
}

/* Returns the start of an epoch. A text, or samples in one sequence, are read as a ring. Each epoch begins elsewhere on
 * it, so that streams and windows are cut at new places. */
static size_t epoch_start(const mote_trainer *t)
{
    return t->at.epoch ? (size_t)(mix(t->options.seed, t->at.epoch) % t->train.count) : 0;
}

/* Fills the rows of one stream. Streams are numbered across all workers and calls. */
static void ring_rows(const mote_trainer *t, size_t stream, uint32_t streams, mote_sample_row *rows)
{
    const size_t count = t->train.count, length = count / t->options.batch;
    size_t at = (epoch_start(t) + stream * length + t->at.epoch_step * t->options.sequence) % count;
    for (uint32_t i = 0; i < t->options.sequence; i++) {
        const size_t next = at + 1 < count ? at + 1 : 0;
        rows[i * streams] = (mote_sample_row){at, t->train.is_text ? next : at};
        at = next;
    }
}

static void shuffled_rows(const mote_trainer *t, size_t stream, uint32_t streams, mote_sample_row *rows)
{
    const size_t first = t->order[t->at.epoch_step * t->options.batch + stream] * t->options.sequence;
    for (uint32_t i = 0; i < t->options.sequence; i++)
        rows[i * streams] = (mote_sample_row){first + i, first + i};
}

void mote_trainer_shuffle(mote_trainer *t)
{
    mote_random random = {mix(t->options.seed ^ 0x5u, t->at.epoch + 1)};
    const size_t count = t->order ? t->train.count / t->options.sequence : 0;
    for (size_t i = 0; i < count; i++) {
        const size_t k = (size_t)(mote_random_bits(&random) % (i + 1));
        t->order[i] = t->order[k];
        t->order[k] = i;
    }
}

static const mote_batch *fill_batch(const mote_trainer *t, uint32_t worker, uint32_t call)
{
    const uint32_t streams = t->executor.options.streams, count = t->options.sequence * streams;
    mote_sample_row *rows = t->rows + (size_t)worker * count;
    for (uint32_t s = 0; s < streams; s++)
        (t->order ? shuffled_rows : ring_rows)(t, (size_t)call * streams + s, streams, rows + s);
    t->train.fill(&t->train, rows, count, &t->batches[worker]);
    return &t->batches[worker];
}

uint64_t mote_trainer_targets(const mote_trainer *t)
{
    return (uint64_t)t->options.batch * (t->train.last_counts ? 1 : t->options.sequence);
}

/* Runs one call of the executor, forward and backward. Returns its loss. */
static double learn_streams(mote_trainer *t, uint32_t worker, uint32_t call)
{
    mote_executor *x = &t->executor;
    const uint32_t rows = t->options.sequence * x->options.streams, outputs = (uint32_t)mote_executor_output_size(x, 0);
    const mote_batch *batch = fill_batch(t, worker, call);
    const void *const *inputs = (const void *const *)batch->inputs;
    uint64_t seed = mix(t->options.seed + call, t->at.step + 1) | 1;
    mote_executor_forward(x, worker, inputs, t->options.sequence, seed);
    float *y = mote_executor_output(x, worker, 0), *gradient = mote_executor_output_gradient(x, worker, 0);
    float scale = 1 / (float)mote_trainer_targets(t);
    float from_teacher = t->has_teacher ? (float)t->options.teacher_weight : 0;
    double loss = t->train.task->loss(y, batch->targets, rows, outputs, scale * (1 - from_teacher), gradient);
    if (t->has_teacher) {
        mote_executor_forward(&t->teacher, worker, inputs, t->options.sequence, 0);
        mote_distill(y, mote_executor_output(&t->teacher, worker, 0), rows, outputs, (float)t->options.temperature,
                     scale * from_teacher, gradient);
    }
    mote_executor_backward(x, worker);
    return loss;
}

static void learn(void *context, uint32_t worker)
{
    mote_trainer *t = context;
    mote_slice *slice = &t->executor.slices[worker];
    memset(slice->parameter_gradient, 0, t->executor.parameter_count * sizeof(float));
    t->partial[worker] = 0;
    for (uint32_t call = worker * t->calls; call < (worker + 1) * t->calls; call++)
        t->partial[worker] += learn_streams(t, worker, call);
}

/* Computes the worker's share of `count` elements, in whole cache lines. */
static void share(size_t count, uint32_t worker, uint32_t workers, size_t *from, size_t *to)
{
    size_t lines = (count + 15) / 16;
    *from = lines * worker / workers * 16;
    *to = lines * (worker + 1) / workers * 16;
    if (*to > count)
        *to = count;
}

MOTE_CLONES static double sum_of_squares(const float *x, size_t count)
{
    float sums[16] = {0};
    for (size_t i = 0; i < count; i += 16)
        for (size_t j = 0; j < 16; j++)
            sums[j] += x[i + j] * x[i + j];
    double total = 0;
    for (size_t j = 0; j < 16; j++)
        total += (double)sums[j];
    return total;
}

/* Adds all workers' gradients to the first's, always in the same order. */
static void reduce(void *context, uint32_t worker)
{
    mote_trainer *t = context;
    mote_slice *slices = t->executor.slices;
    size_t from, to;
    share(t->executor.parameter_count, worker, t->workers, &from, &to);
    for (uint32_t w = 1; w < t->workers; w++)
        mote_accumulate(slices[0].parameter_gradient + from, slices[w].parameter_gradient + from, to - from);
    t->partial[worker] = sum_of_squares(slices[0].parameter_gradient + from, to - from);
}

static void update(void *context, uint32_t worker)
{
    mote_trainer *t = context;
    const mote_executor *x = &t->executor;
    size_t from, to;
    share(x->parameter_count, worker, t->workers, &from, &to);
    for (int i = 0; i < x->graph.tensor_count; i++) {
        if (x->offset[i] == SIZE_MAX)
            continue;
        size_t first = x->offset[i], end = first + mote_tensor_elements(&x->graph.tensors[i]);
        first = first > from ? first : from;
        end = end < to ? end : to;
        mote_adamw adam = t->adam;
        adam.decay = t->decay[i];
        if (first < end)
            mote_adamw_update(&adam, x->parameters + first, x->slices[0].parameter_gradient + first, t->m + first,
                              t->v + first, end - first);
    }
}

static void refresh(void *context, uint32_t worker)
{
    mote_trainer *t = context;
    mote_executor_refresh(&t->executor, t->stage, worker, t->workers);
}

void mote_trainer_refresh(mote_trainer *t)
{
    for (t->stage = 0; t->stage < MOTE_REFRESH_STAGES; t->stage++)
        mote_team_run(t->team, refresh, t);
}

static double total(const mote_trainer *t)
{
    double sum = 0;
    for (uint32_t w = 0; w < t->workers; w++)
        sum += t->partial[w];
    return sum;
}

static void begin_epoch(mote_trainer *t)
{
    t->at.epoch++;
    t->at.epoch_step = 0;
    for (uint32_t w = 0; w < t->workers; w++) {
        mote_executor_reset(&t->executor, w);
        if (t->has_teacher)
            mote_executor_reset(&t->teacher, w);
    }
    mote_trainer_shuffle(t);
}

uint64_t mote_trainer_epoch_steps(const mote_trainer *t)
{
    return t->train.count / t->options.batch / t->options.sequence;
}

void mote_trainer_step(mote_trainer *t, double rate)
{
    mote_team_run(t->team, learn, t);
    t->partial_loss = total(t);
    t->at.loss += t->partial_loss;
    t->at.loss_tokens += mote_trainer_targets(t);
    mote_team_run(t->team, reduce, t);
    double norm = sqrt(total(t));
    t->adam = (mote_adamw){.beta1 = 0.9f, .beta2 = 0.99f, .epsilon = 1e-8f, .gradient_scale = 1};
    t->adam.rate = (float)rate;
    t->adam.step = t->at.step + 1;
    if (t->options.clip > 0 && norm > t->options.clip)
        t->adam.gradient_scale = (float)(t->options.clip / norm);
    mote_team_run(t->team, update, t);
    t->at.step++;
    t->at.since++;
    if (++t->at.epoch_step >= mote_trainer_epoch_steps(t))
        begin_epoch(t);
}
