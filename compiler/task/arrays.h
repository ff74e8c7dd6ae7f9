/* Samples as arrays: an .npz of numpy.savez, an array for each input of a network, named as the input, and perhaps one
 * of targets, named "targets" or as the output. */
#ifndef MOTE_COMPILER_ARRAYS_H
#define MOTE_COMPILER_ARRAYS_H

#include "compiler/task/source.h"

typedef struct mote_arrays {
    size_t count;    /* samples */
    size_t sequence; /* as in mote_source */
    int input_count;
    uint8_t **inputs;   /* per input of the network: its samples, of its type */
    size_t *input_size; /* bytes of one sample */
    uint8_t *targets;   /* as the task has them; NULL when there are none */
    size_t target_size;
    const mote_task *task;
    bool last_counts; /* a target for each sequence */
    uint32_t digest;  /* of the file */
} mote_arrays;

/* The arrays of inputs have the shape [samples, shape of the input], or [sequences, steps, shape of the input] for a
 * network with states. Numbers may be of any type that holds no others than the input's. Targets [samples], [sequences,
 * steps] or, for the last step of each, [sequences]: integers below the number of outputs are classes; all else, also
 * with the shape of the output behind, are values. `name` is for messages. Errors: MOTE_E_FORMAT arrays that are
 * missing or do not fit, named; values that are not finite or not of the type. On failure there is nothing to free. */
bool mote_arrays_load(mote_arrays *a, const char *path, const mote_graph *g, mote_error *error);
bool mote_arrays_read(mote_arrays *a, const void *file, size_t size, const char *name, const mote_graph *g,
                      mote_error *error);
void mote_arrays_free(mote_arrays *a);

mote_source mote_arrays_source(const mote_arrays *a); /* `a` outlives it */

/* Whether a file's name says that it holds arrays. */
bool mote_names_arrays(const char *path);

#endif
