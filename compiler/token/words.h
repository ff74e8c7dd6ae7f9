/* Splits a text into words, which no learned token crosses, and counts how often each occurs. */
#ifndef MOTE_COMPILER_WORDS_H
#define MOTE_COMPILER_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mote_word {
    uint32_t at, size; /* position of the first occurrence in the text */
    uint64_t count;
} mote_word;

typedef struct mote_words {
    mote_word *words; /* owned, in the order of their first occurrence */
    uint32_t *slots;  /* 1 + index of a word, 0 if free */
    size_t count, capacity, mask;
} mote_words;

/* Returns the size in bytes of the first word of text[size], size > 0. A word is a run of letters (including all bytes
 * from 128 on), of digits or of other marks, with one space before it; or a run of one kind of white space. */
size_t mote_word_size(const uint8_t *text, size_t size);

/* Counts the words of a text; `size` is below 2^32. Returns false when out of memory. */
bool mote_words_count(mote_words *w, const uint8_t *text, size_t size);
void mote_words_free(mote_words *w);

#endif
