/* A trainer is made and unmade: options checked, outputs tried, text read, model built, memory taken. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/pack/container.h"
#include "compiler/train/trainer.h"

bool mote_beside(const char *out, const char *suffix, char *name, size_t size, mote_error *error)
{
    int length = snprintf(name, size, "%s%s", out, suffix);
    return (length > 0 && (size_t)length < size) || mote_fail(error, MOTE_E_OUTPUT, "%s: the name is too long", out);
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
    if (!(o->teacher_weight >= 0 && o->teacher_weight <= 1) || !(o->temperature >= 0.1 && o->temperature <= 100))
        return mote_fail(error, MOTE_E_USAGE, "the teacher's weight must be 0..1, the temperature 0.1..100");
    if (!o->steps && !(o->minutes > 0) && !(o->epochs > 0 && o->epochs <= 1e6))
        return mote_fail(error, MOTE_E_USAGE, "say how long to train: epochs (at most a million), steps or minutes");
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

/* A model to begin with; its own quantisers stay unless others are asked for. */
static bool load_model(mote_trainer *t, mote_error *error)
{
    const char *path = t->options.init;
    if (!mote_graph_load(&t->graph, path, error))
        return false;
    if (t->graph.packed)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "%s is packed; begin with the float model it came from", path);
    if (!t->graph.has_tokenizer || memcmp(&t->graph.tokenizer, &t->corpus.tokenizer, sizeof t->graph.tokenizer) != 0)
        return mote_fail(error, MOTE_E_INPUT, "%s: this model's tokens are not those of the text; train it on the same",
                         path);
    for (int i = 0; i < t->graph.tensor_count && t->options.weights != MOTE_F32; i++)
        t->graph.tensors[i].quantiser = MOTE_F32;
    choose_quantisers(&t->graph, t->options.weights);
    return true;
}

static bool build_model(mote_trainer *t, mote_error *error)
{
    if (t->options.init)
        return load_model(t, error);
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
        return mote_fail(error, MOTE_E_FORMAT,
                         "%s: %zu bytes to train on are fewer than one sequence of %u; give more text or a shorter "
                         "--sequence",
                         o->texts[0], count, o->sequence);
    if (mote_trainer_epoch_steps(t) == 0)
        return mote_fail(error, MOTE_E_INPUT,
                         "%s: %zu bytes to train on are fewer than %u sequences of %u; use --batch %zu or more text",
                         o->texts[0], count, o->batch, o->sequence, count / o->sequence);
    return true;
}

bool mote_trainer_init(mote_trainer *t, mote_error *error)
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

void mote_trainer_free(mote_trainer *t)
{
    mote_team_free(t->team);
    mote_pruner_free(&t->pruner);
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
