#include "compiler/token/token.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* Sorts the tokens that have a rank by text. Returns NULL if two are equal or when out of memory. */
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
