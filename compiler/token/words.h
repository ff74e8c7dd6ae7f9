/* A text cut into the words that no learned token crosses, each with how often it occurs. */
#ifndef MOTE_COMPILER_WORDS_H
#define MOTE_COMPILER_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mote_word {
    uint32_t at, size; /* its first place in the text */
    uint64_t count;
} mote_word;

typedef struct mote_words {
    mote_word *words; /* owned, in the order of their first places */
    uint32_t *slots;  /* 1 + index of a word, 0 free */
    size_t count, capacity, mask;
} mote_words;

/* The first word of text[size], size > 0, in bytes: a run of letters (all bytes from 128 on among them), of digits or
 * of other marks, with one space before it; or a run of one kind of white space. */
size_t mote_word_size(const uint8_t *text, size_t size);

/* `size` is below 2^32. False when out of memory. */
bool mote_words_count(mote_words *w, const uint8_t *text, size_t size);
void mote_words_free(mote_words *w);

#endif
