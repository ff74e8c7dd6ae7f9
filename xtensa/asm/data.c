/* Directives that emit strings, fill bytes and literals, or advance the position. */

#include "xtensa/asm/assembler.h"

enum { TERMINATED = 16 };

/* The argument is the size of a character, plus TERMINATED when a zero follows each string. */
static void run_string(mote_xt_assembly *a, int kind)
{
    static const uint8_t zero[8];
    size_t width = (size_t)(kind % TERMINATED);
    if (mote_asm_at_end(a))
        return;
    do {
        size_t size;
        const uint8_t *text = mote_asm_string(a, &size);
        if (!text)
            return;
        for (size_t i = 0; width > 1 && i < size && !a->ended; i++) {
            mote_asm_bytes(a, a->section, text + i, 1);
            mote_asm_bytes(a, a->section, zero, width - 1);
        }
        if (width == 1)
            mote_asm_bytes(a, a->section, text, size);
        if (kind >= TERMINATED)
            mote_asm_bytes(a, a->section, zero, width);
    } while (mote_asm_accept(a, ','));
}

/* .space COUNT[, FILL], .ds.w COUNT[, FILL]: COUNT elements of `size` bytes. The count may depend on later labels. */
static void run_space(mote_xt_assembly *a, int size)
{
    mote_asm_space(a);
    const char *at = a->at;
    int64_t fill = 0;
    const expr *count = mote_asm_expr(a);
    if (!count || (mote_asm_accept(a, ',') && !mote_asm_absolute(a, &fill)))
        return;
    if (size > 1)
        count = mote_asm_binary(a, EXPR_MUL, count, mote_asm_number(a, size));
    value v = count ? mote_asm_eval(a, count) : (value){.kind = VALUE_NUMBER};
    bool known = v.kind == VALUE_NUMBER && v.settled;
    if (known && (v.number < 0 || v.number > MAX_OUTPUT)) {
        mote_asm_error(a, at, "%lld bytes: expected 0 to %u", (long long)v.number, MAX_OUTPUT);
        return;
    }
    item *it = mote_asm_item(a, a->section, ITEM_SPACE);
    it->fill = fill;
    it->fill_size = (uint8_t)size;
    it->count = known ? NULL : count;
    it->size = known ? (uint32_t)v.number : 0;
}

/* .fill REPEAT[, SIZE[, VALUE]] */
static void run_fill(mote_xt_assembly *a, int unused)
{
    (void)unused;
    int64_t repeat = 0, size = 1, number = 0;
    mote_asm_space(a);
    const char *at = a->at;
    if (!mote_asm_absolute(a, &repeat) || (mote_asm_accept(a, ',') && !mote_asm_absolute(a, &size)) ||
        (mote_asm_accept(a, ',') && !mote_asm_absolute(a, &number)))
        return;
    if (repeat < 0 || size < 0 || size > 8 || repeat > MAX_OUTPUT || repeat * size > MAX_OUTPUT) {
        mote_asm_error(a, at, ".fill: expected 0 to %u bytes in elements of at most 8", MAX_OUTPUT);
        return;
    }
    uint64_t bytes = (uint32_t)number; /* the value has four bytes; the rest of a larger element is zero */
    for (int64_t i = 0; i < repeat && !a->ended; i++)
        mote_asm_bytes(a, a->section, &bytes, (size_t)size);
}

enum { ALIGN_BYTES, ALIGN_POWER, FILL_SIZE = 16 };

/* .align and .balign take a power of two, .p2align takes its logarithm; [, FILL[, MOST]] may follow. `kind` also
 * contains the size of FILL. */
static void run_align(mote_xt_assembly *a, int kind)
{
    int unit = kind % FILL_SIZE;
    int64_t align = 0, fill = 0, most = UINT32_MAX;
    mote_asm_space(a);
    const char *at = a->at;
    if (!mote_asm_at_end(a) && !mote_asm_absolute(a, &align))
        return;
    if (mote_asm_accept(a, ',')) {
        mote_asm_space(a);
        if (a->at < a->line->end && *a->at != ',' && !mote_asm_absolute(a, &fill))
            return;
        if (mote_asm_accept(a, ',') && !mote_asm_absolute(a, &most))
            return;
    }
    if (unit == ALIGN_POWER)
        align = align >= 0 && align <= 16 ? 1 << align : -1;
    if (align == 0)
        return;
    if (align < 0 || align > 65536 || (align & (align - 1)))
        mote_asm_error(a, at, "expected %s", unit == ALIGN_POWER ? "0 to 16" : "a power of two up to 65536");
    else
        mote_asm_align(a, (uint32_t)align, fill, most > 0 && most < UINT32_MAX ? (uint32_t)most : UINT32_MAX)
            ->fill_size = (uint8_t)(kind / FILL_SIZE);
}

static void run_org(mote_xt_assembly *a, int unused)
{
    (void)unused;
    const expr *e = mote_asm_expr(a);
    int64_t fill = 0;
    if (!e || (mote_asm_accept(a, ',') && !mote_asm_absolute(a, &fill)))
        return;
    item *it = mote_asm_item(a, a->section, ITEM_ORG);
    it->count = e;
    it->fill = fill;
}

/* .literal NAME, VALUE, ...: words in the literal pool, the first of them named. */
static void run_literal(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_space(a);
    const char *at = a->at, *name = mote_asm_name(a);
    if (!name) {
        mote_asm_error(a, a->at, "expected the literal's name");
        return;
    }
    symbol *s = mote_asm_define(a, mote_asm_symbol(a, name), at);
    if (!s)
        return;
    while (mote_asm_accept(a, ',')) {
        mote_asm_space(a);
        const char *value_at = a->at;
        const expr *e = mote_asm_expr(a);
        const symbol *word = e ? mote_asm_literal(a, a->section, NULL, e, value_at) : NULL;
        if (!word)
            return;
        if (s->kind == SYMBOL_UNDEFINED) {
            s->kind = SYMBOL_PLACE;
            s->place = word->place;
        }
    }
    if (s->kind == SYMBOL_UNDEFINED)
        mote_asm_error(a, a->at, "expected ',' and the literal's value after its name");
}

static void run_literal_position(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_pool(a, false);
}

const directive mote_asm_data[] = {
    {"ascii", run_string, 1},
    {"asciz", run_string, TERMINATED + 1},
    {"string", run_string, TERMINATED + 1},
    {"string8", run_string, TERMINATED + 1},
    {"string16", run_string, TERMINATED + 2},
    {"string32", run_string, TERMINATED + 4},
    {"string64", run_string, TERMINATED + 8},
    {"space", run_space, 1},
    {"skip", run_space, 1},
    {"zero", run_space, 1},
    {"ds", run_space, 2},
    {"ds.b", run_space, 1},
    {"ds.w", run_space, 2},
    {"ds.l", run_space, 4},
    {"ds.s", run_space, 4},
    {"ds.d", run_space, 8},
    {"fill", run_fill, 0},
    {"align", run_align, ALIGN_BYTES},
    {"balign", run_align, ALIGN_BYTES},
    {"balignw", run_align, 2 * FILL_SIZE + ALIGN_BYTES},
    {"balignl", run_align, 4 * FILL_SIZE + ALIGN_BYTES},
    {"p2align", run_align, ALIGN_POWER},
    {"p2alignw", run_align, 2 * FILL_SIZE + ALIGN_POWER},
    {"p2alignl", run_align, 4 * FILL_SIZE + ALIGN_POWER},
    {"org", run_org, 0},
    {"literal", run_literal, 0},
    {"literal_position", run_literal_position, 0},
    {NULL, NULL, 0},
};
