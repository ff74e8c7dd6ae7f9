/* Moves of values between tensors of up to MOTE_RANK dimensions. */
#ifndef MOTE_RUNTIME_MOVES_H
#define MOTE_RUNTIME_MOVES_H

#include "affine.h"

typedef struct mote_move {
    uint32_t dims[MOTE_RANK];               /* of the values that move, 1 past the rank */
    int32_t to[MOTE_RANK], from[MOTE_RANK]; /* steps, in values, from one index to the next */
} mote_move;

/* Sets steps[i] to the values from one index of axis i of the tensor to the next. */
void mote_steps_of(const mote_tensor_record *t, int32_t steps[MOTE_RANK]);

/* Copies values of `bytes` bytes. */
void mote_move_run(const mote_move *move, uint8_t *to, const uint8_t *from, uint32_t bytes);

#endif
