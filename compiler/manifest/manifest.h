/* A model as an open manifest, for other programs to read and write: JSON, or JSON beside numpy arrays in a .npz
 * archive. docs/SPEC.md describes it. Read back, it is the same model, byte for byte. */
#ifndef MOTE_COMPILER_MANIFEST_H
#define MOTE_COMPILER_MANIFEST_H

#include "compiler/graph/graph.h"

typedef enum mote_manifest_form {
    MOTE_MANIFEST_JSON,
    MOTE_MANIFEST_NPZ,
} mote_manifest_form;

/* Written beside and renamed. Errors: MOTE_E_UNSUPPORTED metadata that is not UTF-8. */
bool mote_manifest_save(const mote_graph *g, mote_manifest_form form, const char *path, mote_error *error);

/* Either form. The model is verified as a file would be. Errors: MOTE_E_FORMAT, naming what is wrong. On failure there
 * is nothing to free. */
bool mote_manifest_load(mote_graph *g, const char *path, mote_error *error);

#endif
