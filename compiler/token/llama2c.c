#include "compiler/token/token.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/tokenizer.h"

enum { UNKNOWN = 0, START = 1, STOP = 2, FIRST_BYTE = 3, FIRST_TEXT = FIRST_BYTE + 256, MOST = MOTE_NO_INDEX - 1 };

static const float never_merged = -1e10f; /* initial best score in llama2.c, which a pair must exceed */

typedef struct vocabulary {
    uint32_t count;
    bool has_bytes;
    mote_bpe_token tokens[MOST];
    float scores[MOST];
    uint8_t bytes[256];
} vocabulary;

static bool read_token(vocabulary *v, const mote_bytes *file, size_t *at, mote_error *error)
{
    float score;
    int32_t size;
    if (file->size - *at < sizeof score + sizeof size)
        return mote_fail(error, MOTE_E_FORMAT, "cut off within token %u, at byte %zu", v->count, *at);
    if (v->count == MOST)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "more than %d tokens", MOST);
    memcpy(&score, file->data + *at, sizeof score);
    memcpy(&size, file->data + *at + sizeof score, sizeof size);
    *at += sizeof score + sizeof size;
    if (size < 0 || (size_t)size > file->size - *at)
        return mote_fail(error, MOTE_E_FORMAT, "token %u has %d bytes, which are not in the file", v->count, size);
    if (size > (int32_t)MOTE_TOKEN_SIZE)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "token %u has %d bytes; at most %u are supported", v->count, size,
                         MOTE_TOKEN_SIZE);
    if (!isfinite(score) || score <= never_merged)
        return mote_fail(error, MOTE_E_FORMAT, "token %u has the score %g, which is no priority", v->count,
                         (double)score);
    v->tokens[v->count] = (mote_bpe_token){file->data + *at, (uint32_t)size, 0};
    v->scores[v->count++] = score;
    *at += (size_t)size;
    return true;
}

static bool is_text(const mote_bpe_token *t, const char *text)
{
    return t->size == strlen(text) && memcmp(t->text, text, t->size) == 0;
}

/* Gives byte tokens their byte as text. A tokenizer of characters only has texts in their place, which stay. */
static bool take_bytes(vocabulary *v, mote_error *error)
{
    v->has_bytes = v->count > FIRST_BYTE && is_text(&v->tokens[FIRST_BYTE], "<0x00>");
    if (v->count <= FIRST_BYTE || (v->has_bytes && v->count < FIRST_TEXT))
        return mote_fail(error, MOTE_E_FORMAT, "%u tokens are fewer than the %d that %s tokenizer.bin has", v->count,
                         v->has_bytes ? FIRST_TEXT : FIRST_BYTE + 1, v->has_bytes ? "such a" : "every");
    if (!v->has_bytes)
        return true;
    for (int i = 0; i < 256; i++) {
        char name[8];
        snprintf(name, sizeof name, "<0x%02X>", i);
        if (!is_text(&v->tokens[FIRST_BYTE + i], name))
            return mote_fail(error, MOTE_E_FORMAT, "token %d is not %s", FIRST_BYTE + i, name);
        v->bytes[i] = (uint8_t)i;
        v->tokens[FIRST_BYTE + i] = (mote_bpe_token){&v->bytes[i], 1, 0};
    }
    return true;
}

static bool read_all(vocabulary *v, const mote_bytes *file, mote_error *error)
{
    uint32_t longest;
    if (file->size < sizeof longest)
        return mote_fail(error, MOTE_E_FORMAT, "%zu bytes are too few", file->size);
    memcpy(&longest, file->data, sizeof longest);
    for (size_t at = sizeof longest; at < file->size;)
        if (!read_token(v, file, &at, error))
            return false;
    return take_bytes(v, error);
}

static bool convert(vocabulary *v, const mote_bytes *file, mote_bytes *section, mote_error *error)
{
    if (!read_all(v, file, error))
        return false;
    for (uint32_t i = 0; i < v->count; i++)
        v->tokens[i].rank = (!v->has_bytes || i < FIRST_BYTE || i >= FIRST_TEXT) && v->tokens[i].size;
    mote_bpe_tokenizer head = {.kind = MOTE_TOKENIZER_BPE,
                               .vocabulary = (uint16_t)v->count,
                               .unknown = UNKNOWN,
                               .start = START,
                               .stop = STOP,
                               .flags = MOTE_TOKENIZER_SPACE_FIRST | MOTE_TOKENIZER_START_FIRST};
    for (int i = 0; i < 256; i++)
        head.of_byte[i] = (uint16_t)(v->has_bytes ? FIRST_BYTE + i : UNKNOWN);
    return mote_bpe_rank(v->tokens, v->scores, v->count, error) && mote_bpe_build(&head, v->tokens, section, error);
}

bool mote_llama2c_tokenizer_read(const mote_bytes *file, mote_bytes *section, mote_error *error)
{
    vocabulary *v = calloc(1, sizeof *v);
    const bool done =
        v ? convert(v, file, section, error) : mote_fail(error, MOTE_E_INTERNAL, "no memory for a vocabulary");
    free(v);
    return done;
}

/* True if the 256 tokens from 3 on are the bytes. */
static bool bytes_follow(const mote_bpe *b)
{
    for (uint32_t i = 0; i < 256 && b->head->vocabulary >= FIRST_TEXT; i++) {
        uint32_t size;
        const uint8_t *text = mote_bpe_text(b, FIRST_BYTE + i, &size);
        if (b->head->of_byte[i] != FIRST_BYTE + i || b->ranks[FIRST_BYTE + i] || size != 1 || *text != i)
            return false;
    }
    return b->head->vocabulary >= FIRST_TEXT;
}

/* True if every token with a text has a rank, no byte has a token of its own, and token 3 is not "<0x00>". */
static bool texts_follow(const mote_bpe *b)
{
    uint32_t size;
    for (uint32_t i = 0; i < 256; i++)
        if (b->head->of_byte[i] != UNKNOWN)
            return false;
    for (uint32_t i = 0; i < b->head->vocabulary; i++)
        if (mote_bpe_text(b, i, &size), !b->ranks[i] && size)
            return false;
    const uint8_t *text = mote_bpe_text(b, FIRST_BYTE, &size);
    return !is_text(&(mote_bpe_token){text, size, 0}, "<0x00>");
}

static bool like_llama2c(const mote_bpe *b, bool has_bytes)
{
    const mote_bpe_tokenizer *head = b->head;
    return head->vocabulary > FIRST_BYTE && head->unknown == UNKNOWN && head->start == START && head->stop == STOP &&
           head->flags == (MOTE_TOKENIZER_SPACE_FIRST | MOTE_TOKENIZER_START_FIRST) && (has_bytes || texts_follow(b));
}

static void write_token(FILE *stream, const mote_bpe *b, uint32_t token, bool has_bytes)
{
    uint32_t size;
    const void *text = mote_bpe_text(b, token, &size);
    char name[8];
    if (has_bytes && token >= FIRST_BYTE && token < FIRST_TEXT) {
        size = (uint32_t)snprintf(name, sizeof name, "<0x%02X>", token - FIRST_BYTE);
        text = name;
    }
    const float score = b->ranks[token];
    fwrite(&score, sizeof score, 1, stream);
    fwrite(&size, sizeof size, 1, stream);
    fwrite(text, 1, size, stream);
}

bool mote_llama2c_tokenizer_write(const mote_tokenizer *t, mote_bytes *file, mote_error *error)
{
    *file = (mote_bytes){0};
    const bool pairs = t->kind == MOTE_TOKENIZER_BPE;
    const mote_bpe b = pairs ? mote_bpe_of(t) : (mote_bpe){0};
    const bool has_bytes = pairs && bytes_follow(&b);
    if (!pairs || !like_llama2c(&b, has_bytes))
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "a tokenizer.bin begins with <unk>, <s>, </s> and the 256 bytes or no byte; "
                         "this tokenizer does not");
    uint32_t longest = 0;
    for (uint32_t i = 0; i < t->vocabulary; i++) {
        uint32_t size;
        mote_bpe_text(&b, i, &size);
        longest = size > longest ? size : longest;
    }
    char *data = NULL;
    FILE *stream = open_memstream(&data, &file->size);
    if (stream)
        fwrite(&longest, sizeof longest, 1, stream);
    for (uint32_t i = 0; stream && i < t->vocabulary; i++)
        write_token(stream, &b, i, has_bytes);
    if (!stream || fclose(stream) != 0) {
        free(data);
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for a tokenizer.bin");
    }
    file->data = (uint8_t *)data;
    return true;
}
