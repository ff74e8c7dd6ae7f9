#include "compiler/token/words.h"

#include <stdlib.h>
#include <string.h>

enum { LETTER = -4, DIGIT, MARK }; /* white space has its byte as kind */

static int kind_of(uint8_t byte)
{
    if ((byte | 32) >= 'a' && (byte | 32) <= 'z')
        return LETTER;
    if (byte >= '0' && byte <= '9')
        return DIGIT;
    return byte > ' ' && byte < 127 ? MARK : byte >= 128 ? LETTER : byte;
}

static size_t run(const uint8_t *text, size_t size)
{
    size_t n = 1;
    while (n < size && kind_of(text[n]) == kind_of(text[0]))
        n++;
    return n;
}

/* A run of several spaces leaves its last one to the word that follows. */
size_t mote_word_size(const uint8_t *text, size_t size)
{
    const size_t n = run(text, size);
    if (text[0] != ' ' || n == size || kind_of(text[n]) >= 0)
        return n;
    return n > 1 ? n - 1 : 1 + run(text + 1, size - 1);
}

static uint64_t hash_of(const uint8_t *text, size_t size)
{
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        h = (h ^ text[i]) * 0x100000001b3u;
    return h ^ h >> 29;
}

static uint32_t *slot_of(const mote_words *w, const uint8_t *text, const uint8_t *word, size_t size)
{
    for (size_t i = (size_t)hash_of(word, size) & w->mask;; i = (i + 1) & w->mask) {
        const mote_word *known = w->slots[i] ? &w->words[w->slots[i] - 1] : NULL;
        if (!known || (known->size == size && memcmp(text + known->at, word, size) == 0))
            return &w->slots[i];
    }
}

/* Doubles the capacity for words. There are twice as many slots as words. */
static bool grow(mote_words *w, const uint8_t *text)
{
    const size_t capacity = w->capacity ? 2 * w->capacity : 1024;
    mote_word *words = realloc(w->words, capacity * sizeof *words);
    if (!words)
        return false;
    w->words = words;
    free(w->slots);
    w->slots = calloc(2 * capacity, sizeof *w->slots);
    if (!w->slots)
        return false;
    w->capacity = capacity;
    w->mask = 2 * capacity - 1;
    for (size_t i = 0; i < w->count; i++)
        *slot_of(w, text, text + words[i].at, words[i].size) = (uint32_t)i + 1;
    return true;
}

bool mote_words_count(mote_words *w, const uint8_t *text, size_t size)
{
    *w = (mote_words){0};
    for (size_t at = 0, n; at < size; at += n) {
        n = mote_word_size(text + at, size - at);
        if (w->count == w->capacity && !grow(w, text)) {
            mote_words_free(w);
            return false;
        }
        uint32_t *slot = slot_of(w, text, text + at, n);
        if (!*slot) {
            w->words[w->count++] = (mote_word){(uint32_t)at, (uint32_t)n, 0};
            *slot = (uint32_t)w->count;
        }
        w->words[*slot - 1].count++;
    }
    return true;
}

void mote_words_free(mote_words *w)
{
    free(w->words);
    free(w->slots);
    *w = (mote_words){0};
}
