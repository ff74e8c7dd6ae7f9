/* Scores the importance of weights by one of several methods. */
#ifndef MOTE_COMPILER_SCORE_H
#define MOTE_COMPILER_SCORE_H

#include "compiler/prune/network.h"

typedef enum mote_prune_method {
    MOTE_PRUNE_MAGNITUDE,  /* |w| */
    MOTE_PRUNE_ACTIVATION, /* |w|·rms(x): Wanda (Sun et al. 2023); single weights compete within their row */
    MOTE_PRUNE_GRADIENT,   /* Σ|w·∂loss/∂w| over windows of samples */
    MOTE_PRUNE_MINCUT,     /* compiler/prune/network.h */
    MOTE_PRUNE_METHOD_COUNT
} mote_prune_method;

/* "magnitude", "activation", "gradient", "mincut", NULL */
extern const char *const mote_prune_method_names[MOTE_PRUNE_METHOD_COUNT + 1];

/* True if weights compete within their row only: single weights that are scored by activation (Wanda). */
bool mote_scores_by_row(mote_prune_method method, mote_pruned granularity);

/* Fills importance[tensor], [elements] of each tensor that the caller wants (others are NULL). `c` may be NULL for
 * magnitudes, and must have gradients for MOTE_PRUNE_GRADIENT. A token table that no product reads is scored by
 * magnitude. MOTE_PRUNE_MINCUT fills `network`. Errors: those of mote_network_importance. */
bool mote_score(mote_prune_method method, const mote_graph *g, const mote_activity *c, float **importance,
                mote_network_report *network, mote_error *error);

#endif
