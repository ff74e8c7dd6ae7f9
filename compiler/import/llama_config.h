/* The config.json of a Llama-style model. */
#ifndef MOTE_COMPILER_IMPORT_LLAMA_CONFIG_H
#define MOTE_COMPILER_IMPORT_LLAMA_CONFIG_H

#include "compiler/import/weights.h"

typedef struct mote_llama_config {
    mote_transformer_shape shape;
    uint32_t width;                 /* of a head */
    bool wanted[MOTE_WEIGHT_COUNT]; /* what the files must hold */
} mote_llama_config;

/* Options that change what the model computes and are not known here are refused by name: MOTE_E_UNSUPPORTED. */
bool mote_llama_config_load(mote_llama_config *c, const char *path, const mote_import_options *options,
                            mote_error *error);

#endif
