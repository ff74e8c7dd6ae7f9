#include "compiler/train/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compiler/pack/container.h"
#include "compiler/train/checkpoint.h"
#include "compiler/train/trainer.h"

enum { SAMPLE_SIZE = 240, LEAST_BETWEEN_EVALUATIONS = 100, MOST_BETWEEN_EVALUATIONS = 2000 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t total_steps(const mote_trainer *t)
{
    if (t->options.steps)
        return t->options.steps;
    return (uint64_t)ceil(t->options.epochs * (double)mote_trainer_epoch_steps(t));
}

static double progress_of(const mote_trainer *t)
{
    double done = t->options.minutes > 0 && !t->options.steps ? t->at.seconds / (60 * t->options.minutes)
                                                              : (double)t->at.step / (double)total_steps(t);
    return done < 1 ? done : 1;
}

/* Returns the learning rate. It rises in a line, then falls by half a cosine to a fiftieth. */
static double rate_at(const mote_train_options *o, double progress)
{
    if (progress < o->warmup)
        return o->rate * (0.02 + 0.98 * progress / o->warmup);
    double fall = (progress - o->warmup) / (1 - o->warmup);
    return o->rate * (0.02 + 0.98 * 0.5 * (1 + cos(3.14159265358979 * fall)));
}

static float quantized_part(const mote_trainer *t)
{
    bool ramps = t->options.ramp > 0 && t->options.weights != MOTE_F32;
    double part = ramps ? progress_of(t) / t->options.ramp : 1;
    return part < 1 ? (float)part : 1;
}

/* Sets the strength of the quantizers. When they reach full strength, forgets the best loss, because it is that of
 * another kind of model. */
static void ramp_quantizers(mote_trainer *t)
{
    float part = quantized_part(t);
    if (part >= 1 && t->executor.quantized < 1)
        t->at.best = INFINITY;
    t->executor.quantized = part;
    mote_trainer_refresh(t);
}

/* Updates the masks. While they grow, forgets the best loss, because it is that of a denser model. */
static bool keep_masks(mote_trainer *t, mote_error *error)
{
    if (!mote_pruner_step(&t->pruner, t->at.step, error))
        return false;
    if (mote_pruner_busy(&t->pruner, t->at.step))
        t->at.best = INFINITY;
    return true;
}

static bool evaluation_due(const mote_trainer *t)
{
    bool epoch_ended = t->at.epoch_step == 0 && t->at.since >= LEAST_BETWEEN_EVALUATIONS;
    return epoch_ended || t->at.since >= MOST_BETWEEN_EVALUATIONS || progress_of(t) >= 1;
}

/* True if the state of the run must be saved: after an evaluation, and where evaluations are rare, after some minutes.
 */
static bool save_due(const mote_trainer *t, bool evaluated, double since)
{
    return progress_of(t) < 1 && (evaluated || since >= t->options.save_seconds);
}

static bool save_model(mote_trainer *t, double loss, mote_error *error)
{
    char text[32];
    snprintf(text, sizeof text, "%.4f", loss);
    bool set = mote_graph_set_meta(&t->graph, t->train.is_text ? "bits_per_byte" : "loss", text);
    snprintf(text, sizeof text, "%llu", (unsigned long long)t->at.step);
    set = set && mote_graph_set_meta(&t->graph, "steps", text);
    return set ? mote_graph_save(&t->graph, t->options.out, error)
               : mote_fail(error, MOTE_E_INTERNAL, "out of memory while saving %s", t->options.out);
}

static void describe(const mote_train_options *o, char *title, size_t size)
{
    const bool gru = o->architecture == MOTE_ARCH_GRU;
    const uint32_t layers = gru ? o->shape.layers : o->transformer.layers;
    snprintf(title, size, "%s, dim %u, %u layer%s, %s weights", gru ? "TinyLM" : "Transformer",
             gru ? o->shape.dim : o->transformer.dim, layers, layers == 1 ? "" : "s", mote_trainable_name(o->weights));
}

/* Returns the unit as axes and columns are named. */
static const char *unit_of(const mote_trainer *t)
{
    return t->train.is_text ? "bits per byte" : t->train.task->unit;
}

static bool save_curve(const mote_trainer *t, mote_error *error)
{
    char path[4096], title[160];
    if (t->train.is_text)
        describe(&t->options, title, sizeof title);
    else
        snprintf(title, sizeof title, "%.120s", t->options.init);
    return mote_beside(t->options.out, ".csv", path, sizeof path, error) &&
           mote_curve_save_csv(&t->curve, path, unit_of(t), error) &&
           mote_beside(t->options.out, ".svg", path, sizeof path, error) &&
           mote_curve_save_svg(&t->curve, path, title, unit_of(t), error);
}

double mote_trainer_mean(const mote_trainer *t, double loss, uint64_t targets)
{
    if (!targets)
        return NAN;
    return t->train.is_text ? loss / log(2) / (double)targets * t->corpus.tokens_per_byte : loss / (double)targets;
}

static bool add_point(mote_trainer *t, double valid, mote_error *error)
{
    uint64_t tokens = t->at.step * t->options.batch * t->options.sequence;
    mote_curve_point point = {(float)t->at.step, (float)tokens / 1000,
                              (float)mote_trainer_mean(t, t->at.loss, t->at.loss_tokens), (float)valid};
    t->at.since_loss += t->at.loss;
    t->at.since_tokens += t->at.loss_tokens;
    t->at.loss = 0;
    t->at.loss_tokens = 0;
    return mote_curve_add(&t->curve, point) || mote_fail(error, MOTE_E_INTERNAL, "out of memory");
}

static bool evaluate(mote_trainer *t, const mote_train_watch *watch, mote_train_report *report, mote_error *error)
{
    char sample[SAMPLE_SIZE];
    double valid;
    if (!mote_trainer_validate(t, &valid, error))
        return false;
    if (t->at.loss_tokens && !add_point(t, valid, error))
        return false;
    report->loss = mote_trainer_mean(t, t->at.since_loss, t->at.since_tokens);
    double loss = isnan(valid) ? report->loss : valid;
    t->at.since = 0, t->at.since_loss = 0, t->at.since_tokens = 0;
    mote_executor_store(&t->executor, &t->graph);
    report->valid_loss = valid;
    report->best = isnan(valid) || loss < t->at.best;
    if (report->best) {
        t->at.best = loss;
        if (!save_model(t, loss, error))
            return false;
    }
    if (!save_curve(t, error) || (t->train.is_text && !mote_trainer_sample(t, sample, sizeof sample, error)))
        return false;
    report->sample = t->train.is_text ? sample : NULL;
    if (watch->evaluation)
        watch->evaluation(watch->context, report);
    report->sample = NULL;
    return true;
}

static void report_step(mote_trainer *t, const mote_train_watch *watch, mote_train_report *report, double seconds)
{
    uint64_t tokens = (uint64_t)t->options.batch * t->options.sequence;
    double speed = (double)tokens / seconds, weight = report->step ? 0.05 : 1;
    report->tokens_per_second += weight * (speed - report->tokens_per_second);
    double loss = mote_trainer_mean(t, t->partial_loss, mote_trainer_targets(t));
    report->loss = isfinite(report->loss) && report->step ? report->loss + 0.05 * (loss - report->loss) : loss;
    report->step = t->at.step;
    report->tokens = t->at.step * tokens;
    report->progress = progress_of(t);
    if (watch->step)
        watch->step(watch->context, report);
}

static bool run(mote_trainer *t, const mote_train_watch *watch, mote_train_result *result, mote_error *error)
{
    mote_train_report report = {.valid_loss = NAN,
                                .unit = t->train.is_text ? "bits/byte" : t->train.task->unit,
                                .rows = t->train.is_text ? "tokens" : "samples"};
    result->unit = report.unit, result->rows = report.rows;
    uint64_t interval = mote_trainer_epoch_steps(t) / 20 < 10 ? 10 : mote_trainer_epoch_steps(t) / 20;
    uint64_t first = t->at.step;
    double started = now(), saved = started, before = t->at.seconds;
    while (progress_of(t) < 1 && !result->stopped) {
        double begin = now();
        mote_trainer_step(t, rate_at(&t->options, progress_of(t)));
        if (!keep_masks(t, error))
            return false;
        ramp_quantizers(t);
        double seconds = now() - begin;
        result->seconds += seconds;
        t->at.seconds = before + now() - started;
        report_step(t, watch, &report, seconds);
        if (!isfinite((float)t->partial_loss))
            return mote_fail(error, MOTE_E_UNSUPPORTED, "the training diverged at step %llu; use a smaller --lr",
                             (unsigned long long)t->at.step);
        result->stopped = watch->stop && watch->stop(watch->context) && progress_of(t) < 1;
        const bool due = evaluation_due(t);
        if (due && !evaluate(t, watch, &report, error))
            return false;
        if (t->at.loss_tokens && t->at.step % interval == 0 && !add_point(t, NAN, error))
            return false;
        if (result->stopped || save_due(t, due, now() - saved)) {
            if (!mote_checkpoint_save(t, error))
                return false;
            saved = now();
        }
    }
    result->step = t->at.step;
    result->best_loss = t->at.best;
    result->tokens_per_second =
        (double)((t->at.step - first) * t->options.batch * t->options.sequence) / fmax(result->seconds, 1e-9);
    return true;
}

/* Saves the curve if the run was stopped; removes the checkpoint if it has finished. */
static bool finish(mote_trainer *t, bool stopped, mote_error *error)
{
    char path[4096];
    if (stopped)
        return save_curve(t, error);
    return mote_beside(t->options.out, ".resume", path, sizeof path, error) && (unlink(path), true);
}

/* Loads OUT.resume and takes its options, except those that name files. */
static bool resume_options(mote_train_options *o, mote_graph *saved, mote_error *error)
{
    char path[4096];
    if (!mote_beside(o->out, ".resume", path, sizeof path, error))
        return false;
    if (access(path, F_OK) != 0)
        return mote_fail(error, MOTE_E_INPUT, "there is no %s to go on from; train without --resume", path);
    if (!mote_graph_load(saved, path, error))
        return false;
    if (mote_checkpoint_options(saved, o, error))
        return true;
    mote_graph_free(saved);
    return false;
}

bool mote_train_model(const mote_train_options *options, mote_graph *g, mote_error *error)
{
    mote_trainer *t = calloc(1, sizeof *t);
    if (!t)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory");
    t->options = *options;
    mote_train_resolve(&t->options);
    const bool made = mote_trainer_model(t, error);
    if (made) {
        *g = t->graph;
        t->graph = (mote_graph){0};
    }
    mote_trainer_free(t);
    free(t);
    return made;
}

/* Fails if the pruning would end after the training, which would leave no model of the sparsity asked for. */
static bool schedule_fits(const mote_trainer *t, mote_error *error)
{
    const uint64_t steps = t->options.minutes > 0 && !t->options.steps ? UINT64_MAX : total_steps(t);
    if (t->options.prune.to <= 0 || t->options.prune.end < steps)
        return true;
    return mote_fail(error, MOTE_E_USAGE, "pruning until step %llu is not over before the training is, at step %llu",
                     (unsigned long long)t->options.prune.end, (unsigned long long)steps);
}

bool mote_train(const mote_train_options *options, const mote_train_watch *watch, mote_train_result *result,
                mote_error *error)
{
    mote_train_watch nobody = {0};
    mote_train_options o = *options;
    mote_graph saved = {0};
    *result = (mote_train_result){0};
    if (o.resume && !resume_options(&o, &saved, error))
        return false;
    mote_trainer *t = calloc(1, sizeof *t);
    if (!t)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory");
    t->options = o;
    mote_train_resolve(&t->options);
    bool ok = mote_trainer_init(t, error) && (!o.resume || mote_checkpoint_restore(t, &saved, error)) &&
              mote_pruner_init(&t->pruner, &t->options.prune, &t->graph, &t->executor, &t->train, error) &&
              schedule_fits(t, error);
    if (ok) {
        ramp_quantizers(t);
        watch = watch ? watch : &nobody;
        if (watch->begin)
            watch->begin(watch->context, &t->graph, t->train.is_text ? t->corpus.train_bytes : t->train.count,
                         t->train.is_text ? t->corpus.valid_bytes : t->valid.count);
        ok = run(t, watch, result, error) && finish(t, result->stopped, error);
    }
    mote_trainer_free(t);
    free(t);
    mote_graph_free(&saved);
    return ok;
}
