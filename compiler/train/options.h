/* What can be chosen for a training run. */
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
    const char *data;       /* in place of texts: arrays for the inputs and targets of `init`, an .npz; may be NULL */
    const char *valid_text; /* validates instead of the end of the texts, or of the arrays; may be NULL */
    double valid_fraction;  /* 0..0.5 */
    const char *tokenizer;  /* a file for mote_tokenizer_load; NULL: made from the texts */
    uint32_t vocabulary;    /* byte pairs to learn from the texts; 0: bytes are tokens */
    const char *out;        /* the model; OUT.resume, OUT.csv and OUT.svg lie beside it */
    bool resume;            /* go on from OUT.resume, with its options; only `out`, the texts and `threads` count */

    const char *init; /* begins with this float model of the same tokens, or of the arrays, instead of one of `shape`;
                         may be NULL. Its quantizers stay where `weights` is MOTE_F32, its masks always */
    mote_prune_schedule prune; /* of masks that grow; `to` 0 for none */
    mote_architecture architecture;
    mote_tinylm_shape shape;            /* of a GRU; `vocabulary` comes from the texts */
    mote_transformer_shape transformer; /* likewise */
    mote_dtype weights;                 /* the quantizer in the loop, MOTE_F32 for none: see mote_trainable */
    const mote_chip *chip;              /* a model that will not fit there is refused; may be NULL */
    double ramp; /* part of the training, 0..1, in which the quantizer sets in, from nothing to wholly */

    uint32_t batch;    /* streams of text */
    uint32_t sequence; /* steps of back-propagation; 0: 64, of a transformer its context, which is the most */
    uint32_t threads;  /* at most; as many as divide the batch are used */
    double epochs;     /* the length, unless one of the next two is not zero */
    uint64_t steps;
    double minutes;

    double rate;    /* highest learning rate; 0: mote_train_rate */
    double warmup;  /* part of the training in which it rises, 0..0.5; then it falls by a cosine */
    double decay;   /* AdamW's, on float and int8 matrices */
    double clip;    /* gradients longer than this are shortened; 0: never */
    double dropout; /* on what leaves a GRU layer or joins a transformer's residual stream, 0..0.9 */
    uint64_t seed;

    const char *teacher;   /* a float model of the same tokens to learn from as well; may be NULL */
    double teacher_weight; /* its part of the loss, 0..1 */
    double temperature;    /* softens both */
} mote_train_options;

/* Whether matrices can be trained as this type. */
bool mote_trainable(mote_dtype weights);

/* The highest learning rate that suits a model, measured (docs/training.md). GRU: 1/dim, at most 0.01; transformer:
 * 0.4/dim, at most 0.02; half of it for ternary and binary weights. */
double mote_train_rate(const mote_train_options *options);

/* What is worth the effort: one million bytes of text in a few minutes. Texts and `out` are the caller's to fill. */
mote_train_options mote_train_defaults(void);

/* Puts the rate and the sequence that suit the model in place of 0. */
void mote_train_resolve(mote_train_options *options);

/* Fails, MOTE_E_USAGE, on a number out of its range; after mote_train_resolve. */
bool mote_train_options_valid(const mote_train_options *options, mote_error *error);

/* What the quantizer is called, NULL where matrices cannot be trained as this type. */
const char *mote_trainable_name(mote_dtype weights);

#endif
