#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/debug/debugger_data.h"

static int32_t value_of(const mote_xt_machine *m, const mote_xt_register *r)
{
    uint8_t bytes[MOTE_XT_WIDEST] = {0};
    int32_t value;
    mote_xt_register_read(m, r, bytes);
    memcpy(&value, bytes, sizeof value);
    return value;
}

static bool holds(const mote_xt_debugger *d, const mote_xt_condition *c)
{
    if (!c->left)
        return true;
    const mote_xt_machine *m = d->program->machine;
    int32_t a = value_of(m, c->left), b = c->right ? value_of(m, c->right) : c->value;
    switch (c->op[0]) {
    case '=':
        return a == b;
    case '!':
        return a != b;
    case '<':
        return c->op[1] ? a <= b : a < b;
    default:
        return c->op[1] ? a >= b : a > b;
    }
}

/* Parses `if REGISTER OP VALUE`. Without any words, the condition is always true. */
static bool parse_condition(mote_xt_debugger *d, const mote_xt_words *w, int at, mote_xt_condition *c)
{
    static const char *const ops[] = {"==", "!=", "<=", ">=", "<", ">"};
    *c = (mote_xt_condition){0};
    if (at == w->count)
        return true;
    if (strcmp(w->word[at], "if") != 0 || w->count != at + 4) {
        mote_xt_debugger_complain(d, "expected `if REGISTER OP VALUE`, such as `if a2 == 5`");
        return false;
    }
    c->left = mote_xt_register_find(w->word[at + 1]);
    c->right = mote_xt_register_find(w->word[at + 3]);
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        if (strcmp(ops[i], w->word[at + 2]) == 0)
            snprintf(c->op, sizeof c->op, "%s", ops[i]);
    if (!c->left)
        mote_xt_debugger_complain(d, "%s is no register", w->word[at + 1]);
    else if (!c->op[0])
        mote_xt_debugger_complain(d, "%s is no comparison; use == != < <= > >=", w->word[at + 2]);
    char *end = w->word[at + 3];
    if (!c->right)
        c->value = (int32_t)strtoll(w->word[at + 3], &end, 0);
    if (!c->right && *end)
        mote_xt_debugger_complain(d, "%s is neither a number nor a register", w->word[at + 3]);
    return c->left && c->op[0] && (c->right || !*end);
}

static void describe(mote_xt_debugger *d, const mote_xt_stopper *s)
{
    static const char *const kinds[] = {"break", "watch r", "watch w", "watch rw"};
    char location[MOTE_XT_LOCATION];
    fprintf(d->options.out, "%d: %s 0x%08x <%s>", s->number, kinds[s->watch.size ? s->watch.access & 3 : 0],
            s->watch.address, mote_xt_program_location(d->program, s->watch.address, location));
    if (s->watch.size)
        fprintf(d->options.out, ", %u bytes", s->watch.size);
    if (s->condition.right)
        fprintf(d->options.out, " if %s %s %s", s->condition.left->name, s->condition.op, s->condition.right->name);
    else if (s->condition.left)
        fprintf(d->options.out, " if %s %s %" PRId32, s->condition.left->name, s->condition.op, s->condition.value);
}

static void add(mote_xt_debugger *d, mote_xt_stopper s)
{
    bool set = d->stop_count < MOTE_XT_STOPS;
    if (set)
        set = s.watch.size ? mote_xt_program_watchpoint(d->program, s.watch, true)
                           : mote_xt_program_breakpoint(d->program, s.watch.address, true);
    if (!set) {
        mote_xt_debugger_complain(d, "no more can be set; delete one first");
        return;
    }
    s.number = d->next_number++;
    d->stops[d->stop_count++] = s;
    describe(d, &s);
    fputc('\n', d->options.out);
}

void mote_xt_debugger_break(mote_xt_debugger *d, const mote_xt_words *w)
{
    mote_xt_stopper s = {0};
    s.watch.address = mote_xt_get(d->program->machine, "pc");
    bool here = w->count == 1 || strcmp(w->word[1], "if") == 0;
    if ((here || mote_xt_debugger_address(d, w->word[1], &s.watch.address)) &&
        parse_condition(d, w, here ? 1 : 2, &s.condition))
        add(d, s);
}

static unsigned access_of(const char *word)
{
    return strcmp(word, "r") == 0    ? MOTE_XT_MEM_R
           : strcmp(word, "w") == 0  ? MOTE_XT_MEM_W
           : strcmp(word, "rw") == 0 ? MOTE_XT_MEM_R | MOTE_XT_MEM_W
                                     : 0;
}

void mote_xt_debugger_watch(mote_xt_debugger *d, const mote_xt_words *w)
{
    mote_xt_stopper s = {.watch = {.size = 4, .access = MOTE_XT_MEM_W}};
    if (w->count < 2) {
        mote_xt_debugger_complain(d, "watch what? An address or a symbol");
        return;
    }
    if (!mote_xt_debugger_address(d, w->word[1], &s.watch.address))
        return;
    int at = 2;
    if (at < w->count && strtoul(w->word[at], NULL, 0) > 0)
        s.watch.size = (uint32_t)strtoul(w->word[at++], NULL, 0);
    if (at < w->count && access_of(w->word[at]))
        s.watch.access = access_of(w->word[at++]);
    if (parse_condition(d, w, at, &s.condition))
        add(d, s);
}

static void remove_at(mote_xt_debugger *d, size_t i)
{
    mote_xt_stopper s = d->stops[i];
    memmove(&d->stops[i], &d->stops[i + 1], (--d->stop_count - i) * sizeof d->stops[0]);
    for (size_t k = 0; k < d->stop_count; k++) /* another may be at the same place */
        if (d->stops[k].watch.address == s.watch.address && d->stops[k].watch.size == s.watch.size &&
            d->stops[k].watch.access == s.watch.access)
            return;
    if (s.watch.size)
        mote_xt_program_watchpoint(d->program, s.watch, false);
    else
        mote_xt_program_breakpoint(d->program, s.watch.address, false);
}

void mote_xt_debugger_delete(mote_xt_debugger *d, const mote_xt_words *w)
{
    uint64_t number = 0;
    if (w->count > 1 && !mote_xt_debugger_number(d, w, 1, &number))
        return;
    size_t before = d->stop_count;
    for (size_t i = d->stop_count; i-- > 0;)
        if (w->count == 1 || (uint64_t)d->stops[i].number == number)
            remove_at(d, i);
    if (w->count > 1 && d->stop_count == before)
        mote_xt_debugger_complain(d, "there is no number %" PRIu64, number);
}

void mote_xt_debugger_show_stops(mote_xt_debugger *d)
{
    for (size_t i = 0; i < d->stop_count; i++) {
        describe(d, &d->stops[i]);
        fprintf(d->options.out, ", hit %" PRIu64 " times\n", d->stops[i].hits);
    }
    if (d->stop_count == 0)
        fputs("no breakpoints and no watchpoints\n", d->options.out);
}

bool mote_xt_debugger_break_here(const mote_xt_debugger *d)
{
    uint32_t pc = mote_xt_get(d->program->machine, "pc");
    for (size_t i = 0; i < d->stop_count; i++)
        if (!d->stops[i].watch.size && d->stops[i].watch.address == pc && holds(d, &d->stops[i].condition))
            return true;
    return false;
}

/* Prints the old and the new value of a watched place. */
static void report_watch(mote_xt_debugger *d, const mote_xt_watch *w, uint32_t before)
{
    char location[MOTE_XT_LOCATION];
    mote_xt_program_location(d->program, w->address, location);
    if (before != w->seen)
        fprintf(d->options.out, "%s: 0x%08x -> 0x%08x\n", location, before, w->seen);
    else
        fprintf(d->options.out, "%s: 0x%08x\n", location, w->seen);
}

mote_xt_stopper *mote_xt_debugger_stopper(mote_xt_debugger *d, mote_xt_stop stop)
{
    uint32_t pc = mote_xt_get(d->program->machine, "pc"), before = 0;
    const mote_xt_watch *hit = stop == MOTE_XT_STOP_WATCH ? mote_xt_program_watch_hit(d->program, &before) : NULL;
    for (size_t i = 0; i < d->stop_count; i++) {
        mote_xt_stopper *s = &d->stops[i];
        bool here =
            hit ? s->watch.size == hit->size && s->watch.address == hit->address && s->watch.access == hit->access
                : !s->watch.size && s->watch.address == pc;
        if (!here || !holds(d, &s->condition))
            continue;
        s->hits++;
        if (hit)
            report_watch(d, hit, before);
        return s;
    }
    return NULL;
}
