/* Directives that emit numbers. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/asm/assembler.h"

/* .byte, .short, .word, .quad: expressions, evaluated when addresses are known. */
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

/* Appends a digit to a number of 128 bits. Returns false when the result does not fit. */
static bool add_digit(uint32_t words[4], unsigned base, unsigned digit)
{
    uint64_t carry = digit;
    for (int i = 0; i < 4; i++) {
        carry += (uint64_t)words[i] * base;
        words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return carry == 0;
}

/* Reads a number of up to 128 bits. Returns false, and leaves the cursor, when there is another expression or the
 * number does not fit. */
static bool large_number(mote_xt_assembly *a, uint32_t words[4])
{
    mote_asm_space(a);
    const char *p = a->at, *end = a->line->end;
    bool negative = p < end && *p == '-';
    p += negative;
    unsigned base = 10;
    if (p + 1 < end && *p == '0' && (p[1] == 'x' || p[1] == 'X')) {
        base = 16;
        p += 2;
    }
    const char *digits = p;
    bool fits = true;
    for (; p < end && isxdigit((unsigned char)*p); p++) {
        unsigned d =
            isdigit((unsigned char)*p) ? (unsigned)(*p - '0') : (unsigned)(tolower((unsigned char)*p) - 'a') + 10;
        fits = fits && d < base && add_digit(words, base, d);
    }
    while (p < end && isspace((unsigned char)*p))
        p++;
    if (!fits || p == digits || (p < end && *p != ',' && *p != ';'))
        return false;
    for (int i = 0, carry = 1; negative && i < 4; i++) {
        words[i] = ~words[i] + (uint32_t)carry;
        carry = carry && words[i] == 0;
    }
    a->at = p;
    return true;
}

static void run_octa(mote_xt_assembly *a, int unused)
{
    (void)unused;
    do {
        uint32_t words[4] = {0};
        int64_t number = 0;
        if (!large_number(a, words)) {
            if (!mote_asm_absolute(a, &number))
                return;
            uint64_t bits = (uint64_t)number, sign = number < 0 ? UINT32_MAX : 0;
            memcpy(words, (uint32_t[]){(uint32_t)bits, (uint32_t)(bits >> 32), (uint32_t)sign, (uint32_t)sign}, 16);
        }
        mote_asm_bytes(a, a->section, words, sizeof words);
    } while (mote_asm_accept(a, ','));
}

/* Reads a floating-point number with an optional prefix: 1.5, 0f1.5. Returns false after reporting an error. */
static bool parse_real(mote_xt_assembly *a, double *number)
{
    mote_asm_space(a);
    char *text = mote_arena_text(&a->arena, a->at, (size_t)(a->line->end - a->at)), *end;
    bool marked = text[0] == '0' && text[1] && strchr("fFdDrRsSeE", text[1]);
    const char *digits = text + (marked ? 2 : 0);
    *number = strtod(digits, &end);
    if (end == digits) {
        mote_asm_error(a, a->at, "expected a floating-point number");
        return false;
    }
    a->at += end - text;
    return true;
}

static void put_real(mote_xt_assembly *a, double number, int size)
{
    float f = (float)number;
    mote_asm_bytes(a, a->section, size == 4 ? (const void *)&f : (const void *)&number, (size_t)size);
}

static void run_real(mote_xt_assembly *a, int size)
{
    double number;
    do {
        if (!parse_real(a, &number))
            return;
        put_real(a, number, size);
    } while (mote_asm_accept(a, ','));
}

enum { REAL = 16 };

/* .dcb.w COUNT[, VALUE]: the argument is an element's size, plus REAL for a floating-point one. */
static void run_repeated(mote_xt_assembly *a, int kind)
{
    int64_t count = 0, number = 0;
    double real = 0;
    int size = kind % REAL;
    mote_asm_space(a);
    const char *at = a->at;
    if (!mote_asm_absolute(a, &count))
        return;
    if (mote_asm_accept(a, ',') && !(kind < REAL ? mote_asm_absolute(a, &number) : parse_real(a, &real)))
        return;
    if (count < 0 || count > (int64_t)MAX_OUTPUT / size) {
        mote_asm_error(a, at, "%lld elements: expected 0 to %u", (long long)count, MAX_OUTPUT / (unsigned)size);
        return;
    }
    for (int64_t i = 0; i < count && !a->ended; i++)
        if (kind < REAL)
            mote_asm_bytes(a, a->section, &number, (size_t)size);
        else
            put_real(a, real, size);
}

/* .uleb128, .sleb128: numbers in LEB128, whose size is known only when the addresses are. */
static void run_leb128(mote_xt_assembly *a, int is_signed)
{
    do {
        const expr *e = mote_asm_expr(a);
        if (!e)
            return;
        item *it = mote_asm_item(a, a->section, ITEM_LEB128);
        it->count = e;
        it->fill = is_signed;
        it->size = 1;
    } while (mote_asm_accept(a, ','));
}

const directive mote_asm_numbers[] = {
    {"byte", run_integers, 1},
    {"dc.b", run_integers, 1},
    {"short", run_integers, 2},
    {"half", run_integers, 2},
    {"hword", run_integers, 2},
    {"2byte", run_integers, 2},
    {"dc", run_integers, 2},
    {"dc.w", run_integers, 2},
    {"word", run_integers, 4},
    {"long", run_integers, 4},
    {"int", run_integers, 4},
    {"4byte", run_integers, 4},
    {"dc.l", run_integers, 4},
    {"dc.a", run_integers, 4},
    {"quad", run_integers, 8},
    {"8byte", run_integers, 8},
    {"octa", run_octa, 0},
    {"float", run_real, 4},
    {"single", run_real, 4},
    {"dc.s", run_real, 4},
    {"double", run_real, 8},
    {"dc.d", run_real, 8},
    {"dcb", run_repeated, 2},
    {"dcb.b", run_repeated, 1},
    {"dcb.w", run_repeated, 2},
    {"dcb.l", run_repeated, 4},
    {"dcb.s", run_repeated, REAL + 4},
    {"dcb.d", run_repeated, REAL + 8},
    {"uleb128", run_leb128, 0},
    {"sleb128", run_leb128, 1},
    {NULL, NULL, 0},
};
