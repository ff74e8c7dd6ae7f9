/* Directives on sections and symbols, and the search through all of them. */
#include <stdlib.h>
#include <string.h>

#include "xtensa/asm/assembler.h"

/* "awx" and so on; false after a message. */
static bool section_flags(mote_xt_assembly *a, const char *at, const char *letters, section *s)
{
    static const struct {
        char letter;
        uint32_t flag;
    } known[] = {{'a', SHF_ALLOC},   {'w', SHF_WRITE}, {'x', SHF_EXECINSTR}, {'M', SHF_MERGE},
                 {'S', SHF_STRINGS}, {'T', SHF_TLS},   {'e', SHF_EXCLUDE}};
    uint32_t flags = 0;
    for (const char *p = letters; *p; p++) {
        size_t i = 0;
        while (i < sizeof known / sizeof *known && known[i].letter != *p)
            i++;
        if (i == sizeof known / sizeof *known) {
            mote_asm_error(a, at, "section flag '%c' is not one of awxMSTe", *p);
            return false;
        }
        flags |= known[i].flag;
    }
    s->flags = flags;
    return true;
}

static void section_type(mote_xt_assembly *a, section *s)
{
    const char *at = a->at;
    if (!mote_asm_accept(a, '@'))
        mote_asm_accept(a, '%');
    const char *type = mote_asm_name(a);
    if (type && strcmp(type, "progbits") == 0)
        s->type = SHT_PROGBITS;
    else if (type && strcmp(type, "nobits") == 0)
        s->type = SHT_NOBITS;
    else if (type && strcmp(type, "note") == 0)
        s->type = SHT_NOTE;
    else
        mote_asm_error(a, at, "expected @progbits, @nobits or @note");
}

static void enter(mote_xt_assembly *a, section *s)
{
    a->previous = a->section;
    mote_asm_enter(a, s);
}

static const char *section_name(mote_xt_assembly *a)
{
    mote_asm_space(a);
    const char *at = a->at, *name = mote_asm_word(a);
    if (!name)
        mote_asm_error(a, at, "expected the name of a section");
    return name;
}

static void run_section(mote_xt_assembly *a, int push)
{
    const char *name = section_name(a);
    if (!name)
        return;
    section *s = mote_asm_section(a, name);
    if (mote_asm_accept(a, ',')) {
        mote_asm_space(a);
        const char *at = a->at;
        size_t size;
        const uint8_t *letters = mote_asm_string(a, &size);
        if (!letters || !section_flags(a, at, mote_arena_text(&a->arena, (const char *)letters, size), s))
            return;
        if (mote_asm_accept(a, ','))
            section_type(a, s);
        int64_t entry = 0;
        if ((s->flags & SHF_MERGE) && mote_asm_accept(a, ',') && mote_asm_absolute(a, &entry))
            s->entry_size = (uint32_t)entry;
        s->flags &= s->entry_size ? UINT32_MAX : ~(uint32_t)(SHF_MERGE | SHF_STRINGS);
    }
    if (push && a->stack_count == MAX_DEPTH) {
        mote_asm_error(a, a->line->text, ".pushsection nested more than %d deep", MAX_DEPTH);
        return;
    }
    if (push)
        a->stack[a->stack_count++] = a->section;
    enter(a, s);
}

static void run_popsection(mote_xt_assembly *a, int unused)
{
    (void)unused;
    if (a->stack_count == 0)
        mote_asm_error(a, a->line->text, ".popsection without .pushsection");
    else
        enter(a, a->stack[--a->stack_count]);
}

static void run_previous(mote_xt_assembly *a, int unused)
{
    (void)unused;
    if (a->previous)
        enter(a, a->previous);
}

static const char *const standard[] = {".text", ".data", ".bss"};

static void run_standard(mote_xt_assembly *a, int index)
{
    int64_t subsection = 0;
    if (!mote_asm_at_end(a) && mote_asm_absolute(a, &subsection) && subsection != 0)
        mote_asm_error(a, a->line->text, "subsections are not supported; write sections in the order you want");
    enter(a, mote_asm_section(a, standard[index]));
}

/* .global A, B and so on: the argument is the binding, or 16 and the visibility. */
static void run_attribute(mote_xt_assembly *a, int argument)
{
    do {
        mote_asm_space(a);
        const char *at = a->at, *name = mote_asm_name(a);
        if (!name) {
            mote_asm_error(a, at, "expected the name of a symbol");
            return;
        }
        symbol *s = mote_asm_symbol(a, name);
        if (argument >= 16)
            s->visibility = (uint8_t)(argument - 16);
        else
            s->binding = (uint8_t)argument;
    } while (mote_asm_accept(a, ','));
}

static symbol *symbol_and_comma(mote_xt_assembly *a)
{
    mote_asm_space(a);
    const char *at = a->at, *name = mote_asm_name(a);
    if (!name)
        mote_asm_error(a, at, "expected the name of a symbol");
    return name && mote_asm_expect(a, ',', "the symbol") ? mote_asm_symbol(a, name) : NULL;
}

static void run_type(mote_xt_assembly *a, int unused)
{
    (void)unused;
    static const struct {
        const char *name;
        uint8_t type;
    } types[] = {{"function", STT_FUNC},  {"object", STT_OBJECT}, {"notype", STT_NOTYPE},    {"common", STT_COMMON},
                 {"tls_object", STT_TLS}, {"STT_FUNC", STT_FUNC}, {"STT_OBJECT", STT_OBJECT}};
    symbol *s = symbol_and_comma(a);
    if (!s)
        return;
    mote_asm_space(a);
    const char *at = a->at;
    if (!mote_asm_accept(a, '@'))
        mote_asm_accept(a, '%');
    const char *type = mote_asm_name(a);
    for (size_t i = 0; type && i < sizeof types / sizeof *types; i++)
        if (strcmp(type, types[i].name) == 0) {
            s->type = types[i].type;
            return;
        }
    mote_asm_error(a, at, "expected @function, @object or @notype");
}

static void run_size(mote_xt_assembly *a, int unused)
{
    (void)unused;
    symbol *s = symbol_and_comma(a);
    if (s)
        s->size = mote_asm_expr(a);
}

static void run_set(mote_xt_assembly *a, int redefinable)
{
    mote_asm_space(a);
    const char *at = a->at, *name = mote_asm_name(a);
    if (!name)
        mote_asm_error(a, at, "expected the name of a symbol");
    if (!name || !mote_asm_expect(a, ',', "the symbol"))
        return;
    const expr *e = mote_asm_expr(a);
    if (e)
        mote_asm_assign(a, name, at, e, redefinable != 0);
}

/* .comm NAME, SIZE[, ALIGN]; .lcomm the same in .bss */
static void run_common(mote_xt_assembly *a, int local)
{
    symbol *s = symbol_and_comma(a);
    int64_t size = 0, align = 4;
    const char *at = a->at;
    if (!s || !mote_asm_absolute(a, &size) || (mote_asm_accept(a, ',') && !mote_asm_absolute(a, &align)))
        return;
    if (size < 0 || size > MAX_OUTPUT || align < 1 || align > 65536 || (align & (align - 1))) {
        mote_asm_error(a, at, "expected a size up to %u and an alignment that is a power of two", MAX_OUTPUT);
        return;
    }
    if (!local) {
        if (s->kind != SYMBOL_COMMON && !(s = mote_asm_define(a, s, at)))
            return;
        s->kind = SYMBOL_COMMON;
        s->binding = STB_GLOBAL;
        s->type = STT_OBJECT;
        s->align = (uint32_t)align;
        s->value = s->size = mote_asm_number(a, size);
        return;
    }
    section *before = a->section;
    a->section = mote_asm_section(a, ".bss");
    mote_asm_align(a, (uint32_t)align, 0, UINT32_MAX);
    s = mote_asm_label(a, s, at);
    mote_asm_item(a, a->section, ITEM_SPACE)->size = (uint32_t)size;
    if (s) {
        s->type = STT_OBJECT;
        s->size = mote_asm_number(a, size);
    }
    a->section = before;
}

static void run_ignored(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_skip_statement(a);
}

enum { SAY_ERROR, SAY_WARNING };

static void run_say(mote_xt_assembly *a, int kind)
{
    const char *at = a->line->text, *message = mote_asm_at_end(a) ? NULL : mote_asm_word(a);
    if (kind == SAY_ERROR)
        mote_asm_error(a, at, "%.300s", message ? message : "the source says .err");
    else
        mote_asm_warn(a, at, "%.300s", message ? message : "the source says .warning");
}

/* The regions of .begin and .end: what each word does to the modes. `known` words without effect are accepted. */
static bool apply_mode(mote_xt_assembly *a, const char *word)
{
    bool on = strncmp(word, "no-", 3) != 0;
    const char *what = on ? word : word + 3;
    if (strcmp(what, "transform") == 0)
        a->modes.transform = on;
    else if (strcmp(what, "density") == 0)
        a->modes.density = on;
    else if (strcmp(what, "longcalls") == 0)
        a->modes.longcalls = on;
    else if (strcmp(word, "literal_prefix") == 0)
        a->modes.literal_prefix = mote_asm_at_end(a) ? NULL : mote_asm_word(a);
    else
        return strcmp(what, "absolute-literals") == 0 || strcmp(what, "schedule") == 0 ||
               strcmp(what, "target-align") == 0;
    return true;
}

static const char *region_word(mote_xt_assembly *a)
{
    mote_asm_space(a);
    const char *start = a->at;
    while (a->at < a->line->end && (mote_asm_is_name(*a->at) || *a->at == '-'))
        a->at++;
    return mote_arena_text(&a->arena, start, (size_t)(a->at - start));
}

static void run_begin(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_space(a);
    const char *at = a->at, *word = region_word(a);
    if (a->region_count == MAX_DEPTH) {
        mote_asm_error(a, at, ".begin nested more than %d deep", MAX_DEPTH);
        return;
    }
    modes before = a->modes;
    if (!apply_mode(a, word)) {
        mote_asm_error(a, at,
                       "expected transform, density, longcalls or literal_prefix, the first three perhaps with no-");
        return;
    }
    a->regions[a->region_count].before = before;
    a->regions[a->region_count].word = word;
    a->regions[a->region_count++].line = a->line;
}

static void run_end(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_space(a);
    const char *at = a->at, *word = region_word(a);
    if (a->region_count == 0) {
        mote_asm_error(a, at, ".end without .begin");
        return;
    }
    const char *open = a->regions[a->region_count - 1].word;
    if (strcmp(open, word) != 0) {
        mote_asm_error(a, at, "expected .end %s, for the .begin at line %u", open,
                       a->regions[a->region_count - 1].line->number);
        return;
    }
    a->modes = a->regions[--a->region_count].before;
}

static const directive plain[] = {
    {"section", run_section, 0},
    {"pushsection", run_section, 1},
    {"popsection", run_popsection, 0},
    {"previous", run_previous, 0},
    {"text", run_standard, 0},
    {"data", run_standard, 1},
    {"bss", run_standard, 2},
    {"global", run_attribute, STB_GLOBAL},
    {"globl", run_attribute, STB_GLOBAL},
    {"weak", run_attribute, STB_WEAK},
    {"local", run_attribute, STB_LOCAL},
    {"hidden", run_attribute, 16 + STV_HIDDEN},
    {"internal", run_attribute, 16 + STV_INTERNAL},
    {"protected", run_attribute, 16 + STV_PROTECTED},
    {"type", run_type, 0},
    {"size", run_size, 0},
    {"set", run_set, 1},
    {"equ", run_set, 1},
    {"equiv", run_set, 0},
    {"comm", run_common, 0},
    {"lcomm", run_common, 1},
    {"begin", run_begin, 0},
    {"end", run_end, 0},
    {"err", run_say, SAY_ERROR},
    {"error", run_say, SAY_ERROR},
    {"warning", run_say, SAY_WARNING},
    {"extern", run_ignored, 0},
    {"file", run_ignored, 0},
    {"loc", run_ignored, 0},
    {"ident", run_ignored, 0},
    {"title", run_ignored, 0},
    {"frequency", run_ignored, 0},
    {NULL, NULL, 0},
};

static const directive *const tables[] = {plain, mote_asm_data, mote_asm_conditionals, mote_asm_macros, mote_asm_repeats, NULL};

const directive *mote_asm_directive(const char *name)
{
    static const directive ignored = {"cfi", run_ignored, 0};
    if (strncasecmp(name, "cfi_", 4) == 0)
        return &ignored;
    for (const directive *const *t = tables; *t; t++)
        for (const directive *d = *t; d->name; d++)
            if (strcasecmp(d->name, name) == 0)
                return d;
    return NULL;
}

/* Number of single-letter edits between two words, of which only the first 31 letters count. */
static unsigned distance(const char *left, const char *right)
{
    unsigned row[32];
    size_t n = strnlen(right, 31);
    for (size_t j = 0; j <= n; j++)
        row[j] = (unsigned)j;
    for (size_t i = 0; i < 31 && left[i]; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i + 1;
        for (size_t j = 0; j < n; j++) {
            unsigned best = diagonal + (left[i] != right[j]);
            diagonal = row[j + 1];
            best = best < diagonal + 1 ? best : diagonal + 1;
            row[j + 1] = best < row[j] + 1 ? best : row[j] + 1;
        }
    }
    return row[n];
}

const char *mote_asm_nearest_directive(const char *name)
{
    const char *nearest = NULL;
    unsigned best = 3; /* more than two edits is another word */
    for (const directive *const *t = tables; *t; t++)
        for (const directive *d = *t; d->name; d++) {
            unsigned edits = distance(name, d->name);
            if (edits < best) {
                best = edits;
                nearest = d->name;
            }
        }
    return nearest;
}
