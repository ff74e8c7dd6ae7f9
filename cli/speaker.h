/* An open language model, float or packed, that scores and generates tokens: shared by `mote run` and `mote eval`. */
#ifndef MOTE_CLI_SPEAKER_H
#define MOTE_CLI_SPEAKER_H

#include <mote_text.h>

#include "base/file.h"
#include "compiler/graph/evaluator.h"
#include "compiler/token/encoder.h"

typedef struct mote_speaker {
    mote_bytes file;
    bool packed;
    uint32_t vocabulary, chunk;
    const mote_tokenizer *tokenizer; /* points into the file */
    mote_model model;                /* of a float model only the tokenizer is set */
    mote_session session;
    void *arena, *state;
    float *scores;            /* [chunk, vocabulary] */
    mote_evaluator evaluator; /* for a float model */
} mote_speaker;

/* Opens a language model with a tokenizer. verb: named in errors. chunk: maximum number of tokens fed at once. On
 * failure there is nothing to close, and the error says why the network cannot generate text. */
bool mote_speaker_open(mote_speaker *s, const char *path, const char *verb, uint32_t chunk, mote_error *error);
void mote_speaker_close(mote_speaker *s);

/* Appends the tokens of a prompt, those of mote_encode_prompt, at least one, in time proportional to the text. */
bool mote_speaker_encode(const mote_speaker *s, const char *prompt, size_t size, mote_token_list *tokens,
                         mote_error *error);

void mote_speaker_reset(mote_speaker *s);

/* Feeds count <= chunk tokens. Row i of the result [count, vocabulary] contains the scores, in nats, of the token after
 * tokens[i]. */
const float *mote_speaker_feed(mote_speaker *s, const uint16_t *tokens, uint32_t count);

/* Feeds one token and draws the next as a chip does. Rounds the scores of a float model to the chip's units first. */
uint32_t mote_speaker_next(mote_speaker *s, uint32_t token, mote_sampler *sampler);

#endif
