/* Learns a TinyLM from texts: what `mote train` does, as a function. */
#ifndef MOTE_COMPILER_TRAIN_H
#define MOTE_COMPILER_TRAIN_H

#include "compiler/graph/tinylm.h"
#include "compiler/prune/schedule.h"

typedef struct mote_train_options {
    const char *const *texts;
    int text_count;
    const char *valid_text; /* validates instead of the texts' end; may be NULL */
    double valid_fraction;  /* 0..0.5 */
    const char *out;        /* the model; OUT.resume, OUT.csv and OUT.svg lie beside it */
    bool resume;            /* go on from OUT.resume, with its options; only `out`, the texts and `threads` count */

    const char *init; /* begins with this float model of the same tokens instead of one of `shape`; may be NULL.
                         Its quantisers stay where `weights` is MOTE_F32, its masks always */
    mote_prune_schedule prune; /* of masks that grow; `to` 0 for none */
    mote_tinylm_shape shape;   /* `vocabulary` comes from the texts */
    mote_dtype weights;        /* MOTE_F32, MOTE_I8 or MOTE_TERNARY2: the quantiser in the loop */
    double ramp;               /* part of the training, 0..1, in which the quantiser sets in, from nothing to wholly */

    uint32_t batch, sequence; /* streams of text, steps of back-propagation */
    uint32_t threads;         /* at most; as many as divide the batch are used */
    double epochs;            /* the length, unless one of the next two is not zero */
    uint64_t steps;
    double minutes;

    double rate;    /* highest learning rate; 0: 1/dim, at most 0.01; half of it for ternary weights */
    double warmup;  /* part of the training in which it rises, 0..0.5; then it falls by a cosine */
    double decay;   /* AdamW's, on float and int8 matrices */
    double clip;    /* gradients longer than this are shortened; 0: never */
    double dropout; /* on what leaves a GRU layer, 0..0.9 */
    uint64_t seed;

    const char *teacher;   /* a float model of the same tokens to learn from as well; may be NULL */
    double teacher_weight; /* its part of the loss, 0..1 */
    double temperature;    /* softens both */
} mote_train_options;

/* What is worth the effort: one million bytes of text in a few minutes. Texts and `out` are the caller's to fill. */
mote_train_options mote_train_defaults(void);

typedef struct mote_train_report {
    uint64_t step, tokens;
    double progress;          /* 0..1 */
    double loss;              /* bits per byte of the last steps */
    double valid_loss;        /* NaN without validation */
    double tokens_per_second; /* training only */
    const char *sample;       /* some text of the model's own, after an evaluation; else NULL */
    bool best;                /* this evaluation's model was saved */
} mote_train_report;

/* All may be NULL. `stop` is asked after every step: true ends the run, resumable. */
typedef struct mote_train_watch {
    void *context;
    void (*begin)(void *context, const mote_graph *g, size_t train_bytes, size_t valid_bytes);
    void (*step)(void *context, const mote_train_report *report);
    void (*evaluation)(void *context, const mote_train_report *report);
    bool (*stop)(void *context);
} mote_train_watch;

typedef struct mote_train_result {
    bool stopped; /* by the watch: OUT.resume goes on from here */
    uint64_t step;
    double best_loss; /* validation bits per byte of the saved model; training loss without validation */
    double seconds, tokens_per_second;
} mote_train_result;

/* The same texts, options and threads give the same bytes in `out`, also when stopped and resumed (except when limited
 * by minutes). The model saved is that of the best evaluation; there is one after each epoch and at the end. */
bool mote_train(const mote_train_options *options, const mote_train_watch *watch, mote_train_result *result,
                mote_error *error);

#endif
