#include "compiler/token/blob.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/token/llama2c.h"
#include "runtime/model.h"
#include "runtime/tokenizer.h"

#define LARGEST_FILE ((size_t)1 << 30)

void mote_tokenizer_of_bytes(mote_byte_tokenizer *t, const uint8_t *text, size_t size)
{
    bool occurs[256] = {false};
    for (size_t i = 0; i < size; i++)
        occurs[text[i]] = true;
    memset(t, 0, sizeof *t);
    uint16_t known = 0;
    for (int byte = 0; byte < 256; byte++)
        if (occurs[byte]) {
            t->to_byte[known] = (uint8_t)byte;
            t->to_token[byte] = known++;
        }
    t->unknown = known < 256 ? known : MOTE_NO_INDEX;
    t->vocabulary = (uint16_t)(known < 256 ? known + 1 : known);
    if (known < 256)
        t->to_byte[known] = '?';
    for (int byte = 0; byte < 256; byte++)
        if (!occurs[byte])
            t->to_token[byte] = known;
    t->start = occurs['\n'] ? t->to_token['\n'] : 0;
}

typedef struct named {
    const mote_bpe_token *token;
    uint16_t index;
} named;

static int by_text(const void *a, const void *b)
{
    const named *x = a, *y = b;
    const size_t m = x->token->size, n = y->token->size;
    const int order = memcmp(x->token->text, y->token->text, m < n ? m : n);
    return order ? order : (m > n) - (m < n);
}

/* The tokens with a rank, by text; NULL when two are alike. */
static named *sort_tokens(const mote_bpe_token *tokens, uint32_t vocabulary, uint16_t *count, mote_error *error)
{
    named *sorted = calloc(vocabulary, sizeof *sorted);
    *count = 0;
    for (uint32_t i = 0; sorted && i < vocabulary; i++)
        if (tokens[i].rank)
            sorted[(*count)++] = (named){&tokens[i], (uint16_t)i};
    if (sorted)
        qsort(sorted, *count, sizeof *sorted, by_text);
    else
        mote_fail(error, MOTE_E_INTERNAL, "no memory for a vocabulary of %u tokens", vocabulary);
    for (uint32_t i = 1; sorted && i < *count; i++)
        if (by_text(&sorted[i - 1], &sorted[i]) == 0) {
            mote_fail(error, MOTE_E_FORMAT, "tokens %u and %u have the same text, so that neither can be told from it",
                      sorted[i - 1].index, sorted[i].index);
            free(sorted);
            return NULL;
        }
    return sorted;
}

static void fill(uint8_t *at, const mote_bpe_tokenizer *head, const mote_bpe_token *tokens, const named *sorted)
{
    memcpy(at, head, sizeof *head);
    uint32_t *ends = (uint32_t *)(at + sizeof *head), end = 0;
    uint16_t *ranks = (uint16_t *)(ends + head->vocabulary), *order = ranks + head->vocabulary;
    uint8_t *texts = (uint8_t *)(order + head->sorted_count);
    for (uint32_t i = 0; i < head->vocabulary; i++) {
        if (tokens[i].size)
            memcpy(texts + end, tokens[i].text, tokens[i].size);
        ends[i] = end += tokens[i].size;
        ranks[i] = tokens[i].rank;
    }
    for (uint32_t i = 0; i < head->sorted_count; i++)
        order[i] = sorted[i].index;
}

bool mote_bpe_build(const mote_bpe_tokenizer *head, const mote_bpe_token *tokens, mote_bytes *out, mote_error *error)
{
    mote_bpe_tokenizer full = *head;
    named *sorted = sort_tokens(tokens, head->vocabulary, &full.sorted_count, error);
    if (!sorted)
        return false;
    full.text_size = 0;
    for (uint32_t i = 0; i < head->vocabulary; i++)
        full.text_size += tokens[i].size;
    const size_t size = sizeof full + 6u * full.vocabulary + 2u * full.sorted_count + full.text_size;
    uint8_t *data = malloc(size);
    if (data)
        fill(data, &full, tokens, sorted);
    else
        mote_fail(error, MOTE_E_INTERNAL, "no memory for a tokenizer of %zu bytes", size);
    free(sorted);
    *out = (mote_bytes){data, size};
    return data != NULL;
}

/* Replaces a model's bytes by those of its tokenizer. */
static bool take_from_model(mote_bytes *file, const char *path, mote_error *error)
{
    mote_model m;
    const mote_status status = mote_check_container(&m, file->data, file->size);
    if (status != MOTE_SUCCESS)
        return mote_fail(error, MOTE_E_FORMAT, "%s: %s", path, mote_status_text(status));
    const mote_section_record *s = (const void *)(m.file + mote_header_of(&m)->section_offset);
    for (uint32_t i = 0; i < mote_header_of(&m)->section_count; i++)
        if (s[i].tag == MOTE_SECTION_TOKENIZER) {
            file->size = s[i].size;
            memmove(file->data, file->data + s[i].offset, file->size);
            return true;
        }
    return mote_fail(error, MOTE_E_FORMAT, "%s: this model has no tokenizer", path);
}

static bool take_tokenizer(mote_bytes *file, const char *path, mote_error *error)
{
    const uint32_t magic = MOTE_MAGIC;
    if (file->size >= sizeof magic && memcmp(file->data, &magic, sizeof magic) == 0)
        return take_from_model(file, path, error);
    if (file->size <= UINT32_MAX && mote_tokenizer_fits(file->data, (uint32_t)file->size))
        return true;
    mote_bytes section;
    mote_error why;
    if (!mote_llama2c_tokenizer_read(file, &section, &why))
        return mote_fail(error, why.code, "%s: neither a tokenizer of Mote nor a sound tokenizer.bin: %.300s", path,
                         why.text);
    free(file->data);
    *file = section;
    return true;
}

bool mote_tokenizer_load(const char *path, mote_bytes *out, mote_error *error)
{
    if (!mote_file_read(path, LARGEST_FILE, out, error))
        return false;
    if (take_tokenizer(out, path, error))
        return true;
    free(out->data);
    *out = (mote_bytes){0};
    return false;
}

uint32_t mote_tokenizer_unknown_bytes(const mote_tokenizer *t)
{
    const uint16_t *of_byte = t->kind == MOTE_TOKENIZER_BPE ? ((const mote_bpe_tokenizer *)t)->of_byte
                                                            : ((const mote_byte_tokenizer *)t)->to_token;
    uint32_t bytes = 0;
    for (int i = 0; i < 256; i++)
        bytes += of_byte[i] == t->unknown;
    return bytes;
}

double mote_tokenizer_unknown_bits(const mote_tokenizer *t)
{
    const uint32_t bytes = mote_tokenizer_unknown_bytes(t);
    return bytes ? log2(bytes) : 0;
}
