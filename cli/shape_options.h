/* Options for the shape of the model that `mote train` trains and `mote info` estimates. */
#ifndef MOTE_CLI_SHAPE_OPTIONS_H
#define MOTE_CLI_SHAPE_OPTIONS_H

#include "cli/options.h"
#include "compiler/train/train.h"

/* The options as given; MOTE_SHAPE_NOT_GIVEN has the values of those not given, 0 or -1. */
typedef struct mote_shape_choices {
    long dim, layers, embed, hidden, heads, kv_heads, context, vocabulary;
    int weights, architecture, norm, feed, positions;
    int chip; /* index into mote_chip_models; mote_shape_options does not set it */
    bool tied, biased;
} mote_shape_choices;

#define MOTE_SHAPE_NOT_GIVEN                                                                                           \
    ((mote_shape_choices){.architecture = -1, .norm = -1, .feed = -1, .positions = -1, .chip = -1})

enum { MOTE_SHAPE_OPTIONS = 16 };

/* Makes the table of options that set *c, for the field `more` of a command. */
void mote_shape_options(mote_shape_choices *c, mote_option rows[MOTE_SHAPE_OPTIONS]);

/* Returns true if any option other than --chip was given. */
bool mote_shape_given(const mote_shape_choices *c);

/* Fills architecture, shapes, weights, chip and vocabulary. */
void mote_shape_apply(const mote_shape_choices *c, mote_train_options *options);

/* Writes the shape and the quantizer as the options that give them: "--arch gru --dim 128 ...". */
void mote_shape_print(const mote_train_options *options, char *to, size_t size);

#endif
