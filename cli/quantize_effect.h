/* Options of `mote quantize` that would change nothing. */
#ifndef MOTE_CLI_QUANTIZE_EFFECT_H
#define MOTE_CLI_QUANTIZE_EFFECT_H

#include "compiler/quantize/options.h"

/* Options that change recipes of matrices; `given` has an entry for each. */
enum {
    MOTE_KNOB_HEAD,
    MOTE_KNOB_EMBEDDING,
    MOTE_KNOB_SCALE,
    MOTE_KNOB_GROUP,
    MOTE_KNOB_METHOD,
    MOTE_KNOB_TRITS,
    MOTE_KNOBS
};

/* Fails with the option's name if one that was given changes the recipe of no matrix of the network. */
bool mote_quantize_effect(const mote_graph *g, const mote_quantize_options *options, const bool given[MOTE_KNOBS],
                          mote_error *error);

#endif
