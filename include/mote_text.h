/* Language models: tokens, text and sampling on top of mote.h.
 *
 *     static uint8_t memory[128 * 1024] __attribute__((aligned(16)));
 *     mote_model model;
 *     mote_session s;
 *     if (mote_open(&model, file, size) != MOTE_SUCCESS || !mote_is_language_model(&model) ||
 *         mote_begin(&s, &model, memory, sizeof memory) != MOTE_SUCCESS)
 *         return;
 *     mote_sampler sampler = mote_sampler_init(seed);
 *     uint16_t prompt[64];
 *     const int32_t count = mote_encode_prompt(&model, "Once", 4, prompt, 64);
 *     uint32_t token = 0;
 *     if (count < 0)
 *         return;
 *     for (int32_t i = 0; i < count; i++)
 *         mote_step(&s, token = prompt[i]);
 *     for (int i = 0; i < 200; i++) {
 *         const uint32_t last = token;
 *         token = mote_sample(&s, &sampler);
 *         if (mote_ends_text(&model, token))
 *             break;
 *         size_t length;
 *         const uint8_t *text = mote_decode(&model, last, token, &length);
 *         fwrite(text, 1, length, stdout);
 *         mote_step(&s, token);
 *     }
 */
#ifndef MOTE_TEXT_H
#define MOTE_TEXT_H

#include <mote.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 1 when the network takes one token and gives an int16 score for each token: what all calls below need. */
int mote_is_language_model(const mote_model *model);
uint32_t mote_vocabulary(const mote_model *model); /* tokens */

/* Feeds one token. One at or above the vocabulary counts as token 0. */
void mote_step(mote_session *s, uint32_t token);

/* Scores of the next token after the last step: `mote_vocabulary` values in units of 1/1024 nat. */
const int16_t *mote_logits(const mote_session *s);

/* How the next token is drawn. Integer arithmetic: every target draws the same token from the same seed. */
typedef struct mote_sampler {
    uint64_t rng;
    uint32_t temperature; /* in 1/65536; 0 takes the highest score */
    uint32_t top_k;       /* only the k best; 0 for all */
    uint32_t top_p;       /* in 1/65536: the fewest best tokens whose probability reaches p; 65536 for all */
} mote_sampler;
mote_sampler mote_sampler_init(uint64_t seed); /* temperature 1, top_k 0, top_p 1 */
uint32_t mote_sample(mote_session *s, mote_sampler *sampler);

/* Text to tokens: writes at most `capacity` of them and returns how many, or MOTE_TOO_SMALL. size + 1 is always enough;
 * while it works it needs a token for every character, for those outside the vocabulary one for every byte. The time is
 * that of at most size² / 2 searches in the sorted vocabulary: for prompts, not for books. The text may hold any bytes.
 * Algorithm: that of llama2.c (Karpathy, 2023): each character is looked up, or else its bytes are; then, as long as
 * two neighbours make a token, those whose token has the highest rank are merged, the leftmost of equals. Without a
 * tokenizer each byte is its token. */
int32_t mote_encode(const mote_model *model, const void *text, size_t size, uint16_t *tokens, size_t capacity);

/* The same for a text that begins a sequence: the start token comes first where the model learned it so, and alone when
 * the text is empty, so that there is always something to feed. size + MOTE_TOKENS_BEFORE_TEXT is always enough. */
int32_t mote_encode_prompt(const mote_model *model, const void *text, size_t size, uint16_t *tokens, size_t capacity);

enum { MOTE_TOKENS_BEFORE_TEXT = 2 };

/* The bytes of a token that follows `previous`, in the file; *size may be 0. Parts of one character may come in
 * separate tokens. A model without a tokenizer has no text. */
const uint8_t *mote_decode(const mote_model *model, uint32_t previous, uint32_t token, size_t *size);

/* Tokens of sequences without a text before them; whether a token ends the text. */
uint32_t mote_start_token(const mote_model *model);
int mote_ends_text(const mote_model *model, uint32_t token);

#ifdef __cplusplus
}
#endif
#endif
