/* Long texts to tokens, with the result of mote_encode in time about proportional to the text: the pairs that make a
 * token are a hash table, the best pair comes from a heap, and a text is cut wherever no token could lie across. */
#ifndef MOTE_COMPILER_ENCODER_H
#define MOTE_COMPILER_ENCODER_H

#include <stddef.h>

#include "base/error.h"
#include "runtime/format.h"

/* Tokens from malloc, owned by whoever has the list. Begins zeroed. */
typedef struct mote_token_list {
    uint16_t *tokens;
    size_t count, capacity;
} mote_token_list;

typedef struct mote_encoder mote_encoder;

/* `t` is a tokenizer that fits (mote_tokenizer_fits) and must outlive the encoder. */
mote_encoder *mote_encoder_new(const mote_tokenizer *t, mote_error *error);
void mote_encoder_free(mote_encoder *e);

/* Appends the tokens of a text, without a start token. */
bool mote_encoder_run(mote_encoder *e, const uint8_t *text, size_t size, mote_token_list *out, mote_error *error);

/* All three steps for one text. */
bool mote_encode_text(const mote_tokenizer *t, const uint8_t *text, size_t size, mote_token_list *out,
                      mote_error *error);

#endif
