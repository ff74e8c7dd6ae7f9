#include "kernels.h"
#include "tokenizer.h"

/* The structures have the sizes given in docs/SPEC.md, without padding. */
typedef char sizes_match[sizeof(mote_byte_tokenizer) == 776 && sizeof(mote_bpe_tokenizer) == 532 ? 1 : -1];

static int all_below(const uint16_t *tokens, uint32_t count, uint32_t limit)
{
    for (uint32_t i = 0; i < count; i++)
        if (tokens[i] >= limit)
            return 0;
    return 1;
}

static int token_or_none(uint32_t token, uint32_t vocabulary)
{
    return token < vocabulary || token == MOTE_NO_INDEX;
}

static int bytes_fit(const mote_byte_tokenizer *t, uint32_t size)
{
    return size == sizeof *t && t->vocabulary <= 257 && all_below(t->to_token, 256, t->vocabulary);
}

static int head_fits(const mote_bpe_tokenizer *t, uint32_t size)
{
    if (size < sizeof *t || t->vocabulary == MOTE_NO_INDEX || t->sorted_count > t->vocabulary || t->reserved)
        return 0;
    const uint32_t tables = 6u * t->vocabulary + 2u * t->sorted_count;
    return tables <= size - sizeof *t && t->text_size == size - sizeof *t - tables &&
           token_or_none(t->stop, t->vocabulary) && all_below(t->of_byte, 256, t->vocabulary) &&
           !(t->flags & ~(uint32_t)MOTE_TOKENIZER_FLAGS);
}

/* Returns the number of tokens with a rank above 0, or UINT32_MAX if the ends of texts descend, a text is too long, a
 * text with a rank is empty, or the last end is not text_size. */
static uint32_t ranked(const mote_bpe *b)
{
    uint32_t begin = 0, count = 0;
    for (uint32_t i = 0; i < b->head->vocabulary; i++) {
        if (b->ends[i] < begin || b->ends[i] - begin > MOTE_TOKEN_SIZE)
            return UINT32_MAX;
        if (b->ranks[i] && b->ends[i] == begin)
            return UINT32_MAX;
        begin = b->ends[i];
        count += b->ranks[i] != 0;
    }
    return begin == b->head->text_size ? count : UINT32_MAX;
}

static int before(const mote_bpe *b, uint32_t first, uint32_t second)
{
    uint32_t m, n;
    const uint8_t *x = mote_bpe_text(b, first, &m), *y = mote_bpe_text(b, second, &n);
    for (uint32_t i = 0; i < m && i < n; i++)
        if (x[i] != y[i])
            return x[i] < y[i];
    return m < n;
}

/* 1 if every entry has a rank and the texts ascend strictly. As sorted_count is the number of tokens with a rank, each
 * of them then occurs once. */
static int sorted_fits(const mote_bpe *b)
{
    for (uint32_t i = 0; i < b->head->sorted_count; i++)
        if (b->sorted[i] >= b->head->vocabulary || !b->ranks[b->sorted[i]] ||
            (i && !before(b, b->sorted[i - 1], b->sorted[i])))
            return 0;
    return 1;
}

static int bpe_fits(const void *section, uint32_t size)
{
    if (!head_fits(section, size))
        return 0;
    const mote_bpe b = mote_bpe_of(section);
    return ranked(&b) == b.head->sorted_count && sorted_fits(&b);
}

int mote_tokenizer_fits(const void *section, uint32_t size)
{
    const mote_tokenizer *t = section;
    if (size < sizeof *t || t->start >= t->vocabulary || !token_or_none(t->unknown, t->vocabulary))
        return 0;
    if (t->kind == MOTE_TOKENIZER_BYTES)
        return !MOTE_HAS_TOKENIZER(BYTES) || bytes_fit(section, size);
    return t->kind == MOTE_TOKENIZER_BPE && (!MOTE_HAS_TOKENIZER(BPE) || bpe_fits(section, size));
}
