/* The weights of a transformer as importers see them: one list, and what each outside format has in it. */
#ifndef MOTE_COMPILER_IMPORT_WEIGHTS_H
#define MOTE_COMPILER_IMPORT_WEIGHTS_H

#include "base/file.h"
#include "compiler/graph/transformer.h"
#include "compiler/import/options.h"

typedef enum mote_weight {
    MOTE_W_EMBEDDING,
    MOTE_W_ATTENTION_NORM,
    MOTE_W_Q,
    MOTE_W_K,
    MOTE_W_V,
    MOTE_W_O,
    MOTE_W_FEED_NORM,
    MOTE_W_GATE,
    MOTE_W_UP,
    MOTE_W_DOWN,
    MOTE_W_NORM,
    MOTE_W_HEAD,
    MOTE_W_Q_BIAS,
    MOTE_W_K_BIAS,
    MOTE_W_V_BIAS,
    MOTE_W_O_BIAS,
    MOTE_W_GATE_BIAS,
    MOTE_W_UP_BIAS,
    MOTE_W_DOWN_BIAS,
    MOTE_WEIGHT_COUNT
} mote_weight;

/* A weight of one layer, as it is called in the graph. */
typedef struct mote_weight_name {
    char text[64];
} mote_weight_name;
mote_weight_name mote_weight_name_of(mote_weight w, uint32_t layer);

/* How many there are of it: one a layer, or one. */
uint32_t mote_weight_copies(const mote_transformer_shape *s, mote_weight w);

/* Rows and columns, columns 1 of a vector. Returns the elements, below 2^31. */
uint64_t mote_weight_dims(const mote_transformer_shape *s, mote_weight w, uint32_t dims[2]);

/* Whether it is a vector: rank 1. */
bool mote_weight_is_vector(mote_weight w);

/* Its values in a graph built for the shape; NULL when the graph has no such tensor. */
float *mote_weight_data(const mote_graph *g, mote_weight w, uint32_t layer);

/* What is read from a file in pieces. */
typedef struct mote_weight_source {
    const mote_input_file *in;
    const mote_import_options *options;
} mote_weight_source;

/* Fails on the first NaN or infinity unless the options allow them. */
bool mote_weight_finite(const mote_weight_source *s, const char *name, const float *data, uint64_t count,
                        mote_error *error);

/* Applies the options' context; then the shape must be one that a graph, and a file, can have. */
bool mote_import_valid(const char *path, mote_transformer_shape *shape, const mote_import_options *options,
                       mote_error *error);

/* One function a format. */
bool mote_import_llama2c(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error);
bool mote_import_ruvm(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error);
bool mote_import_safetensors(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error);

#endif
