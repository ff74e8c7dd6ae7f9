#include "compiler/token/token.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/token/pairs.h"
#include "compiler/token/words.h"
#include "runtime/tokenizer.h"

#define NONE UINT32_MAX

/* A pair of tokens that are or were adjacent, and the words where they were. */
typedef struct pair {
    uint32_t key;
    uint32_t words; /* first node, NONE at the end */
    uint64_t count;
    bool touched; /* count grew since the pair last entered the heap */
} pair;

typedef struct node {
    uint32_t word, next;
} node;

typedef struct entry {
    uint64_t count; /* count of the pair when pushed; the entry is void if the count has grown since */
    uint32_t key, pair;
} entry;

/* A growing array of any type. */
typedef struct pool {
    void *items;
    size_t count, capacity;
} pool;

typedef struct learner {
    const uint8_t *text;
    bool characters; /* words are spelled in characters, not in bytes */
    mote_words words;
    uint32_t *begins; /* offset of each word in `symbols` */
    uint16_t *symbols;
    pool pairs, nodes, heap, touched;
    mote_pairs index;    /* key to pair */
    mote_pairs alphabet; /* character to its count, then to its token */
    mote_bpe_token *tokens;
    uint8_t *bytes; /* texts of the tokens, MOTE_TOKEN_SIZE each */
    uint32_t token_count, vocabulary;
    bool full; /* out of memory */
} learner;

static void *extend(learner *l, pool *p, size_t size)
{
    if (p->count == p->capacity) {
        const size_t capacity = p->capacity ? 2 * p->capacity : 4096;
        void *moved = realloc(p->items, capacity * size);
        if (!moved) {
            l->full = true;
            return NULL;
        }
        p->items = moved;
        p->capacity = capacity;
    }
    return (uint8_t *)p->items + size * p->count++;
}

static pair *pair_at(const learner *l, uint32_t index)
{
    return (pair *)l->pairs.items + index;
}

static bool more_frequent(const entry *a, const entry *b)
{
    return a->count != b->count ? a->count > b->count : a->key < b->key;
}

static void push(learner *l, uint32_t index)
{
    if (!extend(l, &l->heap, sizeof(entry)))
        return;
    const entry e = {pair_at(l, index)->count, pair_at(l, index)->key, index};
    entry *heap = l->heap.items;
    size_t i = l->heap.count - 1;
    for (; i && more_frequent(&e, &heap[(i - 1) / 2]); i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = e;
}

static entry pop(learner *l)
{
    entry *heap = l->heap.items;
    const entry best = heap[0], last = heap[--l->heap.count];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < l->heap.count; i = child) {
        if (child + 1 < l->heap.count && more_frequent(&heap[child + 1], &heap[child]))
            child++;
        if (!more_frequent(&heap[child], &last))
            break;
        heap[i] = heap[child];
    }
    heap[i] = last;
    return best;
}

static bool grow_index(learner *l)
{
    mote_pairs larger;
    if (!mote_pairs_init(&larger, 2 * (l->index.mask + 1)))
        return false;
    for (size_t i = 0; i <= l->index.mask; i++)
        if (l->index.slots[i].key != MOTE_NO_PAIR)
            *mote_pairs_find(&larger, l->index.slots[i].key) = l->index.slots[i];
    larger.count = l->index.count;
    free(l->index.slots);
    l->index = larger;
    return true;
}

/* Returns the index of a pair, which is added if it is new; NONE when out of memory. */
static uint32_t pair_of(learner *l, uint32_t first, uint32_t second)
{
    const uint32_t key = mote_pair_key(first, second);
    mote_pair *slot = mote_pairs_find(&l->index, key);
    if (slot->key == key)
        return slot->value;
    if (2 * l->index.count > l->index.mask) {
        if (!grow_index(l)) {
            l->full = true;
            return NONE;
        }
        slot = mote_pairs_find(&l->index, key);
    }
    pair *p = extend(l, &l->pairs, sizeof *p);
    if (!p)
        return NONE;
    *p = (pair){.key = key, .words = NONE};
    *slot = (mote_pair){key, (uint32_t)l->pairs.count - 1};
    l->index.count++;
    return slot->value;
}

/* Adds the occurrences of a word to the count of a pair in it; subtracts them if `sign` is negative. Tokens without a
 * rank never merge. */
static void change(learner *l, uint32_t word, uint32_t first, uint32_t second, int sign)
{
    if (!l->tokens[first].rank || !l->tokens[second].rank)
        return;
    const uint32_t index = pair_of(l, first, second);
    if (index == NONE)
        return;
    pair *p = pair_at(l, index);
    const uint64_t count = l->words.words[word].count;
    p->count += sign < 0 ? -count : count;
    if (sign < 0)
        return;
    node *nodes = l->nodes.items;
    if (p->words == NONE || nodes[p->words].word != word) {
        node *n = extend(l, &l->nodes, sizeof *n);
        if (!n)
            return;
        *n = (node){word, p->words};
        p->words = (uint32_t)l->nodes.count - 1;
    }
    if (!p->touched) {
        uint32_t *t = extend(l, &l->touched, sizeof *t);
        if (!t)
            return;
        *t = index;
        p->touched = true;
    }
}

static void count_pairs(learner *l, uint32_t word, int sign)
{
    const uint16_t *s = l->symbols + l->begins[word];
    for (uint32_t i = 0; i + 1 < l->words.words[word].size; i++)
        change(l, word, s[i], s[i + 1], sign);
}

static void push_touched(learner *l)
{
    const uint32_t *indices = l->touched.items;
    for (size_t i = 0; i < l->touched.count; i++) {
        pair_at(l, indices[i])->touched = false;
        push(l, indices[i]);
    }
    l->touched.count = 0;
}

/* Replaces the pair in a word from left to right. Does nothing if the word no longer has it. */
static void merge_in(learner *l, uint32_t word, uint32_t key, uint16_t merged)
{
    mote_word *w = &l->words.words[word];
    uint16_t *s = l->symbols + l->begins[word];
    uint32_t found = 0;
    for (uint32_t i = 0; i + 1 < w->size; i++)
        found += mote_pair_key(s[i], s[i + 1]) == key;
    if (!found)
        return;
    count_pairs(l, word, -1);
    uint32_t to = 0;
    for (uint32_t from = 0; from < w->size; to++) {
        const bool here = from + 1 < w->size && mote_pair_key(s[from], s[from + 1]) == key;
        s[to] = here ? merged : s[from];
        from += here ? 2 : 1;
    }
    w->size = to;
    count_pairs(l, word, 1);
}

/* Returns the token of the joined text, which is added if it is new. */
static uint16_t token_of(learner *l, const mote_bpe_token *first, const mote_bpe_token *second)
{
    uint8_t *text = l->bytes + (size_t)l->token_count * MOTE_TOKEN_SIZE;
    const uint32_t size = first->size + second->size;
    memcpy(text, first->text, first->size);
    memcpy(text + first->size, second->text, second->size);
    for (uint32_t i = 0; i < l->token_count; i++)
        if (l->tokens[i].rank && l->tokens[i].size == size && memcmp(l->tokens[i].text, text, size) == 0)
            return (uint16_t)i;
    l->tokens[l->token_count] = (mote_bpe_token){text, size, (uint16_t)(l->vocabulary - l->token_count)};
    return (uint16_t)l->token_count++;
}

static void merge(learner *l, uint32_t index)
{
    const uint32_t key = pair_at(l, index)->key;
    const mote_bpe_token *first = &l->tokens[key >> 16], *second = &l->tokens[key & 0xffff];
    if (first->size + second->size > MOTE_TOKEN_SIZE)
        return;
    const uint16_t merged = token_of(l, first, second);
    for (uint32_t n = pair_at(l, index)->words; n != NONE && !l->full;) {
        const node at = ((const node *)l->nodes.items)[n];
        merge_in(l, at.word, key, merged);
        n = at.next;
    }
    push_touched(l);
}

/* Merges the most frequent pair until the vocabulary is full. Pairs that occur once are not worth a token. */
static void merge_all(learner *l)
{
    while (l->token_count < l->vocabulary && l->heap.count && !l->full) {
        const entry best = pop(l);
        const uint64_t count = pair_at(l, best.pair)->count;
        if (count >= 2 && count == best.count)
            merge(l, best.pair);
        else if (count >= 2 && count < best.count)
            push(l, best.pair);
    }
}

/* Adds the bytes in byte order, then the unknown token. */
static bool add_bytes(learner *l, size_t size, bool all, mote_bpe_tokenizer *head, mote_error *error)
{
    mote_byte_tokenizer bytes;
    mote_tokenizer_of_bytes(&bytes, l->text, size);
    const uint32_t needed = all ? 256 : bytes.vocabulary;
    if (needed > l->vocabulary)
        return mote_fail(error, MOTE_E_USAGE,
                         "a vocabulary of %u has no room for the %u bytes that it begins with; --vocab must be larger",
                         l->vocabulary, needed);
    *head = (mote_bpe_tokenizer){.kind = MOTE_TOKENIZER_BPE,
                                 .vocabulary = (uint16_t)l->vocabulary,
                                 .unknown = all ? MOTE_NO_INDEX : bytes.unknown,
                                 .start = all ? '\n' : bytes.start,
                                 .stop = MOTE_NO_INDEX};
    for (l->token_count = 0; l->token_count < needed; l->token_count++) {
        const uint32_t i = l->token_count;
        uint8_t *text = l->bytes + (size_t)i * MOTE_TOKEN_SIZE;
        *text = all || i >= 256 ? (uint8_t)i : bytes.to_byte[i];
        l->tokens[i] = (mote_bpe_token){text, 1, i == head->unknown ? 0 : (uint16_t)(l->vocabulary - i)};
    }
    for (uint16_t i = 0; i < 256; i++)
        head->of_byte[i] = all ? i : bytes.to_token[i];
    return true;
}

static void add_token(learner *l, const void *text, uint32_t size, uint32_t rank)
{
    uint8_t *copy = l->bytes + (size_t)l->token_count * MOTE_TOKEN_SIZE;
    memcpy(copy, text, size);
    l->tokens[l->token_count++] = (mote_bpe_token){copy, size, (uint16_t)rank};
}

/* Packs the bytes of a character into a key. */
static uint32_t key_of(const uint8_t *text, size_t size)
{
    uint32_t key = 0;
    for (size_t i = 0; i < size; i++)
        key |= (uint32_t)text[i] << 8 * i;
    return key;
}

static uint64_t count_characters(learner *l)
{
    uint64_t total = 0;
    for (size_t i = 0; i < l->words.count; i++) {
        const mote_word *w = &l->words.words[i];
        const uint8_t *text = l->text + w->at;
        for (size_t at = 0, n; at < w->size; at += n) {
            n = mote_character(text + at, w->size - at);
            mote_pair *slot = mote_pairs_find(&l->alphabet, key_of(text + at, n));
            if (slot->key == MOTE_NO_PAIR)
                *slot = (mote_pair){key_of(text + at, n), 0};
            slot->value += (uint32_t)w->count;
            total += w->count;
        }
    }
    return total;
}

static int by_count(const void *a, const void *b)
{
    const mote_pair *x = a, *y = b;
    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

/* Replaces the counts of the alphabet by tokens, of the most frequent characters that make 99.95 % of the text. The
 * others have no token and are spelled in bytes. */
static bool choose_characters(learner *l, uint64_t total, mote_error *error)
{
    mote_pair *sorted = malloc((l->alphabet.mask + 1) * sizeof *sorted);
    uint32_t count = 0, kept = 0;
    uint64_t covered = 0;
    if (!sorted)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for the characters of the text");
    for (size_t i = 0; i <= l->alphabet.mask; i++)
        if (l->alphabet.slots[i].key != MOTE_NO_PAIR)
            sorted[count++] = l->alphabet.slots[i];
    qsort(sorted, count, sizeof *sorted, by_count);
    while (kept < count && covered * 10000 < total * 9995)
        covered += sorted[kept++].value;
    const bool room = kept <= l->vocabulary - l->token_count;
    for (uint32_t i = 0; room && i < count; i++) {
        uint8_t text[4];
        uint32_t size = 0;
        do
            text[size] = (uint8_t)(sorted[i].key >> 8 * size);
        while (++size < 4 && sorted[i].key >> 8 * size);
        mote_pairs_find(&l->alphabet, sorted[i].key)->value = i < kept ? l->token_count : MOTE_NO_INDEX;
        if (i < kept)
            add_token(l, text, size, l->vocabulary - l->token_count);
    }
    free(sorted);
    return room || mote_fail(error, MOTE_E_USAGE,
                             "a vocabulary of %u has no room for the %u tokens of the llama2.c format and the %u "
                             "characters of the text; --vocab must be larger",
                             l->vocabulary, l->token_count, kept);
}

/* Adds the tokens with which a tokenizer.bin begins, then characters. */
static bool add_characters(learner *l, mote_bpe_tokenizer *head, mote_error *error)
{
    static const char *const first[] = {"<unk>", "<s>", "</s>"};
    enum { SPECIAL = 3 };
    if (l->vocabulary < SPECIAL + 256 + 1)
        return mote_fail(error, MOTE_E_USAGE,
                         "a vocabulary of %u has no room for the %d tokens that the llama2.c format begins with; "
                         "--vocab must be larger",
                         l->vocabulary, SPECIAL + 256);
    *head = (mote_bpe_tokenizer){.kind = MOTE_TOKENIZER_BPE,
                                 .vocabulary = (uint16_t)l->vocabulary,
                                 .unknown = 0,
                                 .start = 1,
                                 .stop = 2,
                                 .flags = MOTE_TOKENIZER_SPACE_FIRST | MOTE_TOKENIZER_START_FIRST};
    for (uint32_t i = 0; i < SPECIAL; i++) /* ranks without gaps, as a tokenizer.bin gives them back */
        add_token(l, first[i], (uint32_t)strlen(first[i]), l->vocabulary - 256 - i);
    for (uint32_t i = 0; i < 256; i++) {
        const uint8_t byte = (uint8_t)i;
        head->of_byte[i] = (uint16_t)l->token_count;
        add_token(l, &byte, 1, 0);
    }
    return choose_characters(l, count_characters(l), error);
}

static bool take_memory(learner *l, size_t size)
{
    l->tokens = calloc(l->vocabulary + 1u, sizeof *l->tokens);
    l->bytes = malloc((l->vocabulary + 1u) * (size_t)MOTE_TOKEN_SIZE);
    if (!l->tokens || !l->bytes || !mote_pairs_init(&l->index, 1024) || !mote_words_count(&l->words, l->text, size))
        return false;
    size_t symbols = 0;
    for (size_t i = 0; i < l->words.count; i++)
        symbols += l->words.words[i].size;
    l->begins = calloc(l->words.count + 1, sizeof *l->begins);
    l->symbols = calloc(symbols + 1, sizeof *l->symbols);
    return l->begins && l->symbols && (!l->characters || mote_pairs_init(&l->alphabet, symbols));
}

/* Writes the symbols of a text. Returns their number. */
static uint32_t spell(const learner *l, const mote_bpe_tokenizer *head, const uint8_t *text, size_t size, uint16_t *to)
{
    uint32_t count = 0;
    for (size_t at = 0, n; at < size; at += n) {
        n = l->characters ? mote_character(text + at, size - at) : 1;
        const uint32_t token =
            l->characters ? mote_pairs_find(&l->alphabet, key_of(text + at, n))->value : MOTE_NO_INDEX;
        if (token != MOTE_NO_INDEX)
            to[count++] = (uint16_t)token;
        for (size_t k = 0; k < n && token == MOTE_NO_INDEX; k++)
            to[count++] = head->of_byte[text[at + k]];
    }
    return count;
}

static void spell_words(learner *l, const mote_bpe_tokenizer *head)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < l->words.count && !l->full; i++) {
        mote_word *w = &l->words.words[i];
        l->begins[i] = at;
        w->size = spell(l, head, l->text + w->at, w->size, l->symbols + at);
        at += w->size;
        count_pairs(l, i, 1);
    }
    push_touched(l);
}

static bool learn(learner *l, size_t size, bool all_bytes, mote_bytes *section, mote_error *error)
{
    mote_bpe_tokenizer head;
    if (!take_memory(l, size))
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for the words of %zu bytes of text", size);
    if (!(l->characters ? add_characters(l, &head, error) : add_bytes(l, size, all_bytes, &head, error)))
        return false;
    spell_words(l, &head);
    merge_all(l);
    if (l->full)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for the pairs of %zu words", l->words.count);
    if (l->token_count < l->vocabulary)
        return mote_fail(error, MOTE_E_FORMAT,
                         "this text of %zu bytes has pairs for %u tokens and no more; use --vocab %u or more text",
                         size, l->token_count, l->token_count);
    return mote_bpe_build(&head, l->tokens, section, error);
}

bool mote_bpe_learn(const uint8_t *text, size_t size, const mote_learn_options *options, mote_bytes *section,
                    mote_error *error)
{
    if (size == 0 || size >= NONE)
        return mote_fail(error, MOTE_E_FORMAT, "a text of %zu bytes; tokens are learned from 1 byte to 4 GiB", size);
    if (options->vocabulary < 1 || options->vocabulary >= MOTE_NO_INDEX)
        return mote_fail(error, MOTE_E_USAGE, "a vocabulary has 1 to %u tokens", MOTE_NO_INDEX - 1);
    learner l = {.text = text, .characters = options->llama2c, .vocabulary = options->vocabulary};
    const bool learned = learn(&l, size, options->all_bytes, section, error);
    mote_words_free(&l.words);
    free(l.begins);
    free(l.symbols);
    free(l.pairs.items);
    free(l.nodes.items);
    free(l.heap.items);
    free(l.touched.items);
    free(l.index.slots);
    free(l.alphabet.slots);
    free(l.tokens);
    free(l.bytes);
    return learned;
}
