/* Mote: run a packed .mote network in place, in integers, without allocation.
 *
 *     mote_model model;
 *     mote_session s;
 *     if (mote_open(&model, file, size) != MOTE_SUCCESS ||
 *         mote_start(&s, &model, arena, sizeof arena, state, sizeof state) != MOTE_SUCCESS)
 *         return;
 *     mote_sampler sampler = mote_sampler_init(seed);
 *     uint16_t token, last, prompt[64];
 *     const int32_t count = mote_encode_prompt(&model, "Once", 4, prompt, 64);
 *     for (int32_t i = 0; i < count; i++)
 *         mote_step(&s, last = prompt[i]);
 *     while (!mote_ends_text(&model, token = (uint16_t)mote_sample(&s, &sampler))) {
 *         size_t size;
 *         const uint8_t *text = mote_decode(&model, last, token, &size);
 *         fwrite(text, 1, size, stdout);
 *         mote_step(&s, last = token);
 *     }
 */
#ifndef MOTE_H
#define MOTE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mote_status {
    MOTE_SUCCESS = 0,
    MOTE_BAD_ALIGNMENT = -1, /* file, arena or state not at a multiple of 16 */
    MOTE_BAD_SIZE = -2,      /* shorter than a header, or not the size the header states */
    MOTE_BAD_MAGIC = -3,     /* not a .mote file */
    MOTE_BAD_VERSION = -4,   /* written by a newer Mote */
    MOTE_BAD_CRC = -5,       /* damaged */
    MOTE_BAD_TABLE = -6,     /* a table, tensor or section lies outside the file or overlaps what it must not */
    MOTE_BAD_OPERATOR = -7,  /* unknown operator, or its shapes and types do not fit together */
    MOTE_NOT_PACKED = -8,    /* a float graph; quantise it first */
    MOTE_TOO_SMALL = -9,     /* arena or state smaller than the model states */
    MOTE_BAD_GOLDEN = -10,   /* the model ran, and did not say what its file says it must */
    MOTE_NO_KERNEL = -11,    /* it needs what this build leaves out: runtime/kernels.h */
} mote_status;

/* One line of English, no newline, static storage. Linked only when used. */
const char *mote_status_text(mote_status status);

struct mote_kernels;

/* An open file. Caller's storage; fields are private. The file's bytes must outlive it and not change. */
typedef struct mote_model {
    const uint8_t *file, *sram;         /* sram: see mote_place */
    const void *header, *tensors, *ops; /* tables in the file */
    const void *tokenizer, *golden;     /* sections in the file, or NULL */
    uint16_t token_tensor, logits_tensor;
    uint32_t vocabulary;
} mote_model;

/* A model at work. Caller's storage; fields are private. Any number may share a model. */
typedef struct mote_session {
    const mote_model *model;
    const struct mote_kernels *kernels;
    uint8_t *arena, *state;
    uint32_t position; /* tokens of the sequence so far */
} mote_session;

/* Verifies the whole file once, in time proportional to its size, without allocating. After MOTE_SUCCESS nothing in
 * the file can make the calls below read or write outside the file, the arena and the state. */
mote_status mote_open(mote_model *model, const void *file, size_t size);

size_t mote_arena_size(const mote_model *model); /* bytes of scratch a session needs, multiple of 16 */
size_t mote_state_size(const mote_model *model); /* bytes that persist between steps, multiple of 16 */
uint32_t mote_vocabulary(const mote_model *model);

/* Copies the model's tables and the constants `tensors[count]` (numbers in the file; `mote info --chip` and `mote sim`
 * choose them) from flash to `sram`, 16-byte aligned, which stays the model's from then on. Once, between mote_open and
 * mote_start; changes speed and nothing else. MOTE_TOO_SMALL below mote_place_size bytes; MOTE_BAD_TABLE when a number
 * is not one of a constant. */
size_t mote_place_size(const mote_model *model, const uint16_t *tensors, size_t count);
mote_status mote_place(mote_model *model, void *sram, size_t size, const uint16_t *tensors, size_t count);

/* Arena and state are the caller's, 16-byte aligned, and belong to the session. Begins a sequence. */
mote_status mote_start(mote_session *s, const mote_model *model, void *arena, size_t arena_size, void *state,
                       size_t state_size);
void mote_reset(mote_session *s); /* begins a new sequence */

/* Feeds one token; one at or above the vocabulary is fed as token 0. */
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

uint32_t mote_start_token(const mote_model *model);
int mote_ends_text(const mote_model *model, uint32_t token); /* nothing of this text follows */

/* Replays the golden input inside the file and compares: MOTE_SUCCESS, or MOTE_BAD_GOLDEN. Resets the session before
 * and after. A file without a golden section gives MOTE_SUCCESS. */
mote_status mote_selftest(mote_session *s);

#ifdef __cplusplus
}
#endif
#endif
