/* Samples as arrays: an .npz of numpy.savez with one array per input of a network, named as the input, and optionally
 * one of targets, named "targets" or as the output. */
#ifndef MOTE_COMPILER_ARRAYS_H
#define MOTE_COMPILER_ARRAYS_H

#include "compiler/task/source.h"

typedef struct mote_arrays {
    size_t count;    /* number of samples */
    size_t sequence; /* as in mote_source */
    int input_count;
    uint8_t **inputs;   /* per input of the network: its samples, of its type */
    size_t *input_size; /* bytes of one sample */
    uint8_t *targets;   /* as the task needs them; NULL if there are none */
    size_t target_size;
    const mote_task *task;
    bool last_counts; /* one target per sequence */
    uint32_t digest;  /* of the file */
} mote_arrays;

/* Load arrays from a file or from memory. Arrays of inputs have the shape [samples, shape of the input], or [sequences,
 * steps, shape of the input] for a network with states. Numbers may have any type if the input's type can represent
 * them. Targets are [samples], [sequences, steps] or, for the last step of each sequence, [sequences]. Targets that are
 * integers below the number of outputs are classes; all others are values, which may also have the shape of the output
 * as further dimensions. `name` is for messages. Errors: MOTE_E_FORMAT arrays that are missing or do not fit, named, or
 * values that are not finite or not of the type. On failure there is nothing to free. */
bool mote_arrays_load(mote_arrays *a, const char *path, const mote_graph *g, mote_error *error);
bool mote_arrays_read(mote_arrays *a, const void *file, size_t size, const char *name, const mote_graph *g,
                      mote_error *error);
void mote_arrays_free(mote_arrays *a);

mote_source mote_arrays_source(const mote_arrays *a); /* `a` must outlive it */

/* True if a file's name ends in .npz. */
bool mote_names_arrays(const char *path);

#endif
