/* Directives .rept, .irp and .irpc. */
#include "xtensa/asm/macro.h"

static const char *const opens[] = {".rept", ".rep", ".irp", ".irep", ".irpc", ".irepc", NULL};
static const char *const closes[] = {".endr", NULL};

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
    if (mote_asm_collect(a, opens, closes, &b) && ok && count > 0)
        mote_asm_push_expansion(a, &b, b.text.at, b.shown, b.text.size, (uint32_t)count - 1, false);
}

/* Writes the body once for each value, or each character, in `from` to `out`, unless that is NULL. Returns the size.
 * Leaves the cursor where it is. */
static size_t repeat(mote_xt_assembly *a, const body *b, arguments *v, const source_line *from, bool characters,
                     char *out)
{
    const source_line *before = a->line;
    const char *at = a->at;
    size_t size = 0;
    a->line = from;
    a->at = from->text;
    do {
        if (characters) {
            v->values[0] = (text){a->at, a->at < from->end};
            a->at += v->values[0].size;
        } else {
            v->values[0] = mote_asm_argument(a, false);
            mote_asm_accept(a, ',');
        }
        size += mote_asm_substitute(b, v, out ? out + size : NULL);
    } while (!mote_asm_at_end(a) && size <= MAX_TEXT);
    a->line = before;
    a->at = at;
    return size;
}

static void run_irp(mote_xt_assembly *a, int characters)
{
    macro m = {.count = 1};
    arguments v = {.macro = &m, .count = {"0", 1}, .bare = a->altmacro};
    m.parameters[0].name = mote_asm_name(a);
    bool ok = m.parameters[0].name != NULL;
    if (!ok)
        mote_asm_error(a, a->at, "expected a name for the values");
    mote_asm_accept(a, ',');
    mote_asm_space(a);
    source_line values = *a->line;
    values.text = a->at;
    body b;
    if (!mote_asm_collect(a, opens, closes, &b) || !ok)
        return;
    size_t size = repeat(a, &b, &v, &values, characters, NULL);
    if (!mote_asm_fits(a, size))
        return;
    char *out = mote_arena_alloc(&a->arena, size + 1);
    repeat(a, &b, &v, &values, characters, out);
    mote_asm_push_expansion(a, &b, out, out, size, 0, false);
}

static void run_stray(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_error(a, a->line->text, "this ends nothing: no .rept is open");
}

const directive mote_asm_repeats[] = {
    {"rept", run_rept, 0}, {"rep", run_rept, 0},  {"irp", run_irp, 0},    {"irep", run_irp, 0},
    {"irpc", run_irp, 1},  {"irepc", run_irp, 1}, {"endr", run_stray, 0}, {NULL, NULL, 0},
};
