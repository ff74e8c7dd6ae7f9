/* Macros: definition and expansion. */
#include "xtensa/asm/macro.h"

#include <ctype.h>
#include <string.h>

static const char *const opens[] = {".macro", NULL}, *const closes[] = {".endm", ".endmacro", NULL};

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
        p->fallback = mote_asm_argument(a, false);
    mote_asm_accept(a, ',');
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
    mote_asm_accept(a, ',');
    while (ok && !mote_asm_at_end(a)) {
        ok = m->count < MAX_PARAMETERS && parse_parameter(a, &m->parameters[m->count]);
        if (m->count++ == MAX_PARAMETERS)
            mote_asm_error(a, a->at, "more than %d parameters", MAX_PARAMETERS);
    }
    if (!mote_asm_collect(a, opens, closes, &m->body) || !ok)
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

/* .altmacro: turns the names after LOCAL at the start of the body into parameters, each with a new name as its value.
 */
static void take_locals(mote_xt_assembly *a, macro *m, body *b, arguments *v)
{
    const char *end = b->text.at + b->text.size;
    for (;;) {
        const char *p = b->text.at;
        while (p < end && isspace((unsigned char)*p))
            p++;
        if (end - p < 6 || strncasecmp(p, "local", 5) != 0 || mote_asm_is_name(p[5]))
            return;
        for (p += 5; p < end && *p != '\n' && *p != ';';) {
            const char *word = p;
            while (p < end && mote_asm_is_name(*p))
                p++;
            if (p > word && m->count < MAX_PARAMETERS) {
                const char *name = mote_asm_print(a, ".LL%04x", ++a->locals);
                m->parameters[m->count].name = mote_arena_text(&a->arena, word, (size_t)(p - word));
                v->values[m->count++] = (text){name, strlen(name)};
            }
            p += p == word;
        }
        p += p < end;
        b->line += p > b->text.at && p[-1] == '\n';
        b->text = (text){p, (size_t)(end - p)};
    }
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
        text t = mote_asm_argument(a, m->parameters[index].rest);
        if (t.size || m->parameters[index].fallback.size == 0)
            values[index] = t;
        mote_asm_accept(a, ',');
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
    const macro *found = a->macros;
    while (found && strcasecmp(found->name, name) != 0)
        found = found->next;
    if (!found)
        return false;
    macro m = *found;
    const char *number = mote_asm_print(a, "%u", a->expansions);
    arguments v = {.macro = &m, .count = {number, strlen(number)}, .bare = a->altmacro};
    for (size_t i = 0; i < m.count; i++)
        v.values[i] = m.parameters[i].fallback;
    if (!read_arguments(a, &m, v.values)) {
        mote_asm_skip_statement(a);
        return true;
    }
    if (a->altmacro)
        take_locals(a, &m, &m.body, &v);
    size_t size = mote_asm_substitute(&m.body, &v, NULL);
    if (mote_asm_fits(a, size)) {
        char *out = mote_arena_alloc(&a->arena, size + 1);
        mote_asm_substitute(&m.body, &v, out);
        mote_asm_push_expansion(a, &m.body, out, out, size, 0, true);
    }
    a->expansions++;
    return true;
}

static void run_exitm(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_leave_macro(a);
}

static void run_altmacro(mote_xt_assembly *a, int on)
{
    a->altmacro = on != 0;
}

static void run_stray(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_error(a, a->line->text, "this ends nothing: no .macro is open");
}

const directive mote_asm_macros[] = {
    {"macro", run_macro, 0},       {"purgem", run_purgem, 0},       {"exitm", run_exitm, 0},    {"endm", run_stray, 0},
    {"altmacro", run_altmacro, 1}, {"noaltmacro", run_altmacro, 0}, {"endmacro", run_stray, 0}, {NULL, NULL, 0},
};
