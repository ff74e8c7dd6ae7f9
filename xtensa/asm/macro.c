/* .macro, .rept, .irp and .irpc: text that becomes text. */
#include <ctype.h>
#include <string.h>

#include "xtensa/asm/assembler.h"

#define MAX_PARAMETERS 64

typedef struct text {
    const char *at;
    size_t size;
} text;

typedef struct parameter {
    const char *name;
    text fallback;
    bool required, rest; /* :req, :vararg */
} parameter;

typedef struct body {
    text text;
    const char *shown, *file;
    uint32_t line;
} body;

struct macro {
    macro *next;
    const char *name;
    parameter parameters[MAX_PARAMETERS];
    size_t count;
    body body;
};

/* Whether the line starts with one of `names`, after spaces and a label perhaps. */
static bool starts_with(const source_line *l, const char *const *names)
{
    const char *p = l->text;
    while (p < l->end && isspace((unsigned char)*p))
        p++;
    for (; *names; names++) {
        size_t n = strlen(*names);
        if ((size_t)(l->end - p) >= n && memcmp(p, *names, n) == 0 && (p + n == l->end || !mote_asm_is_name(p[n])))
            return true;
    }
    return false;
}

/* Takes the lines up to the matching end, all of which must be in the present text. */
static bool collect(mote_xt_assembly *a, const char *const *opens, const char *const *closes, body *out)
{
    const source_line *opened = a->line;
    frame *f = a->frames;
    *out = (body){.text = {f->at, 0}, .shown = f->shown + (f->at - f->begin), .file = f->file, .line = f->number};
    int depth = 1;
    a->at = a->line->end;
    while (f->at < f->end) {
        const char *before = f->at;
        const char *newline = memchr(f->at, '\n', (size_t)(f->end - f->at));
        source_line l = {.text = before, .end = newline ? newline : f->end};
        f->at = newline ? newline + 1 : f->end;
        f->number++;
        depth += starts_with(&l, opens) - starts_with(&l, closes);
        if (depth == 0) {
            out->text.size = (size_t)(before - out->text.at);
            return true;
        }
    }
    mote_asm_error_at(a, opened, opened->text, "this has no %s", closes[0]);
    return false;
}

static const char *const macro_opens[] = {".macro", NULL}, *const macro_closes[] = {".endm", ".endmacro", NULL};
static const char *const repeat_opens[] = {".rept", ".irp", ".irpc", NULL}, *const repeat_closes[] = {".endr", NULL};

static bool is_operator(char c)
{
    return strchr("+-*/%|&^<>=!~", c) != NULL && c;
}

/* One argument of a macro: up to a comma or to a space that no operator touches; quotes and parentheses hold together.
 */
static text argument(mote_xt_assembly *a, bool rest)
{
    mote_asm_space(a);
    const char *start = a->at, *end = a->line->end, *p = start;
    int parentheses = 0;
    bool quoted = false;
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

static void separator(mote_xt_assembly *a)
{
    mote_asm_accept(a, ',');
}

static bool parse_parameter(mote_xt_assembly *a, parameter *p)
{
    *p = (parameter){.name = mote_asm_name(a)};
    if (!p->name) {
        mote_asm_error(a, a->at, "expected the name of a parameter");
        return false;
    }
    if (mote_asm_accept(a, ':')) {
        const char *at = a->at, *kind = mote_asm_name(a);
        p->required = kind && strcmp(kind, "req") == 0;
        p->rest = kind && strcmp(kind, "vararg") == 0;
        if (!p->required && !p->rest) {
            mote_asm_error(a, at, "expected req or vararg after ':'");
            return false;
        }
    }
    if (mote_asm_accept(a, '='))
        p->fallback = argument(a, false);
    separator(a);
    return true;
}

static void run_macro(mote_xt_assembly *a, int unused)
{
    (void)unused;
    macro *m = mote_arena_alloc(&a->arena, sizeof *m);
    mote_asm_space(a);
    const char *at = a->at;
    m->name = mote_asm_name(a);
    bool ok = m->name != NULL;
    if (!ok)
        mote_asm_error(a, a->at, "expected the name of the macro");
    separator(a);
    while (ok && !mote_asm_at_end(a)) {
        ok = m->count < MAX_PARAMETERS && parse_parameter(a, &m->parameters[m->count]);
        if (m->count++ == MAX_PARAMETERS)
            mote_asm_error(a, a->at, "more than %d parameters", MAX_PARAMETERS);
    }
    if (!collect(a, macro_opens, macro_closes, &m->body) || !ok)
        return;
    for (macro *other = a->macros; other; other = other->next)
        if (strcmp(other->name, m->name) == 0) {
            mote_asm_error(a, at, "macro '%s' is already defined; .purgem forgets it", m->name);
            return;
        }
    m->next = a->macros;
    a->macros = m;
}

static void run_purgem(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_space(a);
    const char *at = a->at, *name = mote_asm_name(a);
    for (macro **m = &a->macros; name && *m; m = &(*m)->next)
        if (strcmp((*m)->name, name) == 0) {
            *m = (*m)->next;
            return;
        }
    mote_asm_error(a, at, "there is no macro of that name");
}

/* What a backslash at p stands for; *used gets the length of the reference, 0 when it stands for itself. */
static text lookup(const macro *m, const text *values, text count, const char *p, const char *end, size_t *used)
{
    *used = 0;
    if (p + 1 >= end)
        return (text){0};
    if (p[1] == '@') {
        *used = 2;
        return count;
    }
    if (p[1] == '(' && p + 2 < end && p[2] == ')') {
        *used = 3;
        return (text){0};
    }
    const char *q = p + 1;
    while (q < end && mote_asm_is_name(*q))
        q++;
    size_t n = (size_t)(q - p - 1);
    /* \name.s8: the longest prefix that is a parameter counts */
    for (; n; n--)
        for (size_t i = 0; i < m->count; i++)
            if (strlen(m->parameters[i].name) == n && memcmp(m->parameters[i].name, p + 1, n) == 0) {
                *used = n + 1;
                return values[i];
            }
    return (text){0};
}

/* Writes the body with its parameters replaced to `out`, or only measures when that is NULL. Stops beyond MAX_TEXT. */
static size_t substitute(const macro *m, const text *values, text count, char *out)
{
    const char *p = m->body.text.at, *end = p + m->body.text.size;
    size_t size = 0;
    while (p < end && size <= MAX_TEXT) {
        size_t used = 0;
        text t = {p, 1};
        if (*p == '\\')
            t = lookup(m, values, count, p, end, &used);
        if (used == 0)
            t = (text){p, used = 1};
        if (out && t.size)
            memcpy(out + size, t.at, t.size);
        size += t.size;
        p += used;
    }
    return size;
}

static void push(mote_xt_assembly *a, const body *b, const char *begin, const char *shown, size_t size,
                 uint32_t repeats, bool is_macro)
{
    mote_asm_push(a, (frame){.begin = begin,
                             .end = begin + size,
                             .shown = shown,
                             .file = b->file,
                             .first_number = b->line,
                             .parent = a->line,
                             .repeats = repeats,
                             .macro = is_macro});
}

static void expand(mote_xt_assembly *a, const macro *m, const text *values, bool is_macro)
{
    const char *number = mote_asm_print(a, "%u", a->expansions);
    text count = {number, strlen(number)};
    size_t size = substitute(m, values, count, NULL);
    if (size > MAX_TEXT - a->text_read) {
        mote_asm_error(a, a->line->text, "the source grows beyond %zu MB here", MAX_TEXT >> 20);
        a->ended = true;
        return;
    }
    char *out = mote_arena_alloc(&a->arena, size + 1);
    substitute(m, values, count, out);
    push(a, &m->body, out, out, size, 0, is_macro);
}

/* What follows the macro's statement on its line is read after the expansion. */
static bool push_rest_of_line(mote_xt_assembly *a)
{
    if (mote_asm_at_end(a) && a->at < a->line->end) {
        const source_line *l = a->line;
        frame f = {.begin = a->at + 1,
                   .end = l->end,
                   .shown = l->shown + (a->at + 1 - l->text),
                   .file = l->file,
                   .first_number = l->number,
                   .parent = l->parent};
        if (!mote_asm_push(a, f))
            return false;
    }
    a->at = a->line->end;
    return true;
}

static int parameter_named(const macro *m, const char *at, const char *end)
{
    const char *p = at;
    while (p < end && mote_asm_is_name(*p))
        p++;
    const char *q = p;
    while (q < end && isspace((unsigned char)*q))
        q++;
    if (p == at || q >= end || *q != '=' || (q + 1 < end && q[1] == '='))
        return -1;
    for (size_t i = 0; i < m->count; i++)
        if (strlen(m->parameters[i].name) == (size_t)(p - at) &&
            memcmp(m->parameters[i].name, at, (size_t)(p - at)) == 0)
            return (int)i;
    return -1;
}

static bool read_arguments(mote_xt_assembly *a, const macro *m, text *values)
{
    size_t next = 0;
    while (!mote_asm_at_end(a)) {
        int named = parameter_named(m, a->at, a->line->end);
        size_t index = named >= 0 ? (size_t)named : next++;
        if (named >= 0)
            while (*a->at++ != '=')
                ;
        if (index >= m->count) {
            mote_asm_error(a, a->at, "macro '%s' takes %zu arguments; this is one more", m->name, m->count);
            return false;
        }
        text t = argument(a, m->parameters[index].rest);
        if (t.size || m->parameters[index].fallback.size == 0)
            values[index] = t;
        separator(a);
    }
    for (size_t i = 0; i < m->count; i++)
        if (m->parameters[i].required && values[i].size == 0) {
            mote_asm_error(a, a->at, "macro '%s' needs its argument '%s'", m->name, m->parameters[i].name);
            return false;
        }
    return true;
}

bool mote_asm_expand_macro(mote_xt_assembly *a, const char *name)
{
    const macro *m = a->macros;
    while (m && strcasecmp(m->name, name) != 0)
        m = m->next;
    if (!m)
        return false;
    text values[MAX_PARAMETERS] = {{0}};
    for (size_t i = 0; i < m->count; i++)
        values[i] = m->parameters[i].fallback;
    if (read_arguments(a, m, values) && push_rest_of_line(a)) {
        expand(a, m, values, true);
        a->expansions++;
    } else {
        mote_asm_skip_statement(a);
    }
    return true;
}

static void run_rept(mote_xt_assembly *a, int unused)
{
    (void)unused;
    int64_t count = 0;
    mote_asm_space(a);
    const char *at = a->at;
    bool ok = mote_asm_absolute(a, &count);
    if (ok && (count < 0 || count > (int64_t)MAX_TEXT)) {
        mote_asm_error(a, at, ".rept %lld: expected 0 to %zu times", (long long)count, MAX_TEXT);
        ok = false;
    }
    body b;
    if (collect(a, repeat_opens, repeat_closes, &b) && ok && count > 0)
        push(a, &b, b.text.at, b.shown, b.text.size, (uint32_t)count - 1, false);
}

/* The values of .irp one after the other, or the characters of .irpc, become one text. */
static void run_irp(mote_xt_assembly *a, int characters)
{
    macro m = {.count = 1};
    m.parameters[0].name = mote_asm_name(a);
    bool ok = m.parameters[0].name != NULL;
    if (!ok)
        mote_asm_error(a, a->at, "expected a name for the values");
    separator(a);
    mote_asm_space(a);
    source_line values = *a->line; /* collect moves on */
    values.text = a->at;
    if (!collect(a, repeat_opens, repeat_closes, &m.body) || !ok)
        return;
    const source_line *line = a->line;
    size_t size = 0;
    char *out = NULL;
    for (int pass = 0; pass < 2; pass++) { /* measure, write */
        out = pass ? mote_arena_alloc(&a->arena, size + 1) : NULL;
        size = 0;
        a->at = values.text;
        do {
            text v = characters ? (text){a->at, a->at < line->end} : argument(a, false);
            a->at += characters != 0;
            size += substitute(&m, &v, (text){"0", 1}, out ? out + size : NULL);
            if (!characters)
                separator(a);
        } while (!mote_asm_at_end(a) && size <= MAX_TEXT);
        if (size > MAX_TEXT - a->text_read) {
            mote_asm_error(a, line->text, "the source grows beyond %zu MB here", MAX_TEXT >> 20);
            a->ended = true;
            return;
        }
    }
    a->at = line->end;
    push(a, &m.body, out, out, size, 0, false);
}

static void run_exitm(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_leave_macro(a);
}

static void run_stray(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_error(a, a->line->text, "this ends nothing: no .macro or .rept is open");
}

const directive mote_asm_macros[] = {
    {"macro", run_macro, 0}, {"purgem", run_purgem, 0}, {"rept", run_rept, 0},  {"irp", run_irp, 0},
    {"irpc", run_irp, 1},    {"exitm", run_exitm, 0},   {"endm", run_stray, 0}, {"endmacro", run_stray, 0},
    {"endr", run_stray, 0},  {NULL, NULL, 0},
};
