/* What each weight is worth, by one of the methods. */
#ifndef MOTE_COMPILER_SCORE_H
#define MOTE_COMPILER_SCORE_H

#include "compiler/prune/prune.h"

/* Whether weights compete within their row only: single ones that are worth what their inputs make of them (Wanda). */
bool mote_scores_by_row(mote_prune_method method, mote_pruned granularity);

/* Fills importance[tensor], [elements] of each tensor that the caller wants (others NULL). `c` may be NULL for
 * magnitudes, and has gradients for MOTE_PRUNE_GRADIENT. A table of tokens that no product reads counts by magnitude.
 * `network` is filled by MOTE_PRUNE_MINCUT. Errors: those of mote_network_importance. */
bool mote_score(mote_prune_method method, const mote_graph *g, const mote_activity *c, float **importance,
                mote_network_report *network, mote_error *error);

#endif
