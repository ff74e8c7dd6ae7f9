/* The tokenizer.bin of llama2.c: u32 the longest token's bytes, then for every token f32 score, i32 size, its bytes.
 * Token 0 is <unk>, 1 begins and 2 ends a text; the 256 tokens from 3 on, <0x00> to <0xFF>, are bytes. */
#ifndef MOTE_COMPILER_LLAMA2C_H
#define MOTE_COMPILER_LLAMA2C_H

#include "base/file.h"
#include "runtime/format.h"

/* A BPE section. Equal scores get equal ranks. The byte tokens get their one byte as text and rank 0: llama2.c finds
 * them by number and by their names, which no text is meant to hold. */
bool mote_llama2c_tokenizer_read(const mote_bytes *file, mote_bytes *section, mote_error *error);

/* The way back: scores are the ranks, so that they order the tokens as before. Refuses a tokenizer whose first 259
 * tokens are not those of llama2.c. */
bool mote_llama2c_tokenizer_write(const mote_tokenizer *t, mote_bytes *file, mote_error *error);

#endif
