/* Small amounts of all work on a float graph from outside: running, two steps of training, quantizing, pruning, writing
 * a manifest. Each may refuse the graph with a message, and must not fail otherwise. */
#ifndef MOTE_TESTS_FLOAT_WORK_H
#define MOTE_TESTS_FLOAT_WORK_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/check.h"
#include "compiler/graph/cross_entropy.h"
#include "compiler/graph/executor.h"
#include "compiler/graph/language.h"
#include "compiler/pack/container.h"
#include "compiler/prune/prune.h"
#include "compiler/quantize/quantization.h"
#include "compiler/task/arrays.h"
#include "compiler/train/adamw.h"

enum { WORK_STEPS = 3, WORK_STREAMS = 2, WORK_SAMPLES = 128 };

/* Draws a number below `count` from a choice of 32 bits. */
static inline uint32_t work_choose(uint32_t *choice, uint32_t count)
{
    *choice = *choice * 1664525u + 1013904223u;
    return (*choice >> 8) % count;
}

/* True if the work on the graph is small enough to be done thousands of times. */
static inline bool work_is_small(const mote_graph *g)
{
    size_t elements = 0;
    for (int i = 0; i < g->tensor_count; i++)
        elements += mote_tensor_elements(&g->tensors[i]);
    return elements < 16384 && g->op_count < 64;
}

static inline void work_check(bool done, const mote_error *error)
{
    if (!done && (error->code == MOTE_OK || !error->text[0]))
        abort();
}

/* Makes inputs of random small bytes; ids may be too high for their tables. */
static inline const void **work_inputs(const mote_executor *x, uint32_t *choice)
{
    const void **inputs = calloc((size_t)x->input_count + 1, sizeof *inputs);
    for (int i = 0; inputs && i < x->input_count; i++) {
        const mote_tensor *t = &x->graph.tensors[x->inputs[i]];
        const size_t size = mote_tensor_size(t) * WORK_STEPS * WORK_STREAMS;
        uint8_t *data = malloc(size);
        for (size_t k = 0; data && k < size; k++)
            data[k] = (uint8_t)work_choose(choice, 61); /* floats of such bytes are small */
        inputs[i] = data;
    }
    return inputs;
}

static inline void work_fill_gradients(mote_executor *x, const mote_graph *g, uint32_t *choice)
{
    for (int i = 0; i < x->output_count; i++) {
        const size_t size = mote_executor_output_size(x, i);
        float *gradient = mote_executor_output_gradient(x, 0, i);
        uint16_t targets[WORK_STEPS * WORK_STREAMS];
        for (int k = 0; k < WORK_STEPS * WORK_STREAMS; k++)
            targets[k] = (uint16_t)work_choose(choice, (uint32_t)size);
        if (mote_graph_is_language_model(g, NULL))
            mote_cross_entropy(mote_executor_output(x, 0, i), targets, WORK_STEPS * WORK_STREAMS, (uint32_t)size, 0.1f,
                               gradient);
        else
            for (size_t k = 0; gradient && k < size * WORK_STEPS * WORK_STREAMS; k++)
                gradient[k] = 0.01f;
    }
}

/* Trains the graph for two steps, which changes it. */
static inline bool work_train(mote_graph *g, uint32_t *choice)
{
    const mote_executor_options options = {.steps = WORK_STEPS,
                                           .streams = WORK_STREAMS,
                                           .workers = 1,
                                           .backward = true,
                                           .windows = work_choose(choice, 2),
                                           .dropout = work_choose(choice, 2) ? 0.1f : 0};
    mote_adamw adam = {
        .beta1 = 0.9f, .beta2 = 0.99f, .epsilon = 1e-8f, .rate = 0.01f, .decay = 0.1f, .gradient_scale = 1};
    mote_executor x;
    mote_error error = {0};
    if (!mote_executor_init(&x, g, &options, &error)) {
        work_check(false, &error);
        return false;
    }
    const void **inputs = work_inputs(&x, choice);
    float *moments = calloc(2 * x.parameter_count + 1, sizeof *moments);
    for (uint64_t step = 1; inputs && moments && step <= 2; step++) {
        adam.step = step;
        memset(x.slices[0].parameter_gradient, 0, x.parameter_count * sizeof(float));
        mote_executor_forward(&x, 0, inputs, WORK_STEPS, step);
        work_fill_gradients(&x, g, choice);
        mote_executor_backward(&x, 0);
        mote_adamw_update(&adam, x.parameters, x.slices[0].parameter_gradient, moments, moments + x.parameter_count,
                          x.parameter_count);
        for (int stage = 0; stage < MOTE_REFRESH_STAGES; stage++)
            mote_executor_refresh(&x, stage, 0, 1);
    }
    mote_executor_store(&x, g);
    for (int i = 0; inputs && i < x.input_count; i++)
        free((void *)inputs[i]);
    free(inputs);
    free(moments);
    mote_executor_free(&x);
    return true;
}

static inline mote_quantize_options work_quantize_options(uint32_t *choice)
{
    return (mote_quantize_options){.as_trained = work_choose(choice, 2),
                                   .weights = 1 + (mote_scheme)work_choose(choice, MOTE_SCHEME_COUNT - 1),
                                   .head = 1 + (mote_scheme)work_choose(choice, MOTE_SCHEME_COUNT - 1),
                                   .embedding = 1 + (mote_scheme)work_choose(choice, MOTE_SCHEME_COUNT - 1),
                                   .granularity = (mote_granularity)work_choose(choice, MOTE_GRANULARITY_COUNT),
                                   .group = 16 * work_choose(choice, 2),
                                   .method = (mote_method)work_choose(choice, 4),
                                   .five_trits = work_choose(choice, 2),
                                   .activations = (mote_activations)work_choose(choice, 3),
                                   .observer = (mote_observer_kind)work_choose(choice, MOTE_OBSERVER_KIND_COUNT),
                                   .int16_cache = work_choose(choice, 2),
                                   .for_lanes = work_choose(choice, 2)};
}

static inline bool work_quantize(const mote_graph *g, const mote_source *source, uint32_t *choice)
{
    const mote_quantize_options options = work_quantize_options(choice);
    mote_quantization q;
    mote_graph packed;
    mote_error error = {0};
    bool done = mote_quantization_init(&q, g, &options, work_choose(choice, 2), source, &error);
    work_check(done, &error);
    if (!done)
        return false;
    done = mote_quantization_make(&q, &error) && mote_quantization_pack(&q, &packed, &error);
    work_check(done, &error);
    mote_quantization_free(&q);
    if (done)
        mote_graph_free(&packed);
    return done;
}

static inline bool work_prune(const mote_graph *g, const mote_source *source, uint32_t *choice)
{
    const mote_prune_options options = {
        .method = (mote_prune_method)work_choose(choice, MOTE_PRUNE_METHOD_COUNT),
        .units = work_choose(choice, 2),
        .granularity = 1 + (mote_pruned)work_choose(choice, MOTE_PRUNED_COUNT - 1),
        .sparsity = 0.5,
        .compensate = work_choose(choice, 2),
        .embeddings = work_choose(choice, 2),
        .multiple = 1,
        .source = work_choose(choice, 4) ? source : NULL,
    };
    mote_graph pruned;
    mote_prune_report report;
    mote_error error = {0};
    const bool done = mote_prune(g, &options, &pruned, &report, &error);
    work_check(done, &error);
    if (!done)
        return false;
    if (!mote_graph_check(&pruned, &error))
        abort();
    mote_prune_report_free(&report);
    mote_graph_free(&pruned);
    return true;
}

/* Numbers of times that each kind of work succeeded. */
typedef struct work_done {
    int trained, quantized, pruned;
} work_done;

static inline void work_with(mote_graph *g, const mote_source *source, uint32_t *choice, work_done *done)
{
    const uint32_t what = work_choose(choice, 3);
    if (what != 0)
        done->quantized += work_quantize(g, source, choice);
    if (what != 1)
        done->pruned += work_prune(g, source, choice);
}

static inline void work_with_text(mote_graph *g, uint32_t *choice, work_done *done)
{
    uint16_t tokens[WORK_SAMPLES];
    for (int i = 0; i < WORK_SAMPLES; i++)
        tokens[i] = (uint16_t)work_choose(choice, mote_graph_vocabulary(g));
    const mote_source source = mote_text_source(g, tokens, WORK_SAMPLES);
    work_with(g, &source, choice, done);
}

static inline uint8_t *work_bytes(size_t size, uint32_t *choice)
{
    uint8_t *bytes = malloc(size + 1);
    if (!bytes)
        abort();
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)work_choose(choice, 61); /* floats of such bytes are small */
    return bytes;
}

/* Works on the graph with samples of values, single or in sequences, with values or classes as targets or without
 * targets. */
static inline void work_with_arrays(mote_graph *g, uint32_t *choice, work_done *done)
{
    uint8_t *inputs[16];
    size_t sizes[16];
    mote_arrays a = {.count = WORK_SAMPLES,
                     .sequence = work_choose(choice, 2) ? 4 : 1,
                     .inputs = inputs,
                     .input_size = sizes,
                     .last_counts = work_choose(choice, 2)};
    for (int t; a.input_count < 16 && (t = mote_graph_of_role(g, MOTE_INPUT, a.input_count)) >= 0; a.input_count++) {
        sizes[a.input_count] = mote_tensor_size(&g->tensors[t]);
        inputs[a.input_count] = work_bytes(WORK_SAMPLES * sizes[a.input_count], choice);
    }
    const int y = mote_graph_of_role(g, MOTE_OUTPUT, 0);
    const uint32_t outputs = mote_graph_vocabulary(g),
                   kind = g->tensors[y].dtype == MOTE_F32 ? work_choose(choice, 3) : 0;
    a.task = kind == 1 ? &mote_task_regression : kind == 2 && outputs < 65535 ? &mote_task_classification : NULL;
    a.target_size = a.task ? mote_task_target_size(a.task, outputs) : 0;
    a.targets = a.task ? work_bytes(WORK_SAMPLES * a.target_size, choice) : NULL;
    for (int i = 0; a.task && a.task->chooses && i < WORK_SAMPLES; i++)
        ((uint16_t *)(void *)a.targets)[i] = (uint16_t)work_choose(choice, outputs);
    const mote_source source = mote_arrays_source(&a);
    if (mote_graph_of_role(g, MOTE_INPUT, 16) < 0)
        work_with(g, &source, choice, done);
    for (int i = 0; i < a.input_count; i++)
        free(inputs[i]);
    free(a.targets);
}

/* Does one, two or three kinds of work, as chosen. The graph may be changed. */
static inline void work_on_float_graph(mote_graph *g, uint32_t choice, work_done *done)
{
    if (!work_is_small(g))
        return;
    const uint32_t what = work_choose(&choice, 3);
    if (what != 0)
        done->trained += work_train(g, &choice);
    if (what == 1)
        return;
    if (mote_graph_is_language_model(g, NULL) && work_choose(&choice, 8))
        work_with_text(g, &choice, done);
    else
        work_with_arrays(g, &choice, done);
}

#endif
