#include "compiler/train/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compiler/pack/container.h"
#include "compiler/train/trainer.h"

enum { SAMPLE_SIZE = 240, LEAST_BETWEEN_EVALUATIONS = 100, MOST_BETWEEN_EVALUATIONS = 2000 };

mote_train_options mote_train_defaults(void)
{
    return (mote_train_options){
        .valid_fraction = 0.1,
        .shape = {.embed = 64, .dim = 128, .layers = 1},
        .weights = MOTE_F32,
        .batch = 32,
        .sequence = 64,
        .threads = 2,
        .epochs = 10,
        .rate = 8e-3,
        .ramp = 0.6,
        .warmup = 0.02,
        .decay = 0.01,
        .clip = 1,
        .seed = 1,
        .teacher_weight = 0.5,
        .temperature = 2,
    };
}

bool mote_beside(const char *out, const char *suffix, char *name, size_t size, mote_error *error)
{
    int length = snprintf(name, size, "%s%s", out, suffix);
    return (length > 0 && (size_t)length < size) || mote_fail(error, MOTE_E_OUTPUT, "%s: the name is too long", out);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool options_valid(const mote_train_options *o, mote_error *error)
{
    if (o->batch < 1 || o->batch > 4096 || o->sequence < 2 || o->sequence > 4096)
        return mote_fail(error, MOTE_E_USAGE, "batch must be 1..4096 and sequence 2..4096");
    if (o->weights != MOTE_F32 && o->weights != MOTE_I8 && o->weights != MOTE_TERNARY2)
        return mote_fail(error, MOTE_E_USAGE, "weights are trained as f32, int8 or ternary");
    if (!(o->rate > 0 && o->rate <= 1) || !(o->warmup >= 0 && o->warmup <= 0.5) ||
        !(o->dropout >= 0 && o->dropout <= 0.9) || !(o->clip >= 0) || !(o->decay >= 0 && o->decay <= 1) ||
        !(o->ramp >= 0 && o->ramp <= 0.95))
        return mote_fail(error, MOTE_E_USAGE, "the learning rate, warm-up, dropout, clip or decay is out of range");
    if (!(o->valid_fraction >= 0 && o->valid_fraction <= 0.5))
        return mote_fail(error, MOTE_E_USAGE, "the validation part must be 0 to 0.5 of the text");
    if (!o->steps && !(o->minutes > 0) && !(o->epochs > 0))
        return mote_fail(error, MOTE_E_USAGE, "say how long to train: epochs, steps or minutes");
    return true;
}

/* Fails now rather than after the training when a file cannot be written there. */
static bool probe_outputs(const char *out, mote_error *error)
{
    static const char *const suffixes[] = {"", ".resume", ".csv", ".svg"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char path[4096];
        mote_output output;
        if (!mote_beside(out, suffixes[i], path, sizeof path, error) || !mote_output_begin(&output, path, error))
            return false;
        mote_output_discard(&output);
    }
    return true;
}

/* Which quantiser each matrix is trained with. What reads or writes tokens stays int8 when the rest is ternary: the
 * embedding, the matrix that reads it, and the head are the sensitive ones. One scale for a table, because what is
 * looked up is an activation. */
static void choose_quantisers(mote_graph *g, mote_dtype weights)
{
    int embedded = -1;
    for (int i = 0; i < g->op_count && weights != MOTE_F32; i++) {
        const mote_op *op = &g->ops[i];
        if (op->opcode == MOTE_OP_ADD)
            continue;
        mote_tensor *w = &g->tensors[op->inputs[1]];
        bool table = op->opcode == MOTE_OP_EMBEDDING, head = g->tensors[op->outputs[0]].role == MOTE_OUTPUT;
        bool outer = table || head || op->inputs[0] == embedded;
        if (table)
            embedded = op->outputs[0];
        if (w->quantiser != MOTE_F32)
            continue; /* a tied head: the table's choice stands */
        w->quantiser = outer ? MOTE_I8 : weights;
        w->granularity = table ? MOTE_PER_TENSOR : MOTE_PER_ROW;
    }
}

static bool build_model(mote_trainer *t, mote_error *error)
{
    t->options.shape.vocabulary = t->corpus.tokenizer.vocabulary;
    if (!mote_tinylm_build(&t->graph, &t->options.shape, t->options.seed, error))
        return false;
    choose_quantisers(&t->graph, t->options.weights);
    t->graph.has_tokenizer = true;
    t->graph.tokenizer = t->corpus.tokenizer;
    if (!mote_graph_set_meta(&t->graph, "name", "TinyLM") || !mote_graph_set_meta(&t->graph, "made_by", "mote train"))
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory");
    return true;
}

static bool load_teacher(mote_trainer *t, mote_error *error)
{
    mote_graph g;
    if (!mote_graph_load(&g, t->options.teacher, error))
        return false;
    bool ok;
    if (!g.has_tokenizer || memcmp(&g.tokenizer, &t->corpus.tokenizer, sizeof g.tokenizer) != 0)
        ok = mote_fail(error, MOTE_E_INPUT, "%s: this teacher's tokens are not those of the text; train it on the same",
                       t->options.teacher);
    else
        ok = mote_executor_init(&t->teacher, &g,
                                &(mote_executor_options){.steps = t->options.sequence,
                                                         .streams = t->options.batch / t->workers,
                                                         .workers = t->workers},
                                error);
    mote_graph_free(&g);
    t->has_teacher = ok;
    return ok;
}

static void *zeroed(size_t count, size_t size)
{
    return calloc(count ? count : 1, size);
}

static bool take_memory(mote_trainer *t, mote_error *error)
{
    size_t rows = (size_t)t->options.batch * t->options.sequence, tensors = (size_t)t->graph.tensor_count;
    t->m = zeroed(t->executor.parameter_count, sizeof *t->m);
    t->v = zeroed(t->executor.parameter_count, sizeof *t->v);
    t->aside = zeroed(t->workers * t->executor.state_count, sizeof *t->aside);
    t->decay = zeroed(tensors, sizeof *t->decay);
    t->ids = zeroed(rows, sizeof *t->ids);
    t->targets = zeroed(rows, sizeof *t->targets);
    t->partial = zeroed(t->workers, sizeof *t->partial);
    if (!t->m || !t->v || !t->aside || !t->decay || !t->ids || !t->targets || !t->partial)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory: a smaller batch or sequence needs less");
    int table = mote_graph_find(&t->graph, "embedding.weight");
    for (int i = 0; i < t->graph.tensor_count; i++) {
        const mote_tensor *w = &t->graph.tensors[i];
        if (w->rank == 2 && i != table && w->quantiser != MOTE_TERNARY2)
            t->decay[i] = (float)t->options.decay;
    }
    return true;
}

/* The most workers that share the batch evenly. */
static uint32_t workers_for(const mote_train_options *o)
{
    uint32_t workers = o->threads < 1 ? 1 : o->threads > 64 ? 64 : o->threads;
    while (o->batch % workers)
        workers--;
    return workers;
}

static bool text_long_enough(const mote_trainer *t, mote_error *error)
{
    const mote_train_options *o = &t->options;
    size_t count = t->corpus.train_count;
    if (count <= o->sequence)
        return mote_fail(error, MOTE_E_INPUT,
                         "%s: %zu bytes to train on are fewer than one sequence of %u; give more text or a shorter "
                         "--sequence",
                         o->texts[0], count, o->sequence);
    if (mote_trainer_epoch_steps(t) == 0)
        return mote_fail(error, MOTE_E_INPUT,
                         "%s: %zu bytes to train on are fewer than %u sequences of %u; use --batch %zu or more text",
                         o->texts[0], count, o->batch, o->sequence, count / o->sequence);
    return true;
}

static bool set_up(mote_trainer *t, mote_error *error)
{
    const mote_train_options *o = &t->options;
    if (!options_valid(o, error) || !probe_outputs(o->out, error) ||
        !mote_corpus_load(&t->corpus, o->texts, o->text_count, o->valid_text, o->valid_fraction, error) ||
        !text_long_enough(t, error) || !build_model(t, error))
        return false;
    t->workers = workers_for(o);
    t->team = mote_team_new(t->workers, error);
    mote_executor_options x = {.steps = o->sequence,
                               .streams = o->batch / t->workers,
                               .workers = t->workers,
                               .backward = true,
                               .dropout = (float)o->dropout};
    t->at.best = INFINITY;
    return t->team && mote_executor_init(&t->executor, &t->graph, &x, error) && take_memory(t, error) &&
           (!o->teacher || load_teacher(t, error));
}

static void tear_down(mote_trainer *t)
{
    mote_team_free(t->team);
    if (t->executor.slices)
        mote_executor_free(&t->executor);
    if (t->has_teacher)
        mote_executor_free(&t->teacher);
    mote_graph_free(&t->graph);
    mote_corpus_free(&t->corpus);
    mote_curve_free(&t->curve);
    free(t->m);
    free(t->v);
    free(t->aside);
    free(t->decay);
    free(t->ids);
    free(t->targets);
    free(t->partial);
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

/* Rises in a line, then falls by half a cosine to a fiftieth. */
static double rate_at(const mote_train_options *o, double progress)
{
    if (progress < o->warmup)
        return o->rate * (0.02 + 0.98 * progress / o->warmup);
    double fall = (progress - o->warmup) / (1 - o->warmup);
    return o->rate * (0.02 + 0.98 * 0.5 * (1 + cos(3.14159265358979 * fall)));
}

static float quantised_part(const mote_trainer *t)
{
    bool ramps = t->options.ramp > 0 && t->options.weights != MOTE_F32;
    double part = ramps ? progress_of(t) / t->options.ramp : 1;
    return part < 1 ? (float)part : 1;
}

/* The best model before the quantisers are wholly there was another kind of model. */
static void ramp_quantisers(mote_trainer *t)
{
    float part = quantised_part(t);
    if (part >= 1 && t->executor.quantised < 1)
        t->at.best = INFINITY;
    t->executor.quantised = part;
    mote_trainer_refresh(t);
}

static bool evaluation_due(const mote_trainer *t)
{
    bool epoch_ended = t->at.epoch_step == 0 && t->at.since >= LEAST_BETWEEN_EVALUATIONS;
    return epoch_ended || t->at.since >= MOST_BETWEEN_EVALUATIONS || progress_of(t) >= 1;
}

static bool save_model(mote_trainer *t, double loss, mote_error *error)
{
    char text[32];
    snprintf(text, sizeof text, "%.4f", loss);
    bool set = mote_graph_set_meta(&t->graph, "bits_per_byte", text);
    snprintf(text, sizeof text, "%llu", (unsigned long long)t->at.step);
    set = set && mote_graph_set_meta(&t->graph, "steps", text);
    return set ? mote_graph_save(&t->graph, t->options.out, error)
               : mote_fail(error, MOTE_E_INTERNAL, "out of memory while saving %s", t->options.out);
}

static bool save_curve(const mote_trainer *t, mote_error *error)
{
    char path[4096], title[160];
    const mote_tinylm_shape *s = &t->options.shape;
    const char *weights = t->options.weights == MOTE_F32 ? "f32" : t->options.weights == MOTE_I8 ? "int8" : "ternary";
    snprintf(title, sizeof title, "TinyLM, dim %u, %u layer%s, %s weights: training loss", s->dim, s->layers,
             s->layers == 1 ? "" : "s", weights);
    return mote_beside(t->options.out, ".csv", path, sizeof path, error) &&
           mote_curve_save_csv(&t->curve, path, error) &&
           mote_beside(t->options.out, ".svg", path, sizeof path, error) &&
           mote_curve_save_svg(&t->curve, path, title, error);
}

static double bits(double nats, uint64_t tokens)
{
    return tokens ? nats / log(2) / (double)tokens : NAN;
}

static bool add_point(mote_trainer *t, double valid, mote_error *error)
{
    uint64_t tokens = t->at.step * t->options.batch * t->options.sequence;
    mote_curve_point point = {(float)t->at.step, (float)tokens / 1000, (float)bits(t->at.loss, t->at.loss_tokens),
                              (float)valid};
    t->at.since_loss += t->at.loss;
    t->at.since_tokens += t->at.loss_tokens;
    t->at.loss = 0;
    t->at.loss_tokens = 0;
    return mote_curve_add(&t->curve, point) || mote_fail(error, MOTE_E_INTERNAL, "out of memory");
}

static bool evaluate(mote_trainer *t, const mote_train_watch *watch, mote_train_report *report, mote_error *error)
{
    char sample[SAMPLE_SIZE];
    double valid = mote_trainer_validate(t);
    if (t->at.loss_tokens && !add_point(t, valid, error))
        return false;
    report->loss = bits(t->at.since_loss, t->at.since_tokens);
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
    if (!save_curve(t, error) || !mote_trainer_sample(t, sample, sizeof sample, error))
        return false;
    report->sample = sample;
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
    double loss = bits(t->partial_loss, tokens);
    report->loss = isfinite(report->loss) && report->step ? report->loss + 0.05 * (loss - report->loss) : loss;
    report->step = t->at.step;
    report->tokens = t->at.step * tokens;
    report->progress = progress_of(t);
    if (watch->step)
        watch->step(watch->context, report);
}

static bool run(mote_trainer *t, const mote_train_watch *watch, mote_train_result *result, mote_error *error)
{
    mote_train_report report = {.valid_loss = NAN};
    uint64_t interval = mote_trainer_epoch_steps(t) / 20 < 10 ? 10 : mote_trainer_epoch_steps(t) / 20;
    uint64_t first = t->at.step;
    double started = now(), before = t->at.seconds;
    while (progress_of(t) < 1 && !result->stopped) {
        double begin = now();
        mote_trainer_step(t, rate_at(&t->options, progress_of(t)));
        ramp_quantisers(t);
        double seconds = now() - begin;
        result->seconds += seconds;
        t->at.seconds = before + now() - started;
        report_step(t, watch, &report, seconds);
        if (!isfinite(t->partial_loss))
            return mote_fail(error, MOTE_E_INPUT, "the training diverged at step %llu; use a smaller --lr",
                             (unsigned long long)t->at.step);
        result->stopped = watch->stop && watch->stop(watch->context) && progress_of(t) < 1;
        if (evaluation_due(t) && !evaluate(t, watch, &report, error))
            return false;
        if (t->at.loss_tokens && t->at.step % interval == 0 && !add_point(t, NAN, error))
            return false;
    }
    result->step = t->at.step;
    result->best_loss = t->at.best;
    result->tokens_per_second =
        (double)((t->at.step - first) * t->options.batch * t->options.sequence) / fmax(result->seconds, 1e-9);
    return true;
}

/* A stopped run leaves its checkpoint, and its model when there is none yet; a finished one takes the checkpoint away.
 */
static bool finish(mote_trainer *t, bool stopped, mote_error *error)
{
    char path[4096];
    if (!stopped)
        return mote_beside(t->options.out, ".resume", path, sizeof path, error) && (unlink(path), true);
    return save_curve(t, error) && mote_checkpoint_save(t, error);
}

/* Takes the options of OUT.resume, but for what names files. */
static bool resume_options(mote_train_options *o, mote_graph *saved, mote_error *error)
{
    char path[4096];
    if (!mote_beside(o->out, ".resume", path, sizeof path, error) || !mote_graph_load(saved, path, error))
        return false;
    if (mote_checkpoint_options(saved, o, error))
        return true;
    mote_graph_free(saved);
    return false;
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
    bool ok = set_up(t, error) && (!o.resume || mote_checkpoint_restore(t, &saved, error));
    if (ok) {
        ramp_quantisers(t);
        watch = watch ? watch : &nobody;
        if (watch->begin)
            watch->begin(watch->context, &t->graph, t->corpus.train_count, t->corpus.valid_count);
        ok = run(t, watch, result, error) && finish(t, result->stopped, error);
    }
    tear_down(t);
    free(t);
    mote_graph_free(&saved);
    return ok;
}
