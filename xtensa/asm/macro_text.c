/* Collects the bodies of macros and repetitions, and replaces the parameters in them. */
#include <ctype.h>
#include <string.h>

#include "xtensa/asm/macro.h"

/* Returns the end of the statement that starts at p: a semicolon outside strings and character constants, or the end of
 * the line. */
static const char *statement_end(const char *p, const char *end)
{
    bool quoted = false;
    for (; p < end && *p != '\n' && (quoted || *p != ';'); p++) {
        if (*p == '"')
            quoted = !quoted;
        else if (*p == (quoted ? '\\' : '\'') && p + 1 < end && p[1] != '\n')
            p++;
    }
    return p;
}

/* Returns the end of the name of the directive in [p, end), after spaces and labels, if it is one of `names`; else
 * NULL. */
static const char *directive_end(const char *p, const char *end, const char *const *names)
{
    for (;;) {
        while (p < end && isspace((unsigned char)*p))
            p++;
        const char *word = p;
        while (p < end && mote_asm_is_name(*p))
            p++;
        for (const char *const *name = names; *name; name++)
            if (strlen(*name) == (size_t)(p - word) && strncasecmp(*name, word, (size_t)(p - word)) == 0)
                return p;
        if (p == word || p >= end || *p != ':')
            return NULL;
        p++;
    }
}

/* Makes the line that contains `at` the current line; the frame continues after it. `at` lies in the frame, in or after
 * the current line. */
static void enter_line(mote_xt_assembly *a, frame *f, const char *at)
{
    source_line *l = mote_arena_alloc(&a->arena, sizeof *l);
    *l = *a->line;
    for (const char *newline; (newline = memchr(l->text, '\n', (size_t)(at - l->text))); l->number++)
        l->text = newline + 1;
    const char *newline = memchr(at, '\n', (size_t)(f->end - at));
    l->end = newline ? newline : f->end;
    l->shown = f->shown + (l->text - f->begin);
    f->at = newline ? newline + 1 : f->end;
    f->number = l->number + 1;
    a->line = l;
    a->at = at;
}

bool mote_asm_collect(mote_xt_assembly *a, const char *const *opens, const char *const *closes, body *out)
{
    const source_line *opened = a->line;
    frame *f = a->frames;
    mote_asm_skip_statement(a);
    const char *start = a->at < f->end ? a->at + 1 : a->at;
    bool next_line = a->at >= a->line->end;
    *out = (body){.text = {start, 0},
                  .shown = f->shown + (start - f->begin),
                  .file = f->file,
                  .line = a->line->number + next_line};
    int depth = 1;
    for (const char *p = start; p < f->end;) {
        const char *end = statement_end(p, f->end);
        const char *close = directive_end(p, end, closes);
        depth += (directive_end(p, end, opens) != NULL) - (close != NULL);
        if (depth == 0) {
            out->text.size = (size_t)(p - start);
            enter_line(a, f, close);
            return true;
        }
        p = end < f->end ? end + 1 : end;
    }
    f->at = f->end;
    a->at = a->line->end;
    mote_asm_error_at(a, opened, opened->text, "this has no %s", closes[0]);
    return false;
}

static bool is_operator(char c)
{
    return strchr("+-*/%|&^<>=!~", c) != NULL && c;
}

/* .altmacro: reads <text>, in which ! quotes the next character. */
static text bracketed(mote_xt_assembly *a)
{
    const char *p = a->at + 1, *end = a->line->end;
    char *copy = mote_arena_alloc(&a->arena, (size_t)(end - p) + 1);
    size_t size = 0;
    for (int depth = 1; p < end; p++) {
        depth += (*p == '<') - (*p == '>');
        if (depth == 0)
            break;
        if (*p == '!' && p + 1 < end)
            p++;
        copy[size++] = *p;
    }
    a->at = p < end ? p + 1 : p;
    return (text){copy, size};
}

/* .altmacro: reads %expression and returns its value as a decimal number. */
static text computed(mote_xt_assembly *a)
{
    int64_t number = 0;
    a->at++;
    if (!mote_asm_absolute(a, &number))
        mote_asm_skip_statement(a);
    const char *digits = mote_asm_print(a, "%lld", (long long)number);
    return (text){digits, strlen(digits)};
}

text mote_asm_argument(mote_xt_assembly *a, bool rest)
{
    mote_asm_space(a);
    const char *start = a->at, *end = a->line->end, *p = start;
    int parentheses = 0;
    bool quoted = false;
    if (a->altmacro && p < end && !rest && (*p == '<' || *p == '%'))
        return *p == '<' ? bracketed(a) : computed(a);
    if (p < end && *p == '"' && !rest) {
        for (p++; p < end && *p != '"'; p++)
            p += *p == '\\' && p + 1 < end;
        a->at = p < end ? p + 1 : p;
        return (text){start + 1, (size_t)(p - start - 1)};
    }
    for (; p < end && (quoted || *p != ';'); p++) {
        if (*p == '"')
            quoted = !quoted;
        if (quoted || rest)
            continue;
        parentheses += (*p == '(') - (*p == ')');
        if (parentheses <= 0 && *p == ',')
            break;
        if (parentheses <= 0 && isspace((unsigned char)*p)) {
            const char *q = p;
            while (q < end && isspace((unsigned char)*q))
                q++;
            if (q >= end || !(is_operator(*q) || is_operator(p[-1])))
                break;
            p = q - 1;
        }
    }
    a->at = p;
    while (p > start && isspace((unsigned char)p[-1]))
        p--;
    return (text){start, (size_t)(p - start)};
}

/* Returns the value of the longest parameter name with which [p, end) begins or, when `whole`, that equals [p, end);
 * NULL when there is none. *size gets the length of the name. */
static const text *named(const arguments *v, const char *p, const char *end, bool whole, size_t *size)
{
    for (size_t n = (size_t)(end - p); n; n = whole ? 0 : n - 1)
        for (size_t i = 0; i < v->macro->count; i++)
            if (strlen(v->macro->parameters[i].name) == n && memcmp(v->macro->parameters[i].name, p, n) == 0) {
                *size = n;
                return &v->values[i];
            }
    return NULL;
}

static const char *name_end(const char *p, const char *end)
{
    while (p < end && mote_asm_is_name(*p))
        p++;
    return p;
}

/* Returns the text for the reference that a backslash at p begins. *used gets the length of the reference, 0 when there
 * is none. */
static text lookup(const arguments *v, const char *p, const char *end, size_t *used)
{
    *used = 0;
    if (p + 1 >= end)
        return (text){0};
    if (p[1] == '@') {
        *used = 2;
        return v->count;
    }
    if (p[1] == '(' && p + 2 < end && p[2] == ')') {
        *used = 3;
        return (text){0};
    }
    /* \name.s8: the longest prefix that is a parameter is taken */
    size_t size;
    const text *found = named(v, p + 1, name_end(p + 1, end), false, &size);
    if (!found)
        return (text){0};
    *used = size + 1;
    return *found;
}

/* .altmacro: the same for a parameter's name without a backslash. An & next to it only joins it to its neighbour, and
 * is part of the reference. */
static text lookup_bare(const arguments *v, const char *begin, const char *p, const char *end, size_t *used)
{
    *used = 0;
    size_t joined = *p == '&', size;
    const char *word = p + joined;
    bool starts = word < end && mote_asm_is_name_start(*word) && *word != '.' &&
                  (joined || p == begin || !mote_asm_is_name(p[-1]));
    const char *last = word;
    while (starts && last < end && mote_asm_is_name(*last) && *last != '.')
        last++;
    const text *found = starts ? named(v, word, last, true, &size) : NULL;
    if (found)
        *used = joined + size + (last < end && *last == '&');
    return found ? *found : (text){0};
}

size_t mote_asm_substitute(const body *b, const arguments *values, char *out)
{
    const char *begin = b->text.at, *p = begin, *end = begin + b->text.size;
    size_t size = 0;
    while (p < end && size <= MAX_TEXT) {
        size_t used = 0;
        text t = {p, 1};
        if (*p == '\\')
            t = lookup(values, p, end, &used);
        else if (values->bare)
            t = lookup_bare(values, begin, p, end, &used);
        if (used == 0)
            t = (text){p, used = 1};
        if (out && t.size)
            memcpy(out + size, t.at, t.size);
        size += t.size;
        p += used;
    }
    return size;
}

void mote_asm_push_expansion(mote_xt_assembly *a, const body *b, const char *begin, const char *shown, size_t size,
                             uint32_t repeats, bool is_macro)
{
    const source_line *user = a->line;
    if (mote_asm_push_rest_of_line(a))
        mote_asm_push(a, (frame){.begin = begin,
                                 .end = begin + size,
                                 .shown = shown,
                                 .file = b->file,
                                 .first_number = b->line,
                                 .parent = user,
                                 .repeats = repeats,
                                 .macro = is_macro});
}

bool mote_asm_fits(mote_xt_assembly *a, size_t size)
{
    if (size <= MAX_TEXT - a->text_read)
        return true;
    mote_asm_error(a, a->line->text, "the source grows beyond %zu MB here", MAX_TEXT >> 20);
    a->ended = true;
    return false;
}
