/* The list of weights of a transformer that importers share, and the importer of each format. */
#ifndef MOTE_COMPILER_IMPORT_WEIGHTS_H
#define MOTE_COMPILER_IMPORT_WEIGHTS_H

#include "base/file.h"
#include "compiler/graph/transformer.h"
#include "compiler/import/options.h"

/* Weights before the head exist in every transformer of the kind; after it come biases. */
typedef enum mote_weight {
    MOTE_W_EMBEDDING,
    MOTE_W_POSITIONS,
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
    MOTE_W_ATTENTION_NORM_BIAS,
    MOTE_W_FEED_NORM_BIAS,
    MOTE_W_NORM_BIAS,
    MOTE_WEIGHT_COUNT
} mote_weight;

/* Name of a weight in the graph. `layer` is ignored for weights that are not part of a layer. */
typedef struct mote_weight_name {
    char text[64];
} mote_weight_name;
mote_weight_name mote_weight_name_of(mote_weight w, uint32_t layer);

/* Returns the number of tensors of this weight: one per layer, or one. */
uint32_t mote_weight_copies(const mote_transformer_shape *s, mote_weight w);

/* Writes rows and columns to `dims`; a vector has 1 column. Returns the number of elements, below 2^31. */
uint64_t mote_weight_dims(const mote_transformer_shape *s, mote_weight w, uint32_t dims[2]);

/* True for a tensor of rank 1. */
bool mote_weight_is_vector(mote_weight w);
bool mote_weight_is_norm_bias(mote_weight w);
/* True for the matrices of layers, which some models store as [inputs, outputs]. */
bool mote_weight_is_transposed(mote_weight w);

/* True if a graph of the shape has the weight. */
bool mote_weight_exists(const mote_transformer_shape *s, mote_weight w);

/* Returns the values in a graph built for the shape; NULL when the graph has no such tensor. */
float *mote_weight_data(const mote_graph *g, mote_weight w, uint32_t layer);

/* A file that is being imported, with the options. */
typedef struct mote_weight_source {
    const mote_input_file *in;
    const mote_import_options *options;
} mote_weight_source;

/* Fails on the first NaN or infinity unless the options allow them. */
bool mote_weight_finite(const mote_weight_source *s, const char *name, const float *data, uint64_t count,
                        mote_error *error);

/* Applies the context of the options, then checks that a graph, and a model file, can have the shape. */
bool mote_import_valid(const char *path, mote_transformer_shape *shape, const mote_import_options *options,
                       mote_error *error);

/* Import a file of one format: mote_import in import.h. */
bool mote_import_llama2c(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error);
bool mote_import_ruvm(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error);
bool mote_import_safetensors(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error);

#endif
