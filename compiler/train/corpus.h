/* The texts to learn from as tokens, their tokenizer, and which part validates. */
#ifndef MOTE_COMPILER_CORPUS_H
#define MOTE_COMPILER_CORPUS_H

#include "base/file.h"
#include "compiler/token/encoder.h"

typedef struct mote_corpus_options {
    const char *const *texts; /* read one after another */
    int text_count;
    const char *valid_text; /* validates instead of the texts' end; may be NULL */
    double valid_fraction;  /* 0..0.5 */
    const char *tokenizer;  /* a file for mote_tokenizer_load, or NULL: made from the training part */
    uint32_t vocabulary;    /* of the byte pairs to learn then; 0: bytes are tokens */
} mote_corpus_options;

typedef struct mote_corpus {
    mote_bytes section; /* the tokenizer as it stands in a model, owned */
    const mote_tokenizer *tokenizer;
    mote_token_list train_list, valid_list; /* owned */
    const uint16_t *train, *valid;          /* tokens */
    size_t train_count, valid_count;
    size_t train_bytes, valid_bytes; /* what they were made from */
    double tokens_per_byte;          /* of the training part */
    double unknown_bits;             /* log2 of how many bytes the unknown token stands for, 0 when for none */
    uint32_t digest;                 /* of all bytes and of a named tokenizer: the same give the same number */
} mote_corpus;

/* On failure there is nothing to free. */
bool mote_corpus_load(mote_corpus *c, const mote_corpus_options *options, mote_error *error);
void mote_corpus_free(mote_corpus *c);

#endif
