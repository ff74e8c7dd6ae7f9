/* Pruning of float graphs: what `mote prune` does, as a function. */
#ifndef MOTE_COMPILER_PRUNE_H
#define MOTE_COMPILER_PRUNE_H

#include "compiler/graph/graph.h"
#include "compiler/prune/score.h"

typedef struct mote_prune_target {
    const char *pattern; /* fnmatch, of names of matrices or of their operators */
    double sparsity;
} mote_prune_target;

typedef struct mote_prune_options {
    mote_prune_method method;
    bool units; /* remove whole units (compiler/prune/units.h), else mask weights or blocks of them: */
    mote_pruned granularity;
    double sparsity;  /* 0..1, of every matrix or group of units, or of all together: */
    bool global;      /* what costs the calibration samples least takes more of it */
    double threshold; /* above 0: instead, what is worth less than this times the mean of its matrix goes */
    const mote_prune_target *targets; /* matrices with a sparsity of their own; the last that matches counts */
    int target_count;
    bool compensate;           /* the weights that stay take over (compiler/prune/compensate.h) */
    bool embeddings;           /* tables of tokens too */
    uint32_t multiple;         /* of units that stay, at least 1 */
    const mote_graph *mask;    /* instead of all that: the zeros of this pruned model, the same in shape; may be NULL */
    const mote_source *source; /* the samples to calibrate with; only magnitudes can do without */
} mote_prune_options;

typedef struct mote_prune_layer {
    const char *name;                              /* the graph's it was made of */
    uint32_t rows, columns, old_rows, old_columns; /* afterwards and before */
    mote_dtype dtype;                              /* what it would be packed as: as trained, else I8 */
    mote_pruned granularity;
    size_t total, removed;    /* weights before, and of them pruned or removed */
    size_t tiles, tiles_left; /* of 16×16: of the matrix before, and those that are not all 0 afterwards */
    double sensitivity;       /* loss that pruning it alone costs; NaN when not measured */
} mote_prune_layer;

typedef struct mote_prune_report {
    mote_prune_layer *layers; /* the matrices that take part, owned */
    int layer_count;
    size_t total, removed;
    double loss_before, loss_after; /* mean, of the calibration samples; NaN without targets */
    mote_network_report network;    /* of MOTE_PRUNE_MINCUT */
} mote_prune_report;

/* Fills `to` with the pruned graph. Weights that `from` has pruned already stay 0 and count. Errors: MOTE_E_USAGE a
 * number out of range, a pattern that matches nothing, a layer that would lose all its units; MOTE_E_MISMATCH a mask of
 * another model; those of mote_activity_measure. On failure there is nothing to free. */
bool mote_prune(const mote_graph *from, const mote_prune_options *options, mote_graph *to, mote_prune_report *report,
                mote_error *error);
void mote_prune_report_free(mote_prune_report *report);

#endif
