#include "compiler/train/corpus.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/token/token.h"

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

/* The bytes of the texts and of the two parts. Without a validation text, the end of the texts validates. */
typedef struct parts {
    mote_bytes texts, valid_text;
    const uint8_t *valid;
    size_t train_size, valid_size;
} parts;

static bool read_parts(parts *p, const mote_corpus_options *o, mote_error *error)
{
    *p = (parts){0};
    for (int i = 0; i < o->text_count; i++)
        if (!append(&p->texts, o->texts[i], error))
            return false;
    if (o->valid_text && !append(&p->valid_text, o->valid_text, error))
        return false;
    p->valid_size = o->valid_text ? p->valid_text.size : (size_t)(o->valid_fraction * (double)p->texts.size);
    p->train_size = p->texts.size - (o->valid_text ? 0 : p->valid_size);
    p->valid = o->valid_text ? p->valid_text.data : p->texts.data + p->train_size;
    return true;
}

static bool make_tokenizer(mote_corpus *c, const parts *p, const mote_corpus_options *o, mote_error *error)
{
    if (o->tokenizer && o->vocabulary)
        return mote_fail(error, MOTE_E_USAGE, "tokens are those of %s or learned, not both; leave out --vocab",
                         o->tokenizer);
    if (o->tokenizer)
        return mote_tokenizer_load(o->tokenizer, &c->section, error);
    if (o->vocabulary) {
        const mote_learn_options learn = {.vocabulary = o->vocabulary};
        return mote_bpe_learn(p->texts.data, p->train_size, &learn, &c->section, error);
    }
    mote_byte_tokenizer *bytes = malloc(sizeof *bytes);
    if (!bytes)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory");
    mote_tokenizer_of_bytes(bytes, p->texts.data, p->train_size);
    c->section = (mote_bytes){(uint8_t *)bytes, sizeof *bytes};
    return true;
}

static bool encode(mote_corpus *c, const parts *p, mote_error *error)
{
    mote_encoder *e = mote_encoder_new(c->tokenizer, error);
    const bool done = e && mote_encoder_run(e, p->texts.data, p->train_size, &c->train_list, error) &&
                      mote_encoder_run(e, p->valid, p->valid_size, &c->valid_list, error);
    mote_encoder_free(e);
    return done;
}

static bool fill(mote_corpus *c, const parts *p, const mote_corpus_options *o, mote_error *error)
{
    if (!make_tokenizer(c, p, o, error))
        return false;
    c->tokenizer = (const void *)c->section.data;
    if (!encode(c, p, error))
        return false;
    c->train = c->train_list.tokens, c->train_count = c->train_list.count, c->train_bytes = p->train_size;
    c->valid = c->valid_list.tokens, c->valid_count = c->valid_list.count, c->valid_bytes = p->valid_size;
    c->tokens_per_byte = (double)c->train_count / (double)c->train_bytes;
    c->unknown_bits = mote_tokenizer_unknown_bits(c->tokenizer);
    c->digest = digest(digest(2166136261u, p->texts.data, p->texts.size), p->valid_text.data, p->valid_text.size);
    if (o->tokenizer)
        c->digest = digest(c->digest, c->section.data, c->section.size);
    return true;
}

bool mote_corpus_load(mote_corpus *c, const mote_corpus_options *options, mote_error *error)
{
    parts p;
    memset(c, 0, sizeof *c);
    const bool loaded = read_parts(&p, options, error) && fill(c, &p, options, error);
    free(p.texts.data);
    free(p.valid_text.data);
    if (!loaded)
        mote_corpus_free(c);
    return loaded;
}

void mote_corpus_free(mote_corpus *c)
{
    free(c->section.data);
    free(c->train_list.tokens);
    free(c->valid_list.tokens);
    memset(c, 0, sizeof *c);
}
