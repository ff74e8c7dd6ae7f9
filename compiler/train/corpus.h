/* Loads training texts as tokens with their tokenizer, split into a training part and a validation part. */
#ifndef MOTE_COMPILER_CORPUS_H
#define MOTE_COMPILER_CORPUS_H

#include "base/file.h"
#include "compiler/token/encoder.h"

typedef struct mote_corpus_options {
    const char *const *texts; /* read one after another */
    int text_count;
    const char *valid_text; /* validation text; NULL: the end of the texts validates */
    double valid_fraction;  /* fraction of the texts that validates, 0..0.5 */
    const char *tokenizer;  /* a file for mote_tokenizer_load; NULL: made from the training part */
    uint32_t vocabulary;    /* tokens of a byte pair encoding to learn if `tokenizer` is NULL; 0: bytes are tokens */
} mote_corpus_options;

typedef struct mote_corpus {
    mote_bytes section; /* the tokenizer as stored in a model, owned */
    const mote_tokenizer *tokenizer;
    mote_token_list train_list, valid_list; /* owned */
    const uint16_t *train, *valid;          /* tokens */
    size_t train_count, valid_count;
    size_t train_bytes, valid_bytes; /* bytes of text */
    double tokens_per_byte;          /* of the training part */
    double unknown_bits;             /* log2 of the number of bytes that the unknown token stands for, 0 if none */
    uint32_t digest;                 /* of all bytes and of a named tokenizer; equal for equal data */
} mote_corpus;

/* Loads the texts. On failure there is nothing to free. */
bool mote_corpus_load(mote_corpus *c, const mote_corpus_options *options, mote_error *error);
void mote_corpus_free(mote_corpus *c);

#endif
