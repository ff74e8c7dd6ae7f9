/* Masks: the weights of a matrix that stay, chosen by importance, in blocks (mote_pruned, runtime/format.h). */
#ifndef MOTE_COMPILER_MASK_H
#define MOTE_COMPILER_MASK_H

#include <stddef.h>

#include "base/error.h"
#include "runtime/format.h"

typedef struct mote_block_shape {
    uint32_t rows, columns;
} mote_block_shape;

/* Returns the shape of a block, 1×1 for single weights. */
mote_block_shape mote_pruned_block(mote_pruned granularity);

/* A matrix by the importance of its weights, [rows, columns]. */
typedef struct mote_scored {
    const float *importance;
    uint32_t rows, columns;
    mote_pruned granularity;
    bool by_row; /* single weights compete with those of their row only, not of the matrix */
} mote_scored;

/* Sets keep [rows·columns] to 1 for weights that stay and to 0 for weights that go. The blocks with the lowest mean
 * importance go, as many as possible without exceeding `sparsity` (0..1) of the weights; the first of equals goes. With
 * `more`, weights that are 0 in `keep` stay 0 and count. Errors: MOTE_E_INTERNAL out of memory. */
bool mote_mask_sparsity(const mote_scored *m, double sparsity, bool more, uint8_t *keep, mote_error *error);

/* Removes the blocks whose mean importance is below `threshold` times the mean of the matrix; threshold from 0. Errors:
 * as mote_mask_sparsity. */
bool mote_mask_threshold(const mote_scored *m, double threshold, uint8_t *keep, mote_error *error);

/* Sets `keep` to 0 where a whole block of `weights` is 0, to 1 elsewhere: the mask of a pruned tensor. All 1 for
 * MOTE_UNPRUNED. */
void mote_mask_of(const float *weights, uint32_t rows, uint32_t columns, mote_pruned granularity, uint8_t *keep);

/* Sets weights to 0 where `keep` is 0. */
void mote_mask_apply(float *weights, const uint8_t *keep, size_t count);

#endif
