/* Parses expressions. */
#include "xtensa/asm/assembler.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct operator
{
    const char *text;
    int rank; /* precedence: higher binds tighter; as in GNU as, which differs from C */
    enum expr_op op;
}
operator;

static const operator operators[] = {
    /* longer texts first */
    {"<<", 5, EXPR_SHL},  {">>", 5, EXPR_SHR}, {"==", 3, EXPR_EQ},   {"!=", 3, EXPR_NE},  {"<>", 3, EXPR_NE},
    {"<=", 3, EXPR_LE},   {">=", 3, EXPR_GE},  {"&&", 2, EXPR_LAND}, {"||", 1, EXPR_LOR}, {"*", 5, EXPR_MUL},
    {"/", 5, EXPR_DIV},   {"%", 5, EXPR_MOD},  {"|", 4, EXPR_OR},    {"&", 4, EXPR_AND},  {"^", 4, EXPR_XOR},
    {"!", 4, EXPR_ORNOT}, {"+", 3, EXPR_ADD},  {"-", 3, EXPR_SUB},   {"<", 3, EXPR_LT},   {">", 3, EXPR_GT},
};

static const expr *parse_rank(mote_xt_assembly *a, int rank, int depth);

static const expr *parse_character(mote_xt_assembly *a)
{
    const char *end = a->line->end;
    if (++a->at >= end) {
        mote_asm_error(a, a->at, "expected a character after the quote");
        return NULL;
    }
    char c = *a->at++;
    if (c == '\\' && a->at < end) {
        static const char letters[] = "bfnrt0", bytes[] = "\b\f\n\r\t";
        const char *letter = memchr(letters, *a->at, sizeof letters - 1);
        c = letter ? bytes[letter - letters] : *a->at;
        a->at++;
    }
    if (a->at < end && *a->at == '\'')
        a->at++;
    return mote_asm_number(a, (unsigned char)c);
}

/* Returns an expression for symbol `s`, whose name is at `start`. Records that position for the message that the symbol
 * is not defined. */
static const expr *use(mote_xt_assembly *a, symbol *s, const char *start)
{
    if (!s->referenced && s->kind == SYMBOL_UNDEFINED) {
        s->line = a->line;
        s->at = start;
    }
    return mote_asm_symbol_expr(a, s);
}

static const expr *parse_number(mote_xt_assembly *a)
{
    const char *start = a->at, *end = a->line->end, *p = start;
    while (p < end && isdigit((unsigned char)*p))
        p++;
    /* 1f and 12b are labels; 0b1 is a number. */
    bool last = p < end && (p + 1 >= end || !mote_asm_is_name(p[1]));
    if (last && (*p == 'f' || *p == 'b') && p - start < 10) {
        a->at = p + 1;
        symbol *s = mote_asm_numeric(a, strtoll(start, NULL, 10), *p);
        if (!s) {
            mote_asm_error(a, start, "there is no label %.*s: before this line", (int)(p - start), start);
            return NULL;
        }
        return use(a, s, start);
    }
    int base = 10;
    p = start;
    if (*p == '0' && p + 1 < end) {
        char c = (char)tolower((unsigned char)p[1]);
        base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
        p += base == 8 ? 1 : 2;
    }
    uint64_t number = 0;
    const char *digits = p;
    for (; p < end && isalnum((unsigned char)*p); p++) {
        int d = isdigit((unsigned char)*p) ? *p - '0' : tolower((unsigned char)*p) - 'a' + 10;
        if (d >= base)
            break;
        if (number > (UINT64_MAX - (uint64_t)d) / (uint64_t)base) {
            mote_asm_error(a, start, "the number does not fit in 64 bits");
            return NULL;
        }
        number = number * (uint64_t)base + (uint64_t)d;
    }
    a->at = p;
    if ((p == digits && base != 8) || (p < end && mote_asm_is_name(*p))) {
        mote_asm_error(a, p, "'%.*s' is not a number of base %d", (int)(p - start + (p < end)), start, base);
        return NULL;
    }
    return mote_asm_number(a, (int64_t)number);
}

static const expr *parse_primary(mote_xt_assembly *a, int depth)
{
    mote_asm_space(a);
    const char *start = a->at;
    char c = start < a->line->end ? *start : 0;
    if (depth > MAX_TREE) {
        mote_asm_error(a, start, "the expression is nested too deeply; split it with .set");
        return NULL;
    }
    static const struct {
        char sign;
        enum expr_op op;
    } unary[] = {{'-', EXPR_NEGATE}, {'~', EXPR_COMPLEMENT}, {'!', EXPR_NOT}};
    for (size_t i = 0; i < sizeof unary / sizeof *unary; i++) {
        if (c != unary[i].sign)
            continue;
        a->at++;
        const expr *e = parse_primary(a, depth + 1);
        return e ? mote_asm_binary(a, unary[i].op, NULL, e) : NULL;
    }
    if (c == '+') {
        a->at++;
        return parse_primary(a, depth + 1);
    }
    if (c == '(') {
        a->at++;
        const expr *e = parse_rank(a, 1, depth + 1);
        return e && mote_asm_expect(a, ')', "the expression in parentheses") ? e : NULL;
    }
    if (isdigit((unsigned char)c))
        return parse_number(a);
    if (c == '\'')
        return parse_character(a);
    if (c == '.' && (start + 1 >= a->line->end || !mote_asm_is_name(start[1]))) {
        a->at++;
        return mote_asm_symbol_expr(a, mote_asm_here(a));
    }
    if (c == '"' || mote_asm_is_name_start(c)) {
        const char *name = mote_asm_name(a);
        return name ? use(a, mote_asm_symbol(a, name), start) : NULL;
    }
    if (c && c != ';')
        mote_asm_error(a, start, "expected a number, a symbol or '(', found '%c'", isprint((unsigned char)c) ? c : '?');
    else
        mote_asm_error(a, start, "expected a number, a symbol or '(' before the end of the line");
    return NULL;
}

static const operator* find_operator(const mote_xt_assembly *a)
{
    size_t left = (size_t)(a->line->end - a->at);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t n = strlen(operators[i].text);
        if (left >= n && memcmp(a->at, operators[i].text, n) == 0)
            return &operators[i];
    }
    return NULL;
}

static const expr *parse_rank(mote_xt_assembly *a, int rank, int depth)
{
    const expr *left = parse_primary(a, depth);
    while (left) {
        mote_asm_space(a);
        const operator* o = find_operator(a);
        if (!o || o->rank < rank)
            return left;
        a->at += strlen(o->text);
        const expr *right = parse_rank(a, o->rank + 1, depth + 1);
        left = right ? mote_asm_binary(a, o->op, left, right) : NULL;
    }
    return NULL;
}

const expr *mote_asm_expr(mote_xt_assembly *a)
{
    return parse_rank(a, 1, 0);
}

bool mote_asm_absolute(mote_xt_assembly *a, int64_t *number)
{
    mote_asm_space(a);
    const char *at = a->at;
    const expr *e = mote_asm_expr(a);
    if (!e)
        return false;
    value v = mote_asm_eval(a, e);
    *number = v.number;
    if (v.kind == VALUE_NUMBER && v.settled)
        return true;
    if (v.kind == VALUE_ERROR)
        mote_asm_error(a, at, "%s", v.problem);
    else if (v.kind == VALUE_EXTERNAL)
        mote_asm_error(a, at, "'%s' has no value here; this must be a number known at this point", v.symbol->name);
    else
        mote_asm_error(a, at, "this must be a number known at this point, and is an address");
    return false;
}
