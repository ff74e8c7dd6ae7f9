/* Tokenizers as they stand in a .mote file: the bytes of its section, in memory from malloc. A file that holds these
 * bytes alone is a tokenizer file. */
#ifndef MOTE_COMPILER_BLOB_H
#define MOTE_COMPILER_BLOB_H

#include "base/file.h"
#include "runtime/format.h"

/* One token per byte that occurs in the text, in byte order, then one for all others unless all 256 occur. */
void mote_tokenizer_of_bytes(mote_byte_tokenizer *t, const uint8_t *text, size_t size);

/* What a BPE section is made of. The texts are the caller's. */
typedef struct mote_bpe_token {
    const uint8_t *text;
    uint32_t size; /* at most MOTE_TOKEN_SIZE; tokens without text must have rank 0 */
    uint16_t rank; /* see mote_bpe_tokenizer */
} mote_bpe_token;

/* Fills in `sorted_count`, `text_size` and what follows the head. Two tokens with a rank and the same text are refused
 * by number. */
bool mote_bpe_build(const mote_bpe_tokenizer *head, const mote_bpe_token *tokens, mote_bytes *out, mote_error *error);

/* How many bytes the unknown token stands for, and log2 of it: what naming one of them costs beyond the token; 0 when
 * there are none. */
uint32_t mote_tokenizer_unknown_bytes(const mote_tokenizer *t);
double mote_tokenizer_unknown_bits(const mote_tokenizer *t);

#endif
