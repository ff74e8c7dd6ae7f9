/* Saves and loads a model as a manifest that other programs can read and write: JSON, or JSON and numpy arrays in a
 * .npz archive. docs/manifest.md describes it. Saving and loading gives the same model, byte for byte. */
#ifndef MOTE_COMPILER_MANIFEST_H
#define MOTE_COMPILER_MANIFEST_H

#include "compiler/graph/graph.h"

typedef enum mote_manifest_form {
    MOTE_MANIFEST_JSON,
    MOTE_MANIFEST_NPZ,
} mote_manifest_form;

/* Saves a manifest atomically. Errors: MOTE_E_UNSUPPORTED for names or metadata that are not UTF-8 and for numbers that
 * the form cannot represent. */
bool mote_manifest_save(const mote_graph *g, mote_manifest_form form, const char *path, mote_error *error);

/* Loads a manifest of either form and verifies the model like a model file. Errors: MOTE_E_FORMAT with the reason. On
 * failure there is nothing to free. */
bool mote_manifest_load(mote_graph *g, const char *path, mote_error *error);

#endif
