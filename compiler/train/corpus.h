/* The texts to learn from: bytes, their tokenizer, and which part validates. */
#ifndef MOTE_COMPILER_CORPUS_H
#define MOTE_COMPILER_CORPUS_H

#include "base/file.h"
#include "runtime/format.h"

typedef struct mote_corpus {
    mote_bytes train_bytes, valid_bytes; /* owned; valid_bytes is empty when the validation part is the text's end */
    const uint8_t *train, *valid;
    size_t train_count, valid_count;
    mote_byte_tokenizer tokenizer; /* of the training part */
    double unknown_bits;           /* log2 of how many bytes the unknown token stands for, 0 when it stands for none */
    uint32_t digest;               /* of all bytes: the same texts give the same number */
} mote_corpus;

/* Reads the texts one after another. The last `valid_fraction` (0..0.5) validates, or all of `valid_text` when that is
 * not NULL. On failure there is nothing to free. */
bool mote_corpus_load(mote_corpus *c, const char *const *texts, int text_count, const char *valid_text,
                      double valid_fraction, mote_error *error);
void mote_corpus_free(mote_corpus *c);

#endif
