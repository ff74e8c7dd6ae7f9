/* The tokenizer section, which needs no model around it. */
#ifndef MOTE_RUNTIME_TOKENIZER_H
#define MOTE_RUNTIME_TOKENIZER_H

#include <stddef.h>

#include "format.h"

/* The parts of a BPE section that fits. */
typedef struct mote_bpe {
    const mote_bpe_tokenizer *head;
    const uint32_t *ends;
    const uint16_t *ranks, *sorted;
    const uint8_t *texts;
} mote_bpe;

static inline mote_bpe mote_bpe_of(const void *section)
{
    mote_bpe b;
    b.head = section;
    b.ends = (const uint32_t *)(b.head + 1);
    b.ranks = (const uint16_t *)(b.ends + b.head->vocabulary);
    b.sorted = b.ranks + b.head->vocabulary;
    b.texts = (const uint8_t *)(b.sorted + b.head->sorted_count);
    return b;
}

static inline const uint8_t *mote_bpe_text(const mote_bpe *b, uint32_t token, uint32_t *size)
{
    const uint32_t begin = token ? b->ends[token - 1] : 0;
    *size = b->ends[token] - begin;
    return b->texts + begin;
}

/* Bytes that are one character: 1..4 at the beginning of text[size], size > 0. What is no UTF-8 is cut as well. */
static inline size_t mote_character(const uint8_t *text, size_t size)
{
    size_t n = 1;
    while (n < 4 && n < size && (text[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* Whether a section of `size` bytes at a multiple of 4 is a tokenizer, in time proportional to its size; of one whose
 * kind this build leaves out only the beginning is looked at. Whatever the functions below are then given, they stay
 * within it, unless it is left out. */
int mote_tokenizer_fits(const void *section, uint32_t size);

int mote_tokenizer_is_left_out(const mote_tokenizer *t);

/* The token with this text, MOTE_NO_INDEX when there is none. */
uint32_t mote_bpe_find(const mote_bpe *b, const uint8_t *text, size_t size);

/* As in mote.h. */
int32_t mote_tokenizer_encode(const mote_tokenizer *t, const uint8_t *text, size_t size, uint16_t *tokens,
                              size_t capacity);
int mote_tokenizer_starts_first(const mote_tokenizer *t); /* every text begins with the start token */
const uint8_t *mote_tokenizer_decode(const mote_tokenizer *t, uint32_t previous, uint32_t token, size_t *size);
int mote_tokenizer_ends_text(const mote_tokenizer *t, uint32_t token);

#endif
