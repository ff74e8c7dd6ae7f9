/* Other people's language models as float graphs, and back: docs/import.md. Every file is taken as hostile: what its
 * header promises is held against its size before anything is allocated. */
#ifndef MOTE_COMPILER_IMPORT_H
#define MOTE_COMPILER_IMPORT_H

#include "compiler/graph/graph.h"
#include "compiler/import/options.h"

/* Recognises the format by content: a llama2.c checkpoint of version 0, 1 or 2, a RUVM file, or safetensors with a
 * Llama-style config.json beside it, `path` being the .safetensors file, its index or their folder. All become what
 * mote_transformer_build builds (compiler/graph/transformer.h), with "imported_from" in the metadata and without a
 * tokenizer. Errors: MOTE_E_INPUT cannot be read; MOTE_E_FORMAT not valid, with the tensor and the numbers;
 * MOTE_E_UNSUPPORTED valid but with something this cannot do, by name. On failure there is nothing to free. */
bool mote_import(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error);

/* Gives a model the tokenizer of a file that mote_tokenizer_load knows (compiler/token/token.h). One with another
 * vocabulary than the model's is refused with both numbers: MOTE_E_MISMATCH. `name` of the model is for messages. */
bool mote_import_tokenizer(mote_graph *g, const char *name, const char *path, mote_error *error);

/* Writes a RUVM file (docs/SPEC.md), atomically. The gains of norms go into the columns of the matrices that follow. A
 * graph of another architecture is refused with what differs: MOTE_E_UNSUPPORTED. `name` of the model is for messages.
 */
bool mote_export_ruvm(const mote_graph *g, const char *name, mote_ruvm_type type, const char *path, mote_error *error);

#endif
