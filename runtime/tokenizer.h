/* The tokenizer section. These functions need no model. */
#ifndef MOTE_RUNTIME_TOKENIZER_H
#define MOTE_RUNTIME_TOKENIZER_H

#include <stddef.h>

#include "format.h"

/* The parts of a valid BPE section. */
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

/* Returns the number of bytes, 1..4, of the character at the beginning of text[size]; size > 0. Also splits text that
 * is not valid UTF-8. */
static inline size_t mote_character(const uint8_t *text, size_t size)
{
    size_t n = 1;
    while (n < 4 && n < size && (text[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* True if encoding puts a space before the text. */
static inline int mote_bpe_spaces(const mote_bpe_tokenizer *t, const uint8_t *text, size_t size)
{
    return size && t->flags & MOTE_TOKENIZER_SPACE_FIRST && !(t->flags & MOTE_TOKENIZER_SPACE_ONCE && text[0] == ' ');
}

/* Returns the size of the piece with which encoding begins, at the beginning of text[size]: a character or a byte. */
static inline size_t mote_bpe_piece(const mote_bpe_tokenizer *t, const uint8_t *text, size_t size)
{
    return t->flags & MOTE_TOKENIZER_FROM_BYTES ? 1 : mote_character(text, size);
}

/* Returns 1 if a section of `size` bytes, 4-byte aligned, is a valid tokenizer, in time proportional to its size.
 * Checks only the common fields if this build leaves the kind out. With a valid section whose kind is not left out, the
 * functions below read nothing outside it, whatever their other arguments are. */
int mote_tokenizer_fits(const void *section, uint32_t size);

int mote_tokenizer_is_left_out(const mote_tokenizer *t); /* 1 if this build leaves its kind or its words out */

/* Returns the token with this text, MOTE_NO_INDEX if there is none. */
uint32_t mote_bpe_find(const mote_bpe *b, const uint8_t *text, size_t size);

/* The functions of mote_text.h for a tokenizer. */
int32_t mote_tokenizer_encode(const mote_tokenizer *t, const uint8_t *text, size_t size, uint16_t *tokens,
                              size_t capacity);
int mote_tokenizer_starts_first(const mote_tokenizer *t); /* every text begins with the start token */
const uint8_t *mote_tokenizer_decode(const mote_tokenizer *t, uint32_t previous, uint32_t token, size_t *size);
int mote_tokenizer_ends_text(const mote_tokenizer *t, uint32_t token);

#endif
