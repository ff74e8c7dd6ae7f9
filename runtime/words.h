/* Words of a text, as GPT-2 cuts them: byte-level tokenizers merge only within words. */
#ifndef MOTE_RUNTIME_WORDS_H
#define MOTE_RUNTIME_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* Returns the size in bytes of the first word of text[size], size > 0. A word is an English contraction ('s 't 're 've
 * 'm 'll 'd); a run of letters, of numbers or of other marks, with one space before it; or a run of white space, which
 * leaves its last character to what follows unless it is that character. `flags` is that of the tokenizer: with
 * MOTE_TOKENIZER_DIGITS every number is a word without a space before it. With `space` the word begins with a space
 * that is not in the text; then the result may be 0. */
size_t mote_word(const uint8_t *text, size_t size, uint32_t flags, int space);

#endif
