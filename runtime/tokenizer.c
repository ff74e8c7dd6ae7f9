#include "tokenizer.h"

#include "kernels.h"
#include "words.h"

/* 1 for BPE. In a build with only one kind the tokenizer is of that kind; mote_open refuses others. */
static int is_bpe(const mote_tokenizer *t)
{
    return MOTE_HAS_TOKENIZER(BPE) && (!MOTE_HAS_TOKENIZER(BYTES) || t->kind == MOTE_TOKENIZER_BPE);
}

int mote_tokenizer_is_left_out(const mote_tokenizer *t)
{
    return t->kind == MOTE_TOKENIZER_BPE ? !MOTE_HAS_TOKENIZER(BPE) : !MOTE_HAS_TOKENIZER(BYTES);
}

/* A text in two parts, so that the texts of two tokens can be looked up together without copying them. */
typedef struct joined {
    const uint8_t *first, *second;
    uint32_t first_size, size;
} joined;

static int compare(const joined *j, const uint8_t *text, uint32_t size)
{
    for (uint32_t i = 0; i < size && i < j->size; i++) {
        const uint8_t byte = i < j->first_size ? j->first[i] : j->second[i - j->first_size];
        if (byte != text[i])
            return byte < text[i] ? -1 : 1;
    }
    return j->size < size ? -1 : j->size > size;
}

static uint32_t find(const mote_bpe *b, const joined *j)
{
    uint32_t low = 0, high = b->head->sorted_count;
    while (low < high) {
        const uint32_t middle = (low + high) / 2, token = b->sorted[middle];
        uint32_t size;
        const uint8_t *text = mote_bpe_text(b, token, &size);
        const int order = compare(j, text, size);
        if (order == 0)
            return token;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return MOTE_NO_INDEX;
}

uint32_t mote_bpe_find(const mote_bpe *b, const uint8_t *text, size_t size)
{
    const joined j = {text, text, (uint32_t)size, (uint32_t)size};
    return size <= MOTE_TOKEN_SIZE ? find(b, &j) : MOTE_NO_INDEX;
}

static uint32_t find_pair(const mote_bpe *b, uint32_t first, uint32_t second)
{
    if (!b->ranks[first] || !b->ranks[second])
        return MOTE_NO_INDEX;
    uint32_t m, n;
    const uint8_t *x = mote_bpe_text(b, first, &m), *y = mote_bpe_text(b, second, &n);
    const joined j = {x, y, m, m + n};
    return find(b, &j);
}

typedef struct room {
    uint16_t *tokens;
    size_t count, capacity;
} room;

static int put(room *r, uint32_t token)
{
    if (r->count == r->capacity)
        return 0;
    r->tokens[r->count++] = (uint16_t)token;
    return 1;
}

/* Appends one token for each character of the vocabulary, and the tokens of the bytes of other characters. Returns 0 if
 * the capacity is too small. */
static int put_characters(const mote_bpe *b, const uint8_t *text, size_t size, room *r)
{
    for (size_t at = 0; at < size;) {
        const size_t n = mote_bpe_piece(b->head, text + at, size - at);
        const uint32_t token = mote_bpe_find(b, text + at, n);
        if (token != MOTE_NO_INDEX && !put(r, token))
            return 0;
        for (size_t i = 0; i < n && token == MOTE_NO_INDEX; i++)
            if (!put(r, b->head->of_byte[text[at + i]]))
                return 0;
        at += n;
    }
    return 1;
}

/* Merges the tokens from number `first` on. */
static void merge_best_pairs(const mote_bpe *b, room *r, size_t first)
{
    for (;;) {
        uint32_t best = MOTE_NO_INDEX;
        size_t place = 0;
        for (size_t i = first; i + 1 < r->count; i++) {
            const uint32_t token = find_pair(b, r->tokens[i], r->tokens[i + 1]);
            if (token != MOTE_NO_INDEX && (best == MOTE_NO_INDEX || b->ranks[token] > b->ranks[best])) {
                best = token;
                place = i;
            }
        }
        if (best == MOTE_NO_INDEX)
            return;
        r->tokens[place] = (uint16_t)best;
        r->count--;
        for (size_t i = place + 1; i < r->count; i++)
            r->tokens[i] = r->tokens[i + 1];
    }
}

static int32_t encode_bpe(const mote_tokenizer *t, const uint8_t *text, size_t size, uint16_t *tokens, size_t capacity)
{
    const mote_bpe b = mote_bpe_of(t);
    room r = {tokens, 0, capacity};
    int space = mote_bpe_spaces(b.head, text, size);
    for (size_t at = 0, n, first; at < size; at += n, space = 0) {
        n = b.head->flags & MOTE_TOKENIZER_WORDS ? mote_word(text + at, size - at, b.head->flags, space) : size - at;
        first = r.count;
        if ((space && !put_characters(&b, (const uint8_t *)" ", 1, &r)) || !put_characters(&b, text + at, n, &r))
            return MOTE_TOO_SMALL;
        merge_best_pairs(&b, &r, first);
    }
    return (int32_t)r.count;
}

static int32_t encode_bytes(const mote_byte_tokenizer *t, const uint8_t *text, size_t size, uint16_t *tokens)
{
    for (size_t i = 0; i < size; i++)
        tokens[i] = t->to_token[text[i]];
    return (int32_t)size;
}

int32_t mote_tokenizer_encode(const mote_tokenizer *t, const uint8_t *text, size_t size, uint16_t *tokens,
                              size_t capacity)
{
    if (size >= INT32_MAX)
        return MOTE_TOO_SMALL;
    if (is_bpe(t))
        return encode_bpe(t, text, size, tokens, capacity);
    return size <= capacity ? encode_bytes((const void *)t, text, size, tokens) : MOTE_TOO_SMALL;
}

int mote_tokenizer_starts_first(const mote_tokenizer *t)
{
    return is_bpe(t) && ((const mote_bpe_tokenizer *)t)->flags & MOTE_TOKENIZER_START_FIRST;
}

const uint8_t *mote_tokenizer_decode(const mote_tokenizer *t, uint32_t previous, uint32_t token, size_t *size)
{
    static const uint8_t other = '?';
    *size = token < t->vocabulary;
    if (!*size)
        return &other;
    if (!is_bpe(t))
        return token < 256 ? ((const mote_byte_tokenizer *)t)->to_byte + token : &other;
    const mote_bpe b = mote_bpe_of(t);
    uint32_t n;
    const uint8_t *text = mote_bpe_text(&b, token, &n);
    const uint32_t skipped = b.head->flags & MOTE_TOKENIZER_SPACE_FIRST && previous == t->start && n && text[0] == ' ';
    *size = n - skipped;
    return text + skipped;
}

int mote_tokenizer_ends_text(const mote_tokenizer *t, uint32_t token)
{
    if (!is_bpe(t))
        return 0;
    return token == ((const mote_bpe_tokenizer *)t)->stop || (mote_tokenizer_starts_first(t) && token == t->start);
}
