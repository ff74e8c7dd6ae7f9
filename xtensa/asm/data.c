/* Directives that put bytes down. */
#include <stdlib.h>
#include <string.h>

#include "xtensa/asm/assembler.h"

/* .byte, .short, .word, .quad: numbers at once, everything else when addresses are known. */
static void run_integers(mote_xt_assembly *a, int size)
{
    if (mote_asm_at_end(a))
        return;
    do {
        mote_asm_space(a);
        const char *at = a->at;
        const expr *e = mote_asm_expr(a);
        if (!e)
            return;
        mote_asm_fixup(a, a->section, (uint8_t)size, e, NULL, at);
    } while (mote_asm_accept(a, ','));
}

static void run_real(mote_xt_assembly *a, int size)
{
    do {
        mote_asm_space(a);
        char *text = mote_arena_text(&a->arena, a->at, (size_t)(a->line->end - a->at)), *end;
        double d = strtod(text, &end);
        if (end == text) {
            mote_asm_error(a, a->at, "expected a floating-point number");
            return;
        }
        a->at += end - text;
        float f = (float)d;
        mote_asm_bytes(a, a->section, size == 4 ? (const void *)&f : (const void *)&d, (size_t)size);
    } while (mote_asm_accept(a, ','));
}

static void run_string(mote_xt_assembly *a, int terminated)
{
    do {
        size_t size;
        const uint8_t *text = mote_asm_string(a, &size);
        if (!text)
            return;
        mote_asm_bytes(a, a->section, text, size);
        if (terminated)
            mote_asm_bytes(a, a->section, "", 1);
    } while (mote_asm_accept(a, ','));
}

/* .space COUNT[, FILL]. The count may depend on labels further on. */
static void run_space(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_space(a);
    const char *at = a->at;
    int64_t fill = 0;
    const expr *count = mote_asm_expr(a);
    if (!count || (mote_asm_accept(a, ',') && !mote_asm_absolute(a, &fill)))
        return;
    value v = mote_asm_eval(a, count);
    bool known = v.kind == VALUE_NUMBER && v.settled;
    if (known && (v.number < 0 || v.number > MAX_OUTPUT)) {
        mote_asm_error(a, at, "%lld bytes: expected 0 to %u", (long long)v.number, MAX_OUTPUT);
        return;
    }
    item *it = mote_asm_item(a, a->section, ITEM_SPACE);
    it->fill = fill;
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
    uint8_t bytes[8] = {0};
    for (int i = 0; i < 4; i++) /* the value has four bytes, the rest of a larger element is zero */
        bytes[i] = (uint8_t)((uint64_t)number >> (8 * i));
    for (int64_t i = 0; i < repeat && !a->ended; i++)
        mote_asm_bytes(a, a->section, bytes, (size_t)size);
}

enum { ALIGN_BYTES, ALIGN_POWER };

/* .align, .balign: a power of two. .p2align: its logarithm. [, FILL[, MOST]] */
static void run_align(mote_xt_assembly *a, int unit)
{
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
        mote_asm_align(a, (uint32_t)align, fill, most > 0 && most < UINT32_MAX ? (uint32_t)most : UINT32_MAX);
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
        const symbol *word = e ? mote_asm_literal(a, a->section, e, value_at) : NULL;
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
    {"byte", run_integers, 1},
    {"short", run_integers, 2},
    {"half", run_integers, 2},
    {"hword", run_integers, 2},
    {"2byte", run_integers, 2},
    {"word", run_integers, 4},
    {"long", run_integers, 4},
    {"int", run_integers, 4},
    {"4byte", run_integers, 4},
    {"quad", run_integers, 8},
    {"8byte", run_integers, 8},
    {"float", run_real, 4},
    {"single", run_real, 4},
    {"double", run_real, 8},
    {"ascii", run_string, 0},
    {"asciz", run_string, 1},
    {"string", run_string, 1},
    {"space", run_space, 0},
    {"skip", run_space, 0},
    {"zero", run_space, 0},
    {"fill", run_fill, 0},
    {"align", run_align, ALIGN_BYTES},
    {"balign", run_align, ALIGN_BYTES},
    {"p2align", run_align, ALIGN_POWER},
    {"org", run_org, 0},
    {"literal", run_literal, 0},
    {"literal_position", run_literal_position, 0},
    {NULL, NULL, 0},
};
