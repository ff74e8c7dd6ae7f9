#include "compiler/token/encoder.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/token/pairs.h"
#include "runtime/tokenizer.h"
#include "runtime/words.h"

#define NONE UINT32_MAX

/* A position in the current piece of text: its token, and its neighbours as merging proceeds. */
typedef struct place {
    uint32_t before, after;
    uint32_t token; /* MOTE_NO_INDEX once merged into another */
} place;

typedef struct candidate {
    uint32_t at;
    uint16_t rank, first, second, merged; /* invalid once `at` or its successor holds another token */
} candidate;

struct mote_encoder {
    const mote_tokenizer *t;
    mote_bpe bpe;
    mote_pairs pairs;          /* from two tokens to the token that they make */
    uint8_t inside[65536 / 8]; /* bit 256·a+b: byte b follows byte a within some token */
    place *places;
    candidate *heap;
    size_t place_count, place_capacity, heap_count;
};

static bool is_inside(const mote_encoder *e, uint32_t a, uint32_t b)
{
    return e->inside[32 * a + b / 8] >> b % 8 & 1;
}

static void note_inside(mote_encoder *e, const uint8_t *text, uint32_t size)
{
    for (uint32_t i = 0; i + 1 < size; i++)
        e->inside[32 * text[i] + text[i + 1] / 8] |= (uint8_t)(1 << text[i + 1] % 8);
}

/* Adds every pair of tokens that make this token. */
static void add_pairs(mote_encoder *e, uint32_t token)
{
    uint32_t size;
    const uint8_t *text = mote_bpe_text(&e->bpe, token, &size);
    note_inside(e, text, size);
    for (uint32_t cut = 1; cut < size; cut++) {
        const uint32_t first = mote_bpe_find(&e->bpe, text, cut),
                       second = mote_bpe_find(&e->bpe, text + cut, size - cut);
        if (first != MOTE_NO_INDEX && second != MOTE_NO_INDEX)
            *mote_pairs_find(&e->pairs, mote_pair_key(first, second)) =
                (mote_pair){mote_pair_key(first, second), token};
    }
}

mote_encoder *mote_encoder_new(const mote_tokenizer *t, mote_error *error)
{
    mote_encoder *e = calloc(1, sizeof *e);
    if (e) {
        e->t = t;
        if (t->kind != MOTE_TOKENIZER_BPE)
            return e;
        e->bpe = mote_bpe_of(t);
        if (mote_pairs_init(&e->pairs, e->bpe.head->text_size)) {
            for (uint32_t i = 0; i < e->bpe.head->sorted_count; i++)
                add_pairs(e, e->bpe.sorted[i]);
            return e;
        }
    }
    free(e);
    mote_fail(error, MOTE_E_INTERNAL, "no memory for the pairs of %u tokens", t->vocabulary);
    return NULL;
}

void mote_encoder_free(mote_encoder *e)
{
    if (!e)
        return;
    free(e->pairs.slots);
    free(e->places);
    free(e->heap);
    free(e);
}

static bool better(const candidate *a, const candidate *b)
{
    return a->rank != b->rank ? a->rank > b->rank : a->at < b->at;
}

static void push(mote_encoder *e, candidate c)
{
    size_t i = e->heap_count++;
    for (; i && better(&c, &e->heap[(i - 1) / 2]); i = (i - 1) / 2)
        e->heap[i] = e->heap[(i - 1) / 2];
    e->heap[i] = c;
}

static candidate pop(mote_encoder *e)
{
    const candidate best = e->heap[0], last = e->heap[--e->heap_count];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < e->heap_count; i = child) {
        if (child + 1 < e->heap_count && better(&e->heap[child + 1], &e->heap[child]))
            child++;
        if (!better(&e->heap[child], &last))
            break;
        e->heap[i] = e->heap[child];
    }
    e->heap[i] = last;
    return best;
}

static void consider(mote_encoder *e, uint32_t at)
{
    if (at == NONE || e->places[at].after == NONE)
        return;
    const uint32_t first = e->places[at].token, second = e->places[e->places[at].after].token;
    const mote_pair *pair = mote_pairs_find(&e->pairs, mote_pair_key(first, second));
    if (pair->key != MOTE_NO_PAIR)
        push(e, (candidate){at, e->bpe.ranks[pair->value], (uint16_t)first, (uint16_t)second, (uint16_t)pair->value});
}

static bool still_there(const mote_encoder *e, const candidate *c)
{
    const place *p = &e->places[c->at];
    return p->token == c->first && p->after != NONE && e->places[p->after].token == c->second;
}

static void merge(mote_encoder *e, const candidate *c)
{
    place *p = &e->places[c->at], *gone = &e->places[p->after];
    p->token = c->merged;
    gone->token = MOTE_NO_INDEX;
    p->after = gone->after;
    if (p->after != NONE)
        e->places[p->after].before = c->at;
    consider(e, p->before);
    consider(e, c->at);
}

static bool reserve(mote_token_list *list, size_t more)
{
    if (more <= list->capacity - list->count)
        return true;
    size_t capacity = list->capacity ? list->capacity : 1024;
    while (capacity - list->count < more)
        capacity *= 2;
    uint16_t *moved = realloc(list->tokens, capacity * sizeof *moved);
    if (!moved)
        return false;
    list->tokens = moved;
    list->capacity = capacity;
    return true;
}

bool mote_token_list_add(mote_token_list *list, uint16_t token)
{
    if (!reserve(list, 1))
        return false;
    list->tokens[list->count++] = token;
    return true;
}

/* Merges tokens within the complete piece and appends the result. */
static bool finish(mote_encoder *e, mote_token_list *out)
{
    const uint32_t count = (uint32_t)e->place_count;
    if (!reserve(out, count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        e->places[i].before = i ? i - 1 : NONE;
        e->places[i].after = i + 1 < count ? i + 1 : NONE;
    }
    for (uint32_t i = 0; i < count; i++)
        consider(e, i);
    while (e->heap_count) {
        const candidate best = pop(e);
        if (still_there(e, &best))
            merge(e, &best);
    }
    for (uint32_t i = 0; i < count; i++)
        if (e->places[i].token != MOTE_NO_INDEX)
            out->tokens[out->count++] = (uint16_t)e->places[i].token;
    e->place_count = 0;
    return true;
}

/* Grows places and heap. Every place begins with at most one candidate; every merge removes a place and adds at most
 * two. */
static bool grow(mote_encoder *e)
{
    const size_t capacity = e->place_capacity ? 2 * e->place_capacity : 64;
    place *places = realloc(e->places, capacity * sizeof *places);
    if (places)
        e->places = places;
    candidate *heap = places ? realloc(e->heap, 3 * capacity * sizeof *heap) : NULL;
    if (!heap)
        return false;
    e->heap = heap;
    e->place_capacity = capacity;
    return true;
}

/* True if no token can span the boundary between the last place and `token`. */
static bool separate(const mote_encoder *e, uint32_t token)
{
    uint32_t m, n;
    const uint32_t last = e->places[e->place_count - 1].token;
    const uint8_t *x = mote_bpe_text(&e->bpe, last, &m), *y = mote_bpe_text(&e->bpe, token, &n);
    return !e->bpe.ranks[last] || !e->bpe.ranks[token] || !is_inside(e, x[m - 1], y[0]);
}

static bool add(mote_encoder *e, uint32_t token, mote_token_list *out)
{
    if (e->place_count && separate(e, token) && !finish(e, out))
        return false;
    if (e->place_count == e->place_capacity && !grow(e))
        return false;
    e->places[e->place_count++].token = token;
    return true;
}

static bool add_characters(mote_encoder *e, const uint8_t *text, size_t size, mote_token_list *out)
{
    for (size_t at = 0; at < size;) {
        const size_t n = mote_bpe_piece(e->bpe.head, text + at, size - at);
        const uint32_t token = mote_bpe_find(&e->bpe, text + at, n);
        if (token != MOTE_NO_INDEX && !add(e, token, out))
            return false;
        for (size_t i = 0; i < n && token == MOTE_NO_INDEX; i++)
            if (!add(e, e->bpe.head->of_byte[text[at + i]], out))
                return false;
        at += n;
    }
    return true;
}

static bool run_bpe(mote_encoder *e, const uint8_t *text, size_t size, mote_token_list *out)
{
    const uint32_t flags = e->bpe.head->flags;
    bool space = mote_bpe_spaces(e->bpe.head, text, size);
    e->place_count = e->heap_count = 0;
    for (size_t at = 0, n; at < size; at += n, space = false) {
        n = flags & MOTE_TOKENIZER_WORDS ? mote_word(text + at, size - at, flags, space) : size - at;
        if ((space && !add_characters(e, (const uint8_t *)" ", 1, out)) || !add_characters(e, text + at, n, out) ||
            !finish(e, out))
            return false;
    }
    return true;
}

static bool run_bytes(const mote_byte_tokenizer *t, const uint8_t *text, size_t size, mote_token_list *out)
{
    if (!reserve(out, size))
        return false;
    for (size_t i = 0; i < size; i++)
        out->tokens[out->count++] = t->to_token[text[i]];
    return true;
}

bool mote_encoder_run(mote_encoder *e, const uint8_t *text, size_t size, mote_token_list *out, mote_error *error)
{
    const bool done =
        e->t->kind == MOTE_TOKENIZER_BPE ? run_bpe(e, text, size, out) : run_bytes((const void *)e->t, text, size, out);
    return done || mote_fail(error, MOTE_E_INTERNAL, "no memory for the tokens of %zu bytes", size);
}

bool mote_encode_text(const mote_tokenizer *t, const uint8_t *text, size_t size, mote_token_list *out,
                      mote_error *error)
{
    mote_encoder *e = mote_encoder_new(t, error);
    const bool done = e && mote_encoder_run(e, text, size, out, error);
    mote_encoder_free(e);
    return done;
}
