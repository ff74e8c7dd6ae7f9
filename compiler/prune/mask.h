/* Which weights of a matrix stay: chosen by importance, in blocks (mote_pruned, runtime/format.h). */
#ifndef MOTE_COMPILER_MASK_H
#define MOTE_COMPILER_MASK_H

#include <stddef.h>

#include "base/error.h"
#include "runtime/format.h"

typedef struct mote_block_shape {
    uint32_t rows, columns;
} mote_block_shape;

/* 1×1 for single weights. */
mote_block_shape mote_pruned_block(mote_pruned granularity);

/* A matrix and what each of its weights is worth, both [rows, columns]. */
typedef struct mote_scored {
    const float *importance;
    uint32_t rows, columns;
    mote_pruned granularity;
    bool by_row; /* single weights compete with those of their row only, not of the matrix */
} mote_scored;

/* Marks in keep [rows·columns] the weights that stay, 1, and those that go, 0: the blocks with the lowest mean
 * importance, as many as reach `sparsity` (0..1) of the weights without passing it. Of equals the first go. `more` adds
 * to what `keep` has marked 0 already, which stays 0 and counts. Errors: MOTE_E_INTERNAL out of memory. */
bool mote_mask_sparsity(const mote_scored *m, double sparsity, bool more, uint8_t *keep, mote_error *error);

/* The same of the blocks whose mean importance is below threshold · the mean of the matrix; threshold from 0. */
bool mote_mask_threshold(const mote_scored *m, double threshold, uint8_t *keep, mote_error *error);

/* 0 where a whole block of `weights` is 0, 1 elsewhere: the mask that a pruned tensor carries. */
void mote_mask_of(const float *weights, uint32_t rows, uint32_t columns, mote_pruned granularity, uint8_t *keep);

/* weights become 0 where keep is. */
void mote_mask_apply(float *weights, const uint8_t *keep, size_t count);

#endif
