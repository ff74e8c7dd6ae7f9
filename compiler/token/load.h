/* Tokenizers from files of any kind that has one. */
#ifndef MOTE_COMPILER_TOKEN_LOAD_H
#define MOTE_COMPILER_TOKEN_LOAD_H

#include "base/file.h"

/* The section (compiler/token/blob.h) of a tokenizer file, of a .mote file, or of a tokenizer.bin of llama2.c. */
bool mote_tokenizer_load(const char *path, mote_bytes *out, mote_error *error);

#endif
