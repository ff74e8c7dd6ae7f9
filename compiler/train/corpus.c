#include "compiler/train/corpus.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/token/blob.h"

#define MAX_TEXT ((size_t)1 << 30)

/* Appends a file to `all`. */
static bool append(mote_bytes *all, const char *path, mote_error *error)
{
    mote_bytes text;
    if (!mote_file_read(path, MAX_TEXT, &text, error))
        return false;
    if (text.size == 0) {
        free(text.data);
        return mote_fail(error, MOTE_E_FORMAT, "%s is empty: there is nothing to learn from", path);
    }
    if (all->size == 0) {
        *all = text;
        return true;
    }
    bool fits = text.size <= MAX_TEXT - all->size;
    uint8_t *joined = fits ? realloc(all->data, all->size + text.size) : NULL;
    if (joined) {
        memcpy(joined + all->size, text.data, text.size);
        all->data = joined;
        all->size += text.size;
    }
    free(text.data);
    return joined || mote_fail(error, MOTE_E_UNSUPPORTED, "the texts up to %s are larger than 1 GiB together", path);
}

/* FNV-1a. */
static uint32_t digest(uint32_t hash, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ data[i]) * 16777619u;
    return hash;
}

bool mote_corpus_load(mote_corpus *c, const char *const *texts, int text_count, const char *valid_text,
                      double valid_fraction, mote_error *error)
{
    memset(c, 0, sizeof *c);
    bool read = true;
    for (int i = 0; i < text_count && read; i++)
        read = append(&c->train_bytes, texts[i], error);
    if (!read || (valid_text && !append(&c->valid_bytes, valid_text, error))) {
        mote_corpus_free(c);
        return false;
    }
    c->train = c->train_bytes.data;
    c->train_count = c->train_bytes.size;
    if (valid_text) {
        c->valid = c->valid_bytes.data;
        c->valid_count = c->valid_bytes.size;
    } else {
        c->valid_count = (size_t)(valid_fraction * (double)c->train_count);
        c->train_count -= c->valid_count;
        c->valid = c->train + c->train_count;
    }
    mote_tokenizer_of_bytes(&c->tokenizer, c->train, c->train_count);
    c->unknown_bits = mote_tokenizer_unknown_bits((const void *)&c->tokenizer);
    c->digest =
        digest(digest(2166136261u, c->train_bytes.data, c->train_bytes.size), c->valid_bytes.data, c->valid_bytes.size);
    return true;
}

void mote_corpus_free(mote_corpus *c)
{
    free(c->train_bytes.data);
    free(c->valid_bytes.data);
    memset(c, 0, sizeof *c);
}
