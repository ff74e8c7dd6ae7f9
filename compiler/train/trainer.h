/* Parts of a training run, shared by the files of this folder. */
#ifndef MOTE_COMPILER_TRAINER_H
#define MOTE_COMPILER_TRAINER_H

#include "compiler/graph/executor.h"
#include "compiler/graph/team.h"
#include "compiler/task/arrays.h"
#include "compiler/train/adamw.h"
#include "compiler/train/corpus.h"
#include "compiler/train/curve.h"
#include "compiler/train/options.h"

/* Position of a run. With parameters, moments, states and curve, it is all that OUT.resume holds. */
typedef struct mote_train_position {
    uint64_t step;       /* steps done */
    uint64_t epoch_step; /* steps done in this epoch */
    uint64_t epoch;
    uint64_t since; /* steps since the last evaluation */
    double loss;    /* summed over the targets since the last point of the curve */
    uint64_t loss_tokens;
    double since_loss; /* like `loss`, since the last evaluation */
    uint64_t since_tokens;
    double best;    /* loss of the saved model */
    double seconds; /* spent training */
} mote_train_position;

typedef struct mote_trainer {
    mote_train_options options;
    mote_corpus corpus;               /* of texts */
    mote_arrays arrays, valid_arrays; /* of samples that are not a text */
    mote_source train, valid;
    uint32_t digest;  /* of all data; equal for equal data */
    size_t *order;    /* order of an epoch's sequences if they are shuffled, else NULL */
    mote_graph graph; /* the model; its constants are updated before it is saved */
    mote_executor executor;
    bool has_teacher;
    mote_executor teacher;
    mote_pruner pruner;
    mote_team *team;
    uint32_t workers, calls; /* calls: executor calls that each worker makes in a step */
    mote_train_position at;
    mote_curve curve;
    float *m, *v; /* moments, laid out as the parameters */
    float *decay; /* per tensor: weight decay */
    float *aside; /* per worker: a second state */

    /* the team's current work */
    mote_batch *batches;   /* per worker: room for sequence·streams rows */
    mote_sample_row *rows; /* per worker [sequence·streams] */
    double *partial;       /* per worker */
    double partial_loss;   /* loss of the last step, summed over its targets */
    mote_adamw adam;
    int stage;
    uint64_t window; /* number of a window of validation */
} mote_trainer;

/* Prepares a training by t->options; the rest of *t must be zero. Free it in any case. */
bool mote_trainer_init(mote_trainer *t, mote_error *error);
void mote_trainer_free(mote_trainer *t);

/* Loads the texts, if there are any, and builds the graph. mote_trainer_init does this too. */
bool mote_trainer_model(mote_trainer *t, mote_error *error);

/* Computes the loss on the validation samples with the current parameters, NaN if there are none: bits per byte of a
 * text, else the mean. Fails if it is infinite or undefined. A language model with state reads the text in streams,
 * each after a lead-in that does not count. A model with attention reads windows of `sequence` tokens, each with an
 * empty cache; the first input is the token before it, or the start token. The states of training are kept. */
bool mote_trainer_validate(mote_trainer *t, double *loss, mote_error *error);

/* Generates at most size − 1 bytes of text, and a NUL, with the model in `graph`. Begins with the start token. */
bool mote_trainer_sample(const mote_trainer *t, char *text, size_t size, mote_error *error);

/* Runs one step at learning rate `rate`. mote_trainer_refresh must follow. */
void mote_trainer_step(mote_trainer *t, double rate);
void mote_trainer_refresh(mote_trainer *t); /* call after the parameters or the quantizers changed */
uint64_t mote_trainer_epoch_steps(const mote_trainer *t);
void mote_trainer_shuffle(mote_trainer *t);           /* makes the order of the epoch at->epoch */
uint64_t mote_trainer_targets(const mote_trainer *t); /* targets of a step */
/* Returns the mean of a loss summed over `targets` of the training samples; for a text, in bits per byte. */
double mote_trainer_mean(const mote_trainer *t, double loss, uint64_t targets);

/* Writes out + suffix to `name`. */
bool mote_beside(const char *out, const char *suffix, char *name, size_t size, mote_error *error);

#endif
