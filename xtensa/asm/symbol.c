/* Symbols: a hash table, local numeric labels, definitions. */
#include "xtensa/asm/assembler.h"

#include <string.h>

static size_t hash(const char *name)
{
    size_t h = 2166136261u; /* FNV-1a */
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return h;
}

static void grow(mote_xt_assembly *a)
{
    size_t count = a->bucket_count ? a->bucket_count * 4 : 256;
    symbol **buckets = mote_arena_alloc(&a->arena, count * sizeof(void *));
    for (symbol *s = a->symbols; s; s = s->next) {
        symbol **bucket = &buckets[hash(s->name) % count];
        s->chain = *bucket;
        *bucket = s;
    }
    a->buckets = buckets;
    a->bucket_count = count;
}

/* Returns the first symbol of that name, which is the one in the table, or NULL. */
static symbol *find(const mote_xt_assembly *a, const char *name)
{
    if (a->bucket_count == 0)
        return NULL;
    symbol *s = a->buckets[hash(name) % a->bucket_count];
    while (s && strcmp(s->name, name) != 0)
        s = s->chain;
    return s;
}

symbol *mote_asm_symbol_if(mote_xt_assembly *a, const char *name)
{
    const symbol *s = find(a, name);
    return s ? s->latest : NULL;
}

symbol *mote_asm_symbol(mote_xt_assembly *a, const char *name)
{
    symbol *s = mote_asm_symbol_if(a, name);
    if (s)
        return s;
    if (a->symbol_count >= a->bucket_count)
        grow(a);
    s = mote_arena_alloc(&a->arena, sizeof *s);
    s->name = name;
    s->latest = s;
    s->line = a->line;
    s->at = a->at;
    symbol **bucket = &a->buckets[hash(name) % a->bucket_count];
    s->chain = *bucket;
    *bucket = s;
    *a->symbols_end = s;
    a->symbols_end = &s->next;
    a->symbol_count++;
    return s;
}

/* The n-th definition of label 5 is the symbol "5\1n"; the symbol "5\1" has the number of definitions as its value. */
symbol *mote_asm_numeric(mote_xt_assembly *a, int64_t number, char direction)
{
    symbol *counter = mote_asm_symbol(a, mote_asm_print(a, "%lld\1", (long long)number));
    if (counter->kind == SYMBOL_UNDEFINED) {
        counter->kind = SYMBOL_VALUE;
        counter->value = mote_asm_number(a, 0);
        counter->numeric = true;
    }
    int64_t defined = counter->value->number;
    if (direction == ':')
        counter->value = mote_asm_number(a, ++defined);
    if (direction == 'b' && defined == 0)
        return NULL;
    int64_t wanted = direction == 'f' ? defined + 1 : defined;
    symbol *s = mote_asm_symbol(a, mote_asm_print(a, "%lld\1%lld", (long long)number, (long long)wanted));
    s->numeric = true;
    return s;
}

/* Returns the current position, at the start of an item, so that a pool or no-ops can still be inserted before it. */
static place start_item(mote_xt_assembly *a)
{
    const item *last = a->section->last;
    if (last && last->kind == ITEM_DATA && last->size)
        mote_asm_item(a, a->section, ITEM_DATA);
    return mote_asm_place(a, a->section);
}

symbol *mote_asm_here(mote_xt_assembly *a)
{
    symbol *s = mote_arena_alloc(&a->arena, sizeof *s);
    s->name = ".";
    s->kind = SYMBOL_PLACE;
    s->place = start_item(a);
    return s;
}

static symbol *already_defined(mote_xt_assembly *a, const symbol *s, const char *at)
{
    mote_asm_error(a, at, "'%s' is already defined at %s:%u", s->name, s->line->file, s->line->number);
    return NULL;
}

symbol *mote_asm_define(mote_xt_assembly *a, symbol *s, const char *at)
{
    if (s->kind != SYMBOL_UNDEFINED && !s->redefinable)
        return already_defined(a, s, at);
    if (s->redefinable) {
        symbol *next = mote_arena_alloc(&a->arena, sizeof *next);
        *next = *s;
        next->kind = SYMBOL_UNDEFINED;
        next->redefinable = false;
        find(a, s->name)->latest = next;
        s = next;
    }
    s->line = a->line;
    s->at = at;
    return s;
}

symbol *mote_asm_label(mote_xt_assembly *a, symbol *s, const char *at)
{
    s = mote_asm_define(a, s, at);
    if (s) {
        if ((a->section->flags & SHF_EXECINSTR) && a->modes.transform) {
            item *target = mote_asm_item_before_label(a, ITEM_TARGET);
            target->target = s;
            target->aligns = a->modes.target_align;
        }
        s->kind = SYMBOL_PLACE;
        s->place = start_item(a);
    }
    return s;
}

void mote_asm_assign(mote_xt_assembly *a, const char *name, const char *at, const expr *e, bool redefinable)
{
    if (strcmp(name, ".") == 0) {
        item *org = mote_asm_item(a, a->section, ITEM_ORG);
        org->count = e;
        return;
    }
    symbol *s = mote_asm_symbol(a, name);
    s = s->redefinable && !redefinable ? already_defined(a, s, at) : mote_asm_define(a, s, at);
    if (!s)
        return;
    value v = mote_asm_eval(a, e);
    s->value = v.kind == VALUE_NUMBER && v.settled ? mote_asm_number(a, v.number) : e; /* keeps chains short */
    s->kind = SYMBOL_VALUE;
    s->redefinable = redefinable;
}

void mote_asm_check_symbols(mote_xt_assembly *a)
{
    for (symbol *s = a->symbols; s; s = s->next) {
        if (s->kind != SYMBOL_UNDEFINED)
            continue;
        if (s->numeric)
            mote_asm_error_at(a, s->line, s->at, "there is no label %.*s: after this line", (int)strcspn(s->name, "\1"),
                              s->name);
        else if (strncmp(s->name, ".L", 2) == 0 && s->referenced)
            mote_asm_error_at(a, s->line, s->at, "the local label '%s' is not defined in this file", s->name);
        if (s->binding == STB_LOCAL)
            s->binding = STB_GLOBAL;
    }
}
