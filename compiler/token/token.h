/* Tokenizers in the form of a .mote file's section, in memory from malloc. A tokenizer file holds these bytes alone. */
#ifndef MOTE_COMPILER_TOKEN_H
#define MOTE_COMPILER_TOKEN_H

#include "base/file.h"
#include "runtime/format.h"

/* Makes a tokenizer with one token per byte that occurs in the text, in byte order, and one for all other bytes unless
 * all 256 occur. */
void mote_tokenizer_of_bytes(mote_byte_tokenizer *t, const uint8_t *text, size_t size);

/* A token of a BPE section. The caller owns the text. */
typedef struct mote_bpe_token {
    const uint8_t *text;
    uint32_t size; /* at most MOTE_TOKEN_SIZE; tokens without text must have rank 0 */
    uint16_t rank; /* see mote_bpe_tokenizer */
} mote_bpe_token;

/* Ranks tokens by score: 1 for the lowest score, one more for each higher one. Tokens whose rank is 0 keep it. */
bool mote_bpe_rank(mote_bpe_token *tokens, const float *scores, uint32_t count, mote_error *error);

/* Builds a BPE section. Computes `sorted_count`, `text_size` and everything after the head. Fails, with their numbers,
 * if two tokens with a rank have the same text. */
bool mote_bpe_build(const mote_bpe_tokenizer *head, const mote_bpe_token *tokens, mote_bytes *out, mote_error *error);

/* Returns the number of bytes that the unknown token stands for, and log2 of it, which is the cost of naming one of
 * them in addition to the token; 0 if there are none. */
uint32_t mote_tokenizer_unknown_bytes(const mote_tokenizer *t);
double mote_tokenizer_unknown_bits(const mote_tokenizer *t);

/* Loads the section of a tokenizer file, of a .mote file, or of another format, recognized by content: tokenizer.bin of
 * llama2.c, tokenizer.json of Hugging Face, tokenizer.model of SentencePiece. */
bool mote_tokenizer_load(const char *path, mote_bytes *out, mote_error *error);

/* Options to learn a byte pair encoding (Sennrich, Haddow and Birch, 2016). Learning begins with bytes; the most
 * frequent pair of tokens within words becomes a token, repeatedly. */
typedef struct mote_learn_options {
    uint32_t vocabulary; /* number of tokens, at most 65534: bytes, one for unknown bytes unless there are 256, pairs */
    bool all_bytes;      /* begin with all 256 bytes instead of those that occur */
    bool llama2c;        /* lay tokens out as in a tokenizer.bin, and begin with characters instead of bytes */
} mote_learn_options;

/* Learns a BPE section. Equal texts give equal bytes: of equally frequent pairs, the one with the lower token numbers
 * wins. Fails if the vocabulary is smaller than its bytes, or larger than the pairs that occur twice can fill. */
bool mote_bpe_learn(const uint8_t *text, size_t size, const mote_learn_options *options, mote_bytes *section,
                    mote_error *error);

/* Reads the tokenizer.bin of llama2.c: u32 size of the longest token, then for every token f32 score, i32 size, its
 * bytes. Token 0 is <unk>; 1 begins and 2 ends a text. The 256 tokens from 3 on, <0x00> to <0xFF>, are bytes, or there
 * are none; without them, every byte of a character that is no token is <unk>.
 *
 * Reading gives a BPE section. Equal scores get equal ranks. The byte tokens get their one byte as text and rank 0,
 * because llama2.c finds them by number and by their names, which are not meant to occur in a text. */
bool mote_llama2c_tokenizer_read(const mote_bytes *file, mote_bytes *section, mote_error *error);

/* Writes a tokenizer.bin. The scores are the ranks, so that they keep the order of the tokens. Fails if the tokens are
 * not laid out as in llama2.c. */
bool mote_llama2c_tokenizer_write(const mote_tokenizer *t, mote_bytes *file, mote_error *error);

/* Read a tokenizer.json and a tokenizer.model (docs/import.md). Kinds that a section cannot hold are refused by name;
 * the section gives the same tokens as the program that made the file. */
bool mote_tokenizer_json_read(const mote_bytes *file, mote_bytes *section, mote_error *error);
bool mote_sentencepiece_read(const mote_bytes *file, mote_bytes *section, mote_error *error);

#endif
