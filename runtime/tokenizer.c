#include "tokenizer.h"

#include "kernels.h"
#include "words.h"

/* 1 for BPE. In a build with only one kind the tokenizer is of that kind; mote_open refuses others. */
static int is_bpe(const mote_tokenizer *t)
{
    return MOTE_HAS_TOKENIZER(BPE) && (!MOTE_HAS_TOKENIZER(BYTES) || t->kind == MOTE_TOKENIZER_BPE);
}

static int cuts_words(const mote_tokenizer *t)
{
    return (((const mote_bpe_tokenizer *)t)->flags & MOTE_TOKENIZER_WORDS) != 0;
}

int mote_tokenizer_is_left_out(const mote_tokenizer *t)
{
    if (t->kind != MOTE_TOKENIZER_BPE)
        return !MOTE_HAS_TOKENIZER(BYTES);
    return !MOTE_HAS_TOKENIZER(BPE) || (!MOTE_HAS_TOKENIZER(WORDS) && cuts_words(t));
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

static uint32_t rank_of(const mote_bpe *b, uint32_t token)
{
    return token == MOTE_NO_INDEX ? 0 : b->ranks[token];
}

static uint32_t best_rank(const mote_bpe *b, const uint16_t *tokens, size_t count)
{
    uint32_t best = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        const uint32_t rank = rank_of(b, find_pair(b, tokens[i], tokens[i + 1]));
        best = rank > best ? rank : best;
    }
    return best;
}

/* Merges the pairs of the best rank from left to right. A merge may make pairs of this rank or better ones with its
 * neighbours: they are the leftmost or the best, and are merged at once. All pairs that remain have lower ranks.
 * Returns the number of tokens left. */
static size_t merge_rank(const mote_bpe *b, uint16_t *tokens, size_t count, uint32_t rank)
{
    size_t to = 0;
    for (size_t i = 0; i < count; to++) {
        tokens[to] = tokens[i++];
        for (int merged = 0;; merged = 1) {
            const uint32_t left = merged && to ? find_pair(b, tokens[to - 1], tokens[to]) : MOTE_NO_INDEX;
            const uint32_t right = i < count ? find_pair(b, tokens[to], tokens[i]) : MOTE_NO_INDEX;
            if (rank_of(b, left) < rank && rank_of(b, right) < rank)
                break;
            const int goes_left = rank_of(b, left) >= rank_of(b, right);
            to -= goes_left ? 1 : 0;
            i += goes_left ? 0 : 1;
            tokens[to] = (uint16_t)(goes_left ? left : right);
        }
    }
    return to;
}

/* Merges the pair of the best rank, the leftmost of equals, until there is none. The ranks of the passes descend, so
 * that there are at most as many passes as different ranks. */
static size_t merge_all(const mote_bpe *b, uint16_t *tokens, size_t count)
{
    for (uint32_t rank; (rank = best_rank(b, tokens, count)) != 0;)
        count = merge_rank(b, tokens, count, rank);
    return count;
}

/* Neighbouring bytes within the texts of tokens, as a Bloom filter: bit k is set if some pair with hash k occurs. */
typedef struct neighbours {
    uint32_t bits[64];
} neighbours;

static uint32_t hash_of(uint32_t first, uint32_t second)
{
    return (first * 40503u + second * 2657u) >> 4 & 2047;
}

static void note_neighbours(const mote_bpe *b, neighbours *n)
{
    *n = (neighbours){{0}};
    for (uint32_t i = 0; i < b->head->sorted_count; i++) {
        uint32_t size;
        const uint8_t *text = mote_bpe_text(b, b->sorted[i], &size);
        for (uint32_t k = 0; k + 1 < size; k++) {
            const uint32_t hash = hash_of(text[k], text[k + 1]);
            n->bits[hash / 32] |= 1u << hash % 32;
        }
    }
}

/* Tokens of a text, encoded a piece at a time. No merge crosses the beginning of the last piece. */
typedef struct room {
    const mote_bpe *b;
    uint16_t *tokens;
    size_t count, capacity, piece; /* piece: index of the first token of the last piece */
    neighbours inside;
} room;

static void finish_piece(room *r)
{
    r->piece += merge_all(r->b, r->tokens + r->piece, r->count - r->piece);
    r->count = r->piece;
}

/* Returns 1 if no token can contain the end of `before` and the beginning of `token`. */
static int separate(const room *r, uint32_t before, uint32_t token)
{
    uint32_t m, n;
    const uint8_t *x = mote_bpe_text(r->b, before, &m), *y = mote_bpe_text(r->b, token, &n);
    if (!r->b->ranks[before] || !r->b->ranks[token])
        return 1;
    const uint32_t hash = hash_of(x[m - 1], y[0]);
    return !(r->inside.bits[hash / 32] >> hash % 32 & 1);
}

static int put(room *r, uint32_t token)
{
    if (r->count > r->piece && separate(r, r->tokens[r->count - 1], token))
        finish_piece(r);
    if (r->count == r->capacity)
        return 0;
    r->tokens[r->count++] = (uint16_t)token;
    return 1;
}

/* Appends one token for each character of the vocabulary, and the tokens of the bytes of other characters. Returns 0 if
 * the capacity is too small. */
static int put_characters(room *r, const uint8_t *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        const size_t n = mote_bpe_piece(r->b->head, text + at, size - at);
        const uint32_t token = mote_bpe_find(r->b, text + at, n);
        if (token != MOTE_NO_INDEX && !put(r, token))
            return 0;
        for (size_t i = 0; i < n && token == MOTE_NO_INDEX; i++)
            if (!put(r, r->b->head->of_byte[text[at + i]]))
                return 0;
        at += n;
    }
    return 1;
}

static int32_t encode_bpe(const mote_tokenizer *t, const uint8_t *text, size_t size, uint16_t *tokens, size_t capacity)
{
    const mote_bpe b = mote_bpe_of(t);
    room r = {.b = &b, .tokens = tokens, .capacity = capacity};
    int space = mote_bpe_spaces(b.head, text, size);
    note_neighbours(&b, &r.inside);
    for (size_t at = 0, n; at < size; at += n, space = 0) {
        n = MOTE_HAS_TOKENIZER(WORDS) && cuts_words(t) ? mote_word(text + at, size - at, b.head->flags, space)
                                                       : size - at;
        if ((space && !put_characters(&r, (const uint8_t *)" ", 1)) || !put_characters(&r, text + at, n))
            return MOTE_TOO_SMALL;
        finish_piece(&r);
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
