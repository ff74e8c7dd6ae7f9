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

/* Returns 1 if the network takes one token and has an int16 score for each token of the vocabulary as its output, else
 * 0. All functions below require such a network. */
int mote_is_language_model(const mote_model *model);
uint32_t mote_vocabulary(const mote_model *model); /* number of tokens */

/* Runs the network on one token. A token at or above the vocabulary counts as token 0. */
void mote_step(mote_session *s, uint32_t token);

/* Returns the scores of the next token after the last step: `mote_vocabulary` values in units of 1/1024 nat. */
const int16_t *mote_logits(const mote_session *s);

/* State and options of the sampler. It computes in integers: every target draws the same token from the same seed. */
typedef struct mote_sampler {
    uint64_t rng;
    uint32_t temperature; /* in 1/65536; 0 takes the highest score */
    uint32_t top_k;       /* draws from the k best tokens; 0 for all */
    uint32_t top_p;       /* in 1/65536: draws from the fewest best tokens whose probability reaches p; 65536 for all */
} mote_sampler;
mote_sampler mote_sampler_init(uint64_t seed); /* temperature 1, top_k 0, top_p 1 */

/* Draws the next token from the scores of the last step. */
uint32_t mote_sample(mote_session *s, mote_sampler *sampler);

/* Encodes a text, which may hold any bytes. Writes at most `capacity` tokens and returns their number, or
 * MOTE_TOO_SMALL. A capacity of size + 1 is always enough; before merging, `tokens` holds one token for every character
 * of the vocabulary and one for every byte of other characters. The algorithm is that of llama2.c (Karpathy, 2023): it
 * looks up each character, or else its bytes; then, while two neighbours make a token, it merges the pair whose token
 * has the highest rank, the leftmost of equals. The text is cut where no token of the vocabulary can span, such as
 * before a space, and the time is proportional to the text if its pieces are short. The time for one long piece is that
 * of several searches in the sorted vocabulary per character and per different rank that merges. Needs about 400 bytes
 * of stack. Without a tokenizer the value of each byte is its token. */
int32_t mote_encode(const mote_model *model, const void *text, size_t size, uint16_t *tokens, size_t capacity);

/* Encodes a text that begins a sequence, as mote_encode does, after the start token if the model was trained with one
 * before each text. An empty text gives the start token alone, so that there is always a token to feed. A capacity of
 * size + MOTE_TOKENS_BEFORE_TEXT is always enough. */
int32_t mote_encode_prompt(const mote_model *model, const void *text, size_t size, uint16_t *tokens, size_t capacity);

enum { MOTE_TOKENS_BEFORE_TEXT = 2 };

/* Returns the bytes of `token` where it follows `previous`, and their number in *size, which may be 0. They remain
 * valid as long as the file. Separate tokens may hold the parts of one character. Without a tokenizer *size is 0. */
const uint8_t *mote_decode(const mote_model *model, uint32_t previous, uint32_t token, size_t *size);

uint32_t mote_start_token(const mote_model *model);          /* token that begins a sequence without a text */
int mote_ends_text(const mote_model *model, uint32_t token); /* 1 if the token ends the text, else 0 */

#ifdef __cplusplus
}
#endif
#endif
