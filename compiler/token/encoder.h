/* Encodes long texts with the result of mote_encode, in time about proportional to the text. A hash table has the pairs
 * that make a token, a heap yields the best pair, and the text is cut wherever no token can span. */
#ifndef MOTE_COMPILER_ENCODER_H
#define MOTE_COMPILER_ENCODER_H

#include <stddef.h>

#include "base/error.h"
#include "runtime/format.h"

/* A list of tokens from malloc, owned by the caller. Begins zeroed. */
typedef struct mote_token_list {
    uint16_t *tokens;
    size_t count, capacity;
} mote_token_list;

/* Appends one token. False when out of memory. */
bool mote_token_list_add(mote_token_list *list, uint16_t token);

typedef struct mote_encoder mote_encoder;

/* Makes an encoder. `t` is a valid tokenizer (mote_tokenizer_fits) and must outlive the encoder. */
mote_encoder *mote_encoder_new(const mote_tokenizer *t, mote_error *error);
void mote_encoder_free(mote_encoder *e);

/* Appends the tokens of a text, without a start token. */
bool mote_encoder_run(mote_encoder *e, const uint8_t *text, size_t size, mote_token_list *out, mote_error *error);

/* Makes an encoder, encodes one text and frees the encoder. */
bool mote_encode_text(const mote_tokenizer *t, const uint8_t *text, size_t size, mote_token_list *out,
                      mote_error *error);

#endif
