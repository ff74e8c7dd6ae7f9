/* Tokenizers as they stand in a .mote file: the bytes of its section, in memory from malloc. A file that holds these
 * bytes alone is a tokenizer file. */
#ifndef MOTE_COMPILER_TOKEN_H
#define MOTE_COMPILER_TOKEN_H

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

/* The section of a tokenizer file, of a .mote file, or of a tokenizer.bin of llama2.c. */
bool mote_tokenizer_load(const char *path, mote_bytes *out, mote_error *error);

/* Learns a byte pair encoding (Sennrich, Haddow and Birch, 2016): from the bytes on, the most frequent pair of tokens
 * within words becomes a token, again and again. */
typedef struct mote_learn_options {
    uint32_t vocabulary; /* tokens, at most 65534: bytes, one for unknown bytes unless there are 256, pairs */
    bool all_bytes;      /* begin with all 256 bytes and not with those that occur */
} mote_learn_options;

/* A BPE section. The same text gives the same bytes: of equally frequent pairs the one of the earlier tokens wins.
 * Refuses a vocabulary smaller than its bytes, and one larger than the pairs that occur twice can fill. */
bool mote_bpe_learn(const uint8_t *text, size_t size, const mote_learn_options *options, mote_bytes *section,
                    mote_error *error);

/* The tokenizer.bin of llama2.c: u32 the longest token's bytes, then for every token f32 score, i32 size, its bytes.
 * Token 0 is <unk>, 1 begins and 2 ends a text; the 256 tokens from 3 on, <0x00> to <0xFF>, are bytes, or there are
 * none: then what is no token is <unk>, byte by byte.
 *
 * Reading gives a BPE section. Equal scores get equal ranks. The byte tokens get their one byte as text and rank 0:
 * llama2.c finds them by number and by their names, which no text is meant to hold. */
bool mote_llama2c_tokenizer_read(const mote_bytes *file, mote_bytes *section, mote_error *error);

/* The way back: scores are the ranks, so that they order the tokens as before. Refuses a tokenizer whose first 259
 * tokens are not those of llama2.c. */
bool mote_llama2c_tokenizer_write(const mote_tokenizer *t, mote_bytes *file, mote_error *error);

#endif
