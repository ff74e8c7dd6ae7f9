/* A training run's parts, shared by the files of this folder. */
#ifndef MOTE_COMPILER_TRAINER_H
#define MOTE_COMPILER_TRAINER_H

#include "compiler/graph/executor.h"
#include "compiler/graph/team.h"
#include "compiler/task/arrays.h"
#include "compiler/train/adamw.h"
#include "compiler/train/corpus.h"
#include "compiler/train/curve.h"
#include "compiler/train/options.h"

/* Where a run stands: with parameters, moments, states and curve, all that OUT.resume holds. */
typedef struct mote_train_position {
    uint64_t step;       /* steps done */
    uint64_t epoch_step; /* of them, in this epoch */
    uint64_t epoch;
    uint64_t since; /* steps since the last evaluation */
    double loss;    /* summed over the targets since the last point of the curve */
    uint64_t loss_tokens;
    double since_loss; /* the same since the last evaluation */
    uint64_t since_tokens;
    double best;    /* loss of the saved model */
    double seconds; /* spent training */
} mote_train_position;

typedef struct mote_trainer {
    mote_train_options options;
    mote_corpus corpus;               /* of a text */
    mote_arrays arrays, valid_arrays; /* of samples that are none */
    mote_source train, valid;
    uint32_t digest;  /* of all data: the same give the same number */
    size_t *order;    /* of an epoch's sequences, where they are shuffled; else NULL */
    mote_graph graph; /* the model; its constants are brought up to date before it is saved */
    mote_executor executor;
    bool has_teacher;
    mote_executor teacher;
    mote_pruner pruner;
    mote_team *team;
    uint32_t workers, calls; /* calls of the executor with which each worker does its part of the batch */
    mote_train_position at;
    mote_curve curve;
    float *m, *v; /* moments, laid out as the parameters */
    float *decay; /* per tensor: weight decay */
    float *aside; /* per worker: room for the state */

    /* one piece of work for the team */
    mote_batch *batches;   /* per worker: room for sequence·streams rows */
    mote_sample_row *rows; /* per worker [sequence·streams] */
    double *partial;       /* per worker */
    double partial_loss;   /* loss of the last step, summed over its targets */
    mote_adamw adam;
    int stage;
    uint64_t window; /* of a validation */
} mote_trainer;

/* Makes ready to train by t->options; the rest of *t is zero. To be freed in any case. */
bool mote_trainer_init(mote_trainer *t, mote_error *error);
void mote_trainer_free(mote_trainer *t);

/* Only its texts, if it has any, and its graph; mote_trainer_init does this too. */
bool mote_trainer_model(mote_trainer *t, mote_error *error);

/* The loss on the validation samples under the present parameters, NaN when there are none: of a text bits per byte,
 * else the mean. Fails when it is infinite or undefined. A language model with state reads
 * it in streams, each after a lead-in that does not count; one that attends in windows of `sequence` tokens, each from
 * an empty cache, its first input the token before it. States are kept. */
bool mote_trainer_validate(mote_trainer *t, double *loss, mote_error *error);

/* At most size − 1 bytes of text by the model in `graph`, from the start token, and a NUL. */
bool mote_trainer_sample(const mote_trainer *t, char *text, size_t size, mote_error *error);

/* One step at learning rate `rate`, without the refresh that must follow. */
void mote_trainer_step(mote_trainer *t, double rate);
void mote_trainer_refresh(mote_trainer *t); /* after the parameters or the quantizers changed */
uint64_t mote_trainer_epoch_steps(const mote_trainer *t);
void mote_trainer_shuffle(mote_trainer *t);           /* the order of the epoch at->epoch */
uint64_t mote_trainer_targets(const mote_trainer *t); /* of a step */
/* A loss summed over `targets` of the training samples: of a text bits per byte, else the mean. */
double mote_trainer_mean(const mote_trainer *t, double loss, uint64_t targets);

/* out + suffix. */
bool mote_beside(const char *out, const char *suffix, char *name, size_t size, mote_error *error);

#endif
