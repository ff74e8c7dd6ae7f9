/* Two operands whose shapes are aligned at the last dimension; a dimension of 1 is repeated. */
#ifndef MOTE_RUNTIME_PAIR_H
#define MOTE_RUNTIME_PAIR_H

#include "affine.h"

typedef struct mote_pair {
    const void *a, *b;
    void *y;
    uint32_t a_type, b_type, y_type;
    int32_t a_zero, b_zero;
    mote_ending ending;
    const int32_t *params;
} mote_pair;

typedef int32_t mote_pair_function(const mote_pair *p, int32_t a, int32_t b);

/* 1 if types are in the masks and y has the shape that a and b make. */
int mote_pair_fits(const mote_model *m, const mote_op_view *op, uint32_t operands, uint32_t result);
/* Stores f(a, b) of all elements, where a and b are stored values. ending: NULL for none. */
void mote_pair_run(const mote_session *s, const uint16_t *operands, const int32_t *params, const int32_t *ending,
                   mote_pair_function *f);

#endif
