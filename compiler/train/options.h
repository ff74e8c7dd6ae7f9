/* Options of a training run. */
#ifndef MOTE_COMPILER_TRAIN_OPTIONS_H
#define MOTE_COMPILER_TRAIN_OPTIONS_H

#include "compiler/graph/tinylm.h"
#include "compiler/graph/transformer.h"
#include "compiler/plan/chips.h"
#include "compiler/prune/schedule.h"

typedef enum mote_architecture { MOTE_ARCH_GRU, MOTE_ARCH_TRANSFORMER, MOTE_ARCH_COUNT } mote_architecture;

typedef struct mote_train_options {
    const char *const *texts;
    int text_count;
    const char *data;       /* arrays (.npz) for the inputs and targets of `init`, instead of texts; may be NULL */
    const char *valid_text; /* validation data instead of the end of the texts or of the arrays; may be NULL */
    double valid_fraction;  /* fraction that validates, 0..0.5 */
    const char *tokenizer;  /* a file for mote_tokenizer_load; NULL: made from the texts */
    uint32_t vocabulary;    /* tokens of a byte pair encoding to learn from the texts; 0: bytes are tokens */
    const char *out;        /* path of the model; OUT.resume, OUT.csv and OUT.svg lie beside it */
    double save_seconds;    /* longest time between two saves of OUT.resume */
    bool resume; /* continue from OUT.resume with its options; only file names, `prune.layers` and `chip` count here */
    const char *const *given; /* names of options of `mote train`, ending with NULL, that must be those of OUT.resume
                                 even if they have their defaults; may be NULL */

    const char *init; /* float model to begin with, of the same tokens or for the arrays, instead of one of `shape`; may
                         be NULL. Its quantizers stay if `weights` is MOTE_F32; its masks always stay */
    mote_prune_schedule prune; /* schedule of masks that grow; none if `to` is 0 */
    mote_architecture architecture;
    mote_tinylm_shape shape;            /* of a GRU; the texts give its `vocabulary` */
    mote_transformer_shape transformer; /* likewise */
    mote_dtype weights;                 /* quantizer in the training loop, MOTE_F32 for none; see mote_trainable */
    const mote_chip *chip;              /* chip that a new model must fit; may be NULL */
    double ramp; /* fraction of the training, 0..0.95, over which the quantizer grows from no effect to full effect */

    uint32_t batch;    /* number of streams */
    uint32_t sequence; /* steps of back-propagation; 0: 64, or a transformer's context, which is also its limit */
    uint32_t threads;  /* limit; the largest number of threads that divides the batch is used */
    double epochs;     /* length of the training, unless one of the next two is not zero */
    uint64_t steps;
    double minutes;

    double rate;    /* highest learning rate; 0: mote_train_rate */
    double warmup;  /* fraction of the training in which the rate rises, 0..0.5; then it falls by a cosine */
    double decay;   /* of AdamW, on matrices except tables and ternary or binary matrices */
    double clip;    /* longest gradient; longer ones are scaled down. 0: no limit */
    double dropout; /* on the output of GRU layers, or on what joins a transformer's residual stream, 0..0.9 */
    uint64_t seed;

    const char *teacher;   /* float model with the same tokens to learn from in addition; may be NULL */
    double teacher_weight; /* its share of the loss, 0..1 */
    double temperature;    /* softens the probabilities of both, 0.1..100 */
} mote_train_options;

/* True if matrices can be trained as this type. */
bool mote_trainable(mote_dtype weights);

/* Returns the highest learning rate that suits a model, from measurements (docs/training.md). GRU: 1/dim, at most 0.01;
 * transformer: 0.4/dim, at most 0.02; half of 1/dim or 0.4/dim for ternary and binary weights. */
double mote_train_rate(const mote_train_options *options);

/* Returns options that suit one million bytes of text in a few minutes. The caller fills in texts and `out`. */
mote_train_options mote_train_defaults(void);

/* Replaces a rate and a sequence of 0 by those that suit the model. */
void mote_train_resolve(mote_train_options *options);

/* Fails with MOTE_E_USAGE if a number is out of its range. Call after mote_train_resolve. */
bool mote_train_options_valid(const mote_train_options *options, mote_error *error);

/* Returns the name of the quantizer; NULL if matrices cannot be trained as this type. */
const char *mote_trainable_name(mote_dtype weights);

#endif
