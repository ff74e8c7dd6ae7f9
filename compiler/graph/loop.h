/* Iteration over the elements of several arrays at once, each with its own strides: broadcasts, transpositions, parts.
 * Axes are joined where all arrays allow it, so that the runs of the innermost axis are long. */
#ifndef MOTE_COMPILER_LOOP_H
#define MOTE_COMPILER_LOOP_H

#include "compiler/graph/operator.h"

enum { MOTE_LOOP_AXES = MOTE_RANK + 1, MOTE_LOOP_ARRAYS = 3 }; /* the batch is an axis */

typedef struct mote_loop {
    size_t run;                       /* elements of the innermost axis */
    ptrdiff_t step[MOTE_LOOP_ARRAYS]; /* distance of its elements in each array */
    ptrdiff_t at[MOTE_LOOP_ARRAYS];   /* first element of the current run in each array */
    int arrays, axes;                 /* axes outside the run, the innermost first */
    size_t dims[MOTE_LOOP_AXES], index[MOTE_LOOP_AXES];
    ptrdiff_t strides[MOTE_LOOP_ARRAYS][MOTE_LOOP_AXES];
} mote_loop;

/* The axes of a loop before they are joined. */
typedef struct mote_loop_axes {
    int arrays, axes;
    size_t dims[MOTE_LOOP_AXES];
    ptrdiff_t strides[MOTE_LOOP_ARRAYS][MOTE_LOOP_AXES];
    ptrdiff_t at[MOTE_LOOP_ARRAYS];
} mote_loop_axes;

/* Returns the loop at its first run. */
mote_loop mote_loop_begin(const mote_loop_axes *axes);
/* Goes to the next run. Returns false after the last one. */
bool mote_loop_next(mote_loop *w);

/* Returns axes for the rows of a pass and the dimensions of `shape`, without arrays. */
mote_loop_axes mote_loop_over(const mote_pass *pass, const mote_tensor *shape);
/* Adds an array: the tensor, aligned with the axes at the last dimension. Dimensions of 1 are repeated, and a constant
 * is repeated for each row. */
void mote_loop_add(mote_loop_axes *axes, const mote_tensor *t);

#endif
