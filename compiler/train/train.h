/* Learns a language model from texts, or any network from samples: what `mote train` does, as a function. */
#ifndef MOTE_COMPILER_TRAIN_H
#define MOTE_COMPILER_TRAIN_H

#include "compiler/train/options.h"

typedef struct mote_train_report {
    uint64_t step, tokens;
    double progress;          /* 0..1 */
    double loss;              /* of the last steps, in `unit` */
    double valid_loss;        /* NaN without validation */
    double tokens_per_second; /* training only */
    const char *sample;       /* some text of the model's own, after an evaluation; else NULL */
    const char *unit, *rows;  /* of losses: "bits/byte" of a text; "tokens" or "samples" */
    bool best;                /* this evaluation's model was saved */
} mote_train_report;

/* All may be NULL. `stop` is asked after every step: true ends the run, resumable. */
typedef struct mote_train_watch {
    void *context;
    void (*begin)(void *context, const mote_graph *g, size_t train_size,
                  size_t valid_size); /* bytes of text, or samples */
    void (*step)(void *context, const mote_train_report *report);
    void (*evaluation)(void *context, const mote_train_report *report);
    bool (*stop)(void *context);
} mote_train_watch;

typedef struct mote_train_result {
    bool stopped; /* by the watch: OUT.resume goes on from here */
    uint64_t step;
    double best_loss;        /* of validation, of the saved model; training loss without validation */
    const char *unit, *rows; /* as in a report */
    double seconds, tokens_per_second;
} mote_train_result;

/* The same texts, options and threads give the same bytes in `out`, also when stopped and resumed (except when limited
 * by minutes). The model saved is that of the best evaluation; there is one after each epoch and at the end. */
bool mote_train(const mote_train_options *options, const mote_train_watch *watch, mote_train_result *result,
                mote_error *error);

/* The model that would be trained, its weights as drawn; checks what mote_train checks of the model. Without texts the
 * vocabulary is that of the shape. The caller frees it; on failure there is nothing to free. */
bool mote_train_model(const mote_train_options *options, mote_graph *g, mote_error *error);

#endif
