/* Reads spaces, names, words and strings at the cursor within a line. */
#include "xtensa/asm/assembler.h"

#include <ctype.h>
#include <string.h>

bool mote_asm_is_name_start(char c)
{
    return isalpha((unsigned char)c) || c == '_' || c == '.' || c == '$' || (unsigned char)c >= 0x80;
}

bool mote_asm_is_name(char c)
{
    return mote_asm_is_name_start(c) || isdigit((unsigned char)c);
}

void mote_asm_space(mote_xt_assembly *a)
{
    while (a->at < a->line->end && isspace((unsigned char)*a->at))
        a->at++;
}

bool mote_asm_at_end(mote_xt_assembly *a)
{
    mote_asm_space(a);
    return a->at >= a->line->end || *a->at == ';';
}

bool mote_asm_accept(mote_xt_assembly *a, char c)
{
    mote_asm_space(a);
    if (a->at >= a->line->end || *a->at != c)
        return false;
    a->at++;
    return true;
}

bool mote_asm_expect(mote_xt_assembly *a, char c, const char *after)
{
    if (mote_asm_accept(a, c))
        return true;
    mote_asm_error(a, a->at, "expected '%c' after %s", c, after);
    return false;
}

const char *mote_asm_name(mote_xt_assembly *a)
{
    mote_asm_space(a);
    const char *start = a->at;
    if (start < a->line->end && *start == '"') { /* a quoted name */
        size_t size;
        const uint8_t *text = mote_asm_string(a, &size);
        return text && size ? mote_arena_text(&a->arena, (const char *)text, size) : NULL;
    }
    if (start >= a->line->end || !mote_asm_is_name_start(*start))
        return NULL;
    while (a->at < a->line->end && mote_asm_is_name(*a->at))
        a->at++;
    return mote_arena_text(&a->arena, start, (size_t)(a->at - start));
}

const char *mote_asm_word(mote_xt_assembly *a)
{
    mote_asm_space(a);
    const char *start = a->at;
    if (start < a->line->end && *start == '"')
        return mote_asm_name(a);
    while (a->at < a->line->end && !isspace((unsigned char)*a->at) && *a->at != ',' && *a->at != ';')
        a->at++;
    return a->at > start ? mote_arena_text(&a->arena, start, (size_t)(a->at - start)) : NULL;
}

static int digit(char c, int base)
{
    int d = isdigit((unsigned char)c) ? c - '0' : isalpha((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : 99;
    return d < base ? d : -1;
}

/* Reads an escape sequence and returns its character. The cursor is after the backslash and inside the line. */
static uint8_t escape(mote_xt_assembly *a)
{
    static const char letters[] = "bfnrt\\\"'", bytes[] = "\b\f\n\r\t\\\"'";
    char c = *a->at;
    int base = c == 'x' ? 16 : 8, most = c == 'x' ? 1000 : 3, byte = 0, count = 0;
    if (c != 'x' && digit(c, 8) < 0) {
        a->at++;
        const char *letter = memchr(letters, c, sizeof letters - 1);
        if (!letter)
            mote_asm_warn(a, a->at - 2, "unknown escape '\\%c'", c);
        return (uint8_t)(letter ? bytes[letter - letters] : c);
    }
    for (a->at += c == 'x'; count < most && a->at < a->line->end && digit(*a->at, base) >= 0; count++, a->at++)
        byte = (byte * base + digit(*a->at, base)) & 0xff;
    return (uint8_t)byte;
}

const uint8_t *mote_asm_string(mote_xt_assembly *a, size_t *size)
{
    mote_asm_space(a);
    const char *start = a->at;
    if (!mote_asm_accept(a, '"')) {
        mote_asm_error(a, start, "expected a string in double quotes");
        return NULL;
    }
    uint8_t *text = mote_arena_alloc(&a->arena, (size_t)(a->line->end - start));
    size_t n = 0;
    while (a->at < a->line->end && *a->at != '"') {
        char c = *a->at++;
        text[n++] = c == '\\' && a->at < a->line->end ? escape(a) : (uint8_t)c;
    }
    if (!mote_asm_accept(a, '"')) {
        mote_asm_error(a, start, "the string has no closing quote");
        return NULL;
    }
    *size = n;
    return text;
}

void mote_asm_skip_statement(mote_xt_assembly *a)
{
    bool quoted = false;
    for (; a->at < a->line->end && (quoted || *a->at != ';'); a->at++) {
        if (*a->at == '"')
            quoted = !quoted;
        else if (*a->at == (quoted ? '\\' : '\'') && a->at + 1 < a->line->end)
            a->at++; /* an escape in a string, or a character constant */
    }
}
