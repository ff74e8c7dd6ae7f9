/* Reads the config.json of a Llama-style model. */
#ifndef MOTE_COMPILER_IMPORT_LLAMA_CONFIG_H
#define MOTE_COMPILER_IMPORT_LLAMA_CONFIG_H

#include "compiler/import/weights.h"

typedef struct mote_llama_config {
    mote_transformer_shape shape;
    uint32_t width;                 /* values of a head */
    bool wanted[MOTE_WEIGHT_COUNT]; /* weights that the files must contain */
} mote_llama_config;

/* Reads the file and applies the options. Errors: MOTE_E_UNSUPPORTED for settings that change the computation of the
 * model and are not supported; the message names the setting. */
bool mote_llama_config_load(mote_llama_config *c, const char *path, const mote_import_options *options,
                            mote_error *error);

#endif
