/* Pruning of float graphs, as `mote prune` does it. */
#ifndef MOTE_COMPILER_PRUNE_H
#define MOTE_COMPILER_PRUNE_H

#include "compiler/graph/graph.h"
#include "compiler/prune/score.h"

typedef struct mote_prune_target {
    const char *pattern; /* for fnmatch, against names of matrices and of their operators */
    double sparsity;
} mote_prune_target;

typedef struct mote_prune_options {
    mote_prune_method method;
    bool units; /* remove whole units (compiler/prune/units.h), else mask weights or blocks of `granularity` */
    mote_pruned granularity;
    double sparsity;  /* 0..1, of every matrix or group of units; with `global`, of all matrices together */
    bool global;      /* prune matrices more whose pruning costs less loss on the calibration samples */
    double threshold; /* if above 0, replaces the sparsity: prune what is worth less than this times the matrix mean */
    const mote_prune_target *targets; /* sparsities of single matrices; the last match counts */
    int target_count;
    bool compensate;           /* compensate with the weights that stay (compiler/prune/compensate.h) */
    bool embeddings;           /* prune token tables too */
    uint32_t multiple;         /* the number of units that stay is a multiple of this, at least 1 */
    const mote_graph *mask;    /* if not NULL, take the zeros of this pruned model of the same shape instead */
    const mote_source *source; /* samples to calibrate with; may be NULL for magnitudes only */
} mote_prune_options;

typedef struct mote_prune_layer {
    const char *name;                              /* owned by the pruned graph */
    uint32_t rows, columns, old_rows, old_columns; /* after and before */
    mote_dtype dtype;                              /* type to pack it as: ternary if trained as such, else I8 */
    mote_pruned granularity;
    size_t total, removed;    /* weights before, and the number pruned or removed */
    size_t tiles, tiles_left; /* 16×16 tiles of the matrix before, and tiles afterwards that are not all 0 */
    double sensitivity;       /* loss that pruning it alone adds; NaN if not measured */
} mote_prune_layer;

typedef struct mote_prune_report {
    mote_prune_layer *layers; /* the matrices that take part, owned */
    int layer_count;
    size_t total, removed;
    double loss_before, loss_after; /* mean, over the calibration samples; NaN without targets */
    mote_network_report network;    /* of MOTE_PRUNE_MINCUT */
} mote_prune_report;

/* Fills `to` with the pruned graph. Weights that `from` has pruned already stay 0 and count. Errors: MOTE_E_USAGE a
 * number out of range, missing samples, a pattern that matches nothing, a group that would lose all its units;
 * MOTE_E_MISMATCH a mask of another model; those of mote_activity_measure. On failure there is nothing to free. */
bool mote_prune(const mote_graph *from, const mote_prune_options *options, mote_graph *to, mote_prune_report *report,
                mote_error *error);
void mote_prune_report_free(mote_prune_report *report);

#endif
