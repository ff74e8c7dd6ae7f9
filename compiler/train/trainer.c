/* Makes and frees a trainer: checks options, probes outputs, reads data, builds the model, allocates memory. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/check.h"
#include "compiler/graph/language.h"
#include "compiler/pack/container.h"
#include "compiler/plan/estimate.h"
#include "compiler/train/trainer.h"

bool mote_beside(const char *out, const char *suffix, char *name, size_t size, mote_error *error)
{
    int length = snprintf(name, size, "%s%s", out, suffix);
    return (length > 0 && (size_t)length < size) || mote_fail(error, MOTE_E_OUTPUT, "%s: the name is too long", out);
}

/* Fails before the training if an output file cannot be written. */
static bool probe_outputs(const char *out, mote_error *error)
{
    static const char *const suffixes[] = {"", ".resume", ".csv", ".svg"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char path[4096];
        if (!mote_beside(out, suffixes[i], path, sizeof path, error) || !mote_output_probe(path, error))
            return false;
    }
    return true;
}

/* Returns the first operator that reads a tensor as its first value, or NULL. */
static const mote_op *reader_of(const mote_graph *g, int tensor)
{
    for (int i = 0; i < g->op_count; i++)
        if (mote_op_operand(&g->ops[i], MOTE_OPERAND_VALUE) == tensor)
            return &g->ops[i];
    return NULL;
}

static bool looked_up(const mote_graph *g, int tensor)
{
    for (int i = 0; i < g->op_count; i++)
        if (mote_op_has(&g->ops[i], MOTE_TRAIT_LOOKUP) && mote_op_result(&g->ops[i]) == tensor)
            return true;
    return false;
}

/* Chooses the quantizer of a matrix. Tables, matrices that read a table's output, and the head stay int8 even if the
 * rest is smaller, because they are the most sensitive. A table whose rows are the input of a product gets one scale,
 * because it is the scale of an activation. */
static void choose_quantizer(const mote_graph *g, const mote_op *op, mote_tensor *w, mote_dtype weights)
{
    const bool table = mote_op_has(op, MOTE_TRAIT_LOOKUP), head = g->tensors[mote_op_result(op)].role == MOTE_OUTPUT;
    const mote_op *reader = table ? reader_of(g, mote_op_result(op)) : NULL;
    w->quantizer = table || head || looked_up(g, mote_op_operand(op, MOTE_OPERAND_VALUE)) ? MOTE_I8 : weights;
    w->granularity = reader && reader->opcode == MOTE_OP_LINEAR ? MOTE_PER_TENSOR : MOTE_PER_ROW;
}

/* Chooses the quantizers of all matrices. A tied head comes after its table and keeps the table's. */
static void choose_quantizers(mote_graph *g, mote_dtype weights)
{
    for (int i = 0; i < g->op_count && weights != MOTE_F32; i++)
        for (int j = 0; j < g->ops[i].input_count; j++) {
            mote_tensor *w = g->ops[i].inputs[j] < 0 ? NULL : &g->tensors[g->ops[i].inputs[j]];
            if (w && w->role == MOTE_CONSTANT && w->dtype == MOTE_F32 && w->rank == 2 && w->quantizer == MOTE_F32)
                choose_quantizer(g, &g->ops[i], w, weights);
        }
}

enum { MOST_PARAMETERS = 100000000 }; /* 16 bytes each, and 4 bytes more for each worker's gradient */

static bool build_graph(mote_trainer *t, mote_error *error)
{
    mote_train_options *o = &t->options;
    if (o->text_count)
        o->shape.vocabulary = o->transformer.vocabulary = t->corpus.tokenizer->vocabulary;
    if (o->architecture == MOTE_ARCH_GRU)
        return mote_tinylm_build(&t->graph, &o->shape, o->seed, error);
    if (mote_transformer_valid(&o->transformer, error) && o->sequence > o->transformer.context)
        return mote_fail(error, MOTE_E_USAGE, "a sequence of %u is longer than the context, %u positions", o->sequence,
                         o->transformer.context);
    const uint64_t parameters = mote_transformer_parameters(&o->transformer);
    if (parameters > MOST_PARAMETERS)
        return mote_fail(error, MOTE_E_USAGE, "%llu parameters are more than the %u that can be trained here",
                         (unsigned long long)parameters, MOST_PARAMETERS);
    return mote_transformer_build(&t->graph, &o->transformer, o->seed, error);
}

static bool model_fits(const mote_trainer *t, mote_error *error)
{
    mote_estimate estimate;
    return !t->options.chip ||
           (mote_estimate_packed(&t->graph, &estimate, error) && mote_estimate_fits(&estimate, t->options.chip, error));
}

static bool has_tokenizer(const mote_graph *g, const void *section, size_t size)
{
    return g->tokenizer_size == size && (size == 0 || memcmp(g->tokenizer, section, size) == 0);
}

/* Loads a model to begin with. Its quantizers stay unless others are asked for. */
static bool load_model(mote_trainer *t, mote_error *error)
{
    const char *path = t->options.init;
    if (!mote_graph_load(&t->graph, path, error))
        return false;
    if (!mote_graph_need_float(&t->graph, path, "mote train --init", error) ||
        !mote_graph_check_finite(&t->graph, error) ||
        (!t->options.data && !mote_graph_need_language_model(&t->graph, path, "a text to train on", error)))
        return false;
    if (!t->options.data && !has_tokenizer(&t->graph, t->corpus.section.data, t->corpus.section.size))
        return mote_fail(error, MOTE_E_MISMATCH,
                         "%s: this model's tokens are not those of the text; train it on the same", path);
    for (int i = 0; i < t->graph.tensor_count && t->options.weights != MOTE_F32; i++)
        t->graph.tensors[i].quantizer = MOTE_F32;
    choose_quantizers(&t->graph, t->options.weights);
    return true;
}

static bool build_model(mote_trainer *t, mote_error *error)
{
    if (t->options.init)
        return load_model(t, error);
    if (!build_graph(t, error))
        return false;
    choose_quantizers(&t->graph, t->options.weights);
    if (!model_fits(t, error))
        return false;
    const char *name = t->options.architecture == MOTE_ARCH_GRU ? "TinyLM" : "Transformer";
    if (!mote_graph_set_tokenizer(&t->graph, t->corpus.section.data, (uint32_t)t->corpus.section.size) ||
        !mote_graph_set_meta(&t->graph, "name", name) || !mote_graph_set_meta(&t->graph, "made_by", "mote train"))
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory");
    return true;
}

/* Returns the options of an executor. If the model attends, or if the samples are sequences, each window begins with an
 * empty cache or state; otherwise the state is carried on. */
static mote_executor_options executor_options(const mote_trainer *t, const mote_graph *g)
{
    return (mote_executor_options){.steps = t->options.sequence,
                                   .streams = t->options.batch / t->workers / t->calls,
                                   .workers = t->workers,
                                   .windows = mote_graph_context(g) > 0 || t->train.sequence > 0};
}

static bool teacher_fits(const mote_trainer *t, const mote_graph *g, mote_error *error)
{
    const mote_train_options *o = &t->options;
    if (!t->train.is_text)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "a teacher needs a text; train on arrays without --teacher");
    if (!mote_graph_need_language_model(g, o->teacher, "mote train --teacher", error) ||
        !mote_graph_check_finite(g, error))
        return false;
    if (!has_tokenizer(g, t->graph.tokenizer, t->graph.tokenizer_size))
        return mote_fail(error, MOTE_E_MISMATCH,
                         "%s: this teacher's tokens are not those of the text; train it on the same", o->teacher);
    const uint32_t context = mote_graph_context(g);
    if (context && context < o->sequence)
        return mote_fail(error, MOTE_E_USAGE, "%s: this teacher sees %u tokens; use a --sequence of at most that",
                         o->teacher, context);
    return true;
}

static bool load_teacher(mote_trainer *t, mote_error *error)
{
    mote_graph g;
    if (!mote_graph_load(&g, t->options.teacher, error))
        return false;
    const mote_executor_options options = executor_options(t, &g);
    t->has_teacher = mote_graph_need_float(&g, t->options.teacher, "mote train --teacher", error) &&
                     teacher_fits(t, &g, error) && mote_executor_init(&t->teacher, &g, &options, error);
    mote_graph_free(&g);
    return t->has_teacher;
}

static void *zeroed(size_t count, size_t size)
{
    return calloc(count ? count : 1, size);
}

/* True if weight decay applies. Tables are excluded, and ternary and binary matrices, of which only signs and ratios
 * count. */
static bool decays(const mote_graph *g, int tensor)
{
    const mote_tensor *w = &g->tensors[tensor];
    return !mote_graph_reads_as(g, tensor, MOTE_OPERAND_TABLE) && w->role == MOTE_CONSTANT && w->rank == 2 &&
           w->quantizer != MOTE_TERNARY2 && w->quantizer != MOTE_BINARY;
}

static bool take_memory(mote_trainer *t, mote_error *error)
{
    const size_t tensors = (size_t)t->graph.tensor_count;
    const uint32_t rows = t->options.sequence * t->executor.options.streams;
    t->m = zeroed(t->executor.parameter_count, sizeof *t->m);
    t->v = zeroed(t->executor.parameter_count, sizeof *t->v);
    t->aside = zeroed(t->workers * t->executor.state_count, sizeof *t->aside);
    t->decay = zeroed(tensors, sizeof *t->decay);
    t->batches = zeroed(t->workers, sizeof *t->batches);
    t->rows = zeroed((size_t)t->workers * rows, sizeof *t->rows);
    t->partial = zeroed(t->workers, sizeof *t->partial);
    if (!t->m || !t->v || !t->aside || !t->decay || !t->batches || !t->rows || !t->partial)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory: a smaller batch or sequence needs less");
    for (int i = 0; i < t->graph.tensor_count; i++)
        t->decay[i] = decays(&t->graph, i) ? (float)t->options.decay : 0;
    for (uint32_t w = 0; w < t->workers; w++)
        if (!mote_batch_init(&t->batches[w], &t->graph, &t->train, rows, error))
            return false;
    if (t->train.sequence && !(t->order = zeroed(t->train.count / t->train.sequence, sizeof *t->order)))
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory: fewer samples need less");
    mote_trainer_shuffle(t);
    return true;
}

enum { ROWS_A_CALL = 256 };

/* Returns the largest number of workers, up to o->threads, that divides the batch. */
static uint32_t workers_for(const mote_train_options *o)
{
    uint32_t workers = o->threads < 1 ? 1 : o->threads > 64 ? 64 : o->threads;
    while (o->batch % workers)
        workers--;
    return workers;
}

/* Returns the number of calls that each worker makes in a step. Windows that begin empty are read a few at a time, so
 * that activations stay in the cache until the backward pass. If the state is carried on, all streams of a worker are
 * in one call. */
static uint32_t calls_for(const mote_trainer *t)
{
    const uint32_t most = mote_source_window(&t->train, &t->graph, ROWS_A_CALL);
    uint32_t streams = t->options.batch / t->workers;
    if (!(mote_graph_context(&t->graph) || t->train.sequence) || t->options.teacher)
        return 1;
    while (streams > 1 && (streams * t->options.sequence > most || t->options.batch / t->workers % streams))
        streams--;
    return t->options.batch / t->workers / streams;
}

static bool text_long_enough(const mote_trainer *t, mote_error *error)
{
    const mote_train_options *o = &t->options;
    size_t count = t->corpus.train_count;
    const char *unit = t->corpus.tokenizer->kind == MOTE_TOKENIZER_BYTES ? "bytes" : "tokens";
    if (count <= o->sequence)
        return mote_fail(error, MOTE_E_FORMAT,
                         "%s: %zu %s to train on are fewer than one sequence of %u; give more text or a shorter "
                         "--sequence",
                         o->texts[0], count, unit, o->sequence);
    if (mote_trainer_epoch_steps(t) == 0)
        return mote_fail(error, MOTE_E_FORMAT,
                         "%s: %zu %s to train on are fewer than %u sequences of %u; use --batch %zu or more text",
                         o->texts[0], count, unit, o->batch, o->sequence, count / o->sequence);
    return true;
}

static bool load_corpus(mote_trainer *t, mote_error *error)
{
    const mote_train_options *o = &t->options;
    const mote_corpus_options options = {o->texts,          o->text_count, o->valid_text,
                                         o->valid_fraction, o->tokenizer,  o->vocabulary};
    if (!mote_corpus_load(&t->corpus, &options, error))
        return false;
    t->train = mote_text_source(&t->graph, t->corpus.train, t->corpus.train_count);
    t->valid = mote_text_source(&t->graph, t->corpus.valid, t->corpus.valid_count);
    t->train.start = t->valid.start = t->corpus.tokenizer->start;
    t->digest = t->corpus.digest;
    return true;
}

/* Takes the last samples for validation, or those of a separate file. */
static bool split_arrays(mote_trainer *t, mote_error *error)
{
    const mote_train_options *o = &t->options;
    const mote_source all = mote_arrays_source(&t->arrays);
    const size_t sequence = all.sequence ? all.sequence : 1, sequences = all.count / sequence;
    const size_t valid = o->valid_text ? 0 : (size_t)(o->valid_fraction * (double)sequences);
    t->digest = t->arrays.digest;
    t->train = mote_source_part(&all, 0, (sequences - valid) * sequence);
    t->valid = mote_source_part(&all, (sequences - valid) * sequence, valid * sequence);
    if (!valid)
        t->valid.count = 0;
    if (!o->valid_text)
        return true;
    if (!mote_arrays_load(&t->valid_arrays, o->valid_text, &t->graph, error))
        return false;
    t->valid = mote_arrays_source(&t->valid_arrays);
    return (t->valid.task == t->train.task && t->valid.sequence == t->train.sequence &&
            t->valid.last_counts == t->train.last_counts) ||
           mote_fail(error, MOTE_E_MISMATCH, "%s: its targets or sequences are of another kind than those of %s",
                     o->valid_text, o->data);
}

static bool load_arrays(mote_trainer *t, mote_error *error)
{
    mote_train_options *o = &t->options;
    if (!o->init)
        return mote_fail(error, MOTE_E_USAGE, "%s: arrays are learned by a network that exists; add --init MODEL",
                         o->data);
    if (!load_model(t, error) || !mote_arrays_load(&t->arrays, o->data, &t->graph, error))
        return false;
    if (!t->arrays.task)
        return mote_fail(error, MOTE_E_FORMAT, "%s: it has no array \"targets\" to learn from", o->data);
    if (t->arrays.sequence > 4096)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "%s: sequences of %zu steps are longer than 4096", o->data,
                         t->arrays.sequence);
    if (t->arrays.sequence)
        o->sequence = (uint32_t)t->arrays.sequence;
    if (!split_arrays(t, error))
        return false;
    return mote_trainer_epoch_steps(t) > 0 ||
           mote_fail(error, MOTE_E_FORMAT, "%s: fewer sequences to train on than --batch %u; use a smaller one",
                     o->data, o->batch);
}

bool mote_trainer_model(mote_trainer *t, mote_error *error)
{
    return mote_train_options_valid(&t->options, error) && (!t->options.text_count || load_corpus(t, error)) &&
           build_model(t, error);
}

bool mote_trainer_init(mote_trainer *t, mote_error *error)
{
    const mote_train_options *o = &t->options;
    if (!mote_train_options_valid(o, error) || !probe_outputs(o->out, error))
        return false;
    if (o->data ? !load_arrays(t, error)
                : !load_corpus(t, error) || !text_long_enough(t, error) || !build_model(t, error))
        return false;
    t->workers = workers_for(o);
    t->calls = calls_for(t);
    t->team = mote_team_new(t->workers, error);
    mote_executor_options x = executor_options(t, &t->graph);
    x.backward = true;
    x.dropout = (float)o->dropout;
    t->at.best = INFINITY;
    return t->team && mote_source_fits(&t->train, &t->graph, error) &&
           mote_executor_init(&t->executor, &t->graph, &x, error) && take_memory(t, error) &&
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
    mote_arrays_free(&t->arrays);
    mote_arrays_free(&t->valid_arrays);
    for (uint32_t w = 0; t->batches && w < t->workers; w++)
        mote_batch_free(&t->batches[w]);
    free(t->batches);
    free(t->rows);
    free(t->order);
    mote_curve_free(&t->curve);
    free(t->m);
    free(t->v);
    free(t->aside);
    free(t->decay);
    free(t->partial);
}
