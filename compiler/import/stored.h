/* How Hugging Face models store the weights of a transformer: names, and tensors that hold several weights. */
#ifndef MOTE_COMPILER_IMPORT_STORED_H
#define MOTE_COMPILER_IMPORT_STORED_H

#include "compiler/import/weights.h"

typedef struct mote_stored {
    const char *name;    /* "%u" is the layer; NULL if the architecture has no such weight */
    uint8_t part, parts; /* the tensor holds `parts` weights of equal shape, of which this is number `part` */
} mote_stored;

extern const mote_stored mote_stored_llama[MOTE_WEIGHT_COUNT], mote_stored_gpt2[MOTE_WEIGHT_COUNT];

enum { MOTE_STORED_NAME = 64 }; /* longer than every name */

/* Writes the name of the tensor, as in "model.layers.3...". */
void mote_stored_name(const mote_stored *stored, mote_weight w, uint32_t layer, char name[MOTE_STORED_NAME]);

/* Swaps the two orders of rows of q and k within each head: these models rotate value i of a head with value i + w/2;
 * the graph rotates 2i with 2i + 1. `outward` is from the order of the graph to that of the file. `head` is scratch for
 * width · columns values. */
void mote_stored_rotate(float *data, uint32_t rows, uint32_t columns, uint32_t width, bool outward, float *head);
bool mote_stored_is_rotated(const mote_transformer_shape *shape, mote_weight w);

#endif
