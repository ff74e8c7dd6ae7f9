/* The shape of a model on the command line, which `mote train` trains and `mote info` estimates. */
#ifndef MOTE_CLI_SHAPE_OPTIONS_H
#define MOTE_CLI_SHAPE_OPTIONS_H

#include "cli/options.h"
#include "compiler/train/train.h"

/* As given; 0, and -1 for some choices, where an option was not. */
typedef struct mote_shape_choices {
    long dim, layers, embed, hidden, heads, kv_heads, context, vocabulary;
    int weights, architecture, norm, feed, positions;
    int chip; /* of mote_chip_models; its option is not among those below */
    bool tied, biased;
} mote_shape_choices;

#define MOTE_SHAPE_NOT_GIVEN                                                                                           \
    ((mote_shape_choices){.architecture = -1, .norm = -1, .feed = -1, .positions = -1, .chip = -1})

enum { MOTE_SHAPE_OPTIONS = 16 };

/* The options that fill *c, as a table that ends as one does: the `more` of a command. */
void mote_shape_options(mote_shape_choices *c, mote_option rows[MOTE_SHAPE_OPTIONS]);

/* Whether any option other than --chip was given. */
bool mote_shape_given(const mote_shape_choices *c);

/* Fills architecture, shapes, weights, chip and vocabulary.  */
void mote_shape_apply(const mote_shape_choices *c, mote_train_options *options);

#endif
