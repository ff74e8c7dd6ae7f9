/* Imports models of other formats, and exports language models: docs/import.md. Files are untrusted: importers check
 * the sizes in a header against the size of the file before they allocate memory. */
#ifndef MOTE_COMPILER_IMPORT_H
#define MOTE_COMPILER_IMPORT_H

#include "compiler/graph/graph.h"
#include "compiler/import/options.h"

/* Imports a TensorFlow Lite file (tflite.h), an ONNX file (onnx.h), a llama2.c checkpoint of version 0, 1 or 2, a RUVM
 * file, or safetensors with a config.json of a Llama-style or GPT-2 model in the same folder. For safetensors `path` is
 * the .safetensors file, its index or their folder; the other formats are recognized by content. The result has
 * "imported_from" in the metadata and no tokenizer; that of a language model is a graph of mote_transformer_build
 * (compiler/graph/transformer.h). Errors: MOTE_E_INPUT if the file cannot be read; MOTE_E_FORMAT if it is invalid, with
 * the tensor and the numbers; MOTE_E_UNSUPPORTED if it is valid but uses an unsupported feature, which the message
 * names. On failure there is nothing to free. */
bool mote_import(mote_graph *g, const char *path, const mote_import_options *options, mote_error *error);

/* Sets the tokenizer of a model from a file of a format that mote_tokenizer_load supports (compiler/token/token.h).
 * Errors: MOTE_E_MISMATCH if its vocabulary has another size than that of the model, with both numbers. `name` is the
 * name of the model in messages. */
bool mote_import_tokenizer(mote_graph *g, const char *name, const char *path, mote_error *error);

/* Writes a RUVM file (docs/SPEC.md), atomically. The gains of norms are multiplied into the columns of the matrices
 * after them. Errors: MOTE_E_UNSUPPORTED for a graph of another architecture, with the difference. `name` is the name
 * of the model in messages. */
bool mote_export_ruvm(const mote_graph *g, const char *name, mote_ruvm_type type, const char *path, mote_error *error);

/* Writes a llama2.c checkpoint of version 0, which run.c reads, atomically. Errors: as mote_export_ruvm. */
bool mote_export_llama2c(const mote_graph *g, const char *name, const char *path, mote_error *error);

/* Makes a folder of model.safetensors and config.json, as Hugging Face transformers reads: a Llama model or a GPT-2
 * model. Fails if the folder exists. After a failure it does not exist. Errors: as mote_export_ruvm. */
bool mote_export_huggingface(const mote_graph *g, const char *name, const char *folder, mote_error *error);

#endif
