/* Reads the config.json of a model in the layout of Hugging Face transformers or nanoGPT. */
#ifndef MOTE_COMPILER_IMPORT_CONFIG_H
#define MOTE_COMPILER_IMPORT_CONFIG_H

#include <jansson.h>

#include "compiler/import/stored.h"

typedef struct mote_model_config {
    mote_transformer_shape shape;
    uint32_t positions;                     /* of the model; the shape may have fewer */
    const mote_stored *stored;              /* [MOTE_WEIGHT_COUNT]: names and forms of the tensors */
    bool wanted[MOTE_WEIGHT_COUNT];         /* weights that the files must contain */
    bool zero_if_absent[MOTE_WEIGHT_COUNT]; /* weights that the files may contain */
} mote_model_config;

/* Reads the file and applies the options. Errors: MOTE_E_FORMAT for a value of the wrong kind, MOTE_E_UNSUPPORTED for
 * settings that change the computation of the model and are not supported; the message names the setting. */
bool mote_model_config_load(mote_model_config *c, const char *path, const mote_import_options *options,
                            mote_error *error);

/* A config.json that is being read. */
typedef struct mote_config_reader {
    const json_t *root;
    const char *path;
    mote_error *error;
} mote_config_reader;

/* Return the value of a key, NULL if it is absent or null. The functions below read such a value, keep *out if it is
 * absent, and fail with the name of the key if it is of the wrong kind or out of range. */
const json_t *mote_config_get(const mote_config_reader *r, const char *key);
bool mote_config_flag(const mote_config_reader *r, const char *key, bool *out);
/* Reads a count of at least 1. *out is the value of an absent key, 0 if the key is required. */
bool mote_config_count(const mote_config_reader *r, const char *key, uint32_t *out);
bool mote_config_real(const mote_config_reader *r, const json_t *value, const char *key, double least, double most,
                      float *out);

bool mote_config_is_text(const json_t *value, const char *text);

/* Fails because the setting `key` is `why`. */
bool mote_config_unsupported(const mote_config_reader *r, const char *key, const char *why);
/* Fails if the flag differs from `expected`. An absent one passes. */
bool mote_config_fixed(const mote_config_reader *r, const char *key, bool expected);

/* Applies the context of the options to the shape and checks it. */
bool mote_config_valid(mote_model_config *c, const mote_config_reader *r, const mote_import_options *options);

/* Read the settings of one architecture. */
bool mote_config_llama(mote_model_config *c, const mote_config_reader *r, const mote_import_options *options);
bool mote_config_gpt2(mote_model_config *c, const mote_config_reader *r, const mote_import_options *options);

#endif
