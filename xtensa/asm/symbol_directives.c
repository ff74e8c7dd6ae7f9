/* Symbol directives. */
#include <string.h>

#include "xtensa/asm/assembler.h"

/* .global A, B and the like: the argument is the binding, or 16 plus the visibility. */
static void run_attribute(mote_xt_assembly *a, int argument)
{
    do {
        mote_asm_space(a);
        const char *at = a->at, *name = mote_asm_name(a);
        if (!name) {
            mote_asm_error(a, at, "expected the name of a symbol");
            return;
        }
        symbol *s = mote_asm_symbol(a, name);
        if (argument >= 16)
            s->visibility = (uint8_t)(argument - 16);
        else
            s->binding = (uint8_t)argument;
    } while (mote_asm_accept(a, ','));
}

static symbol *symbol_and_comma(mote_xt_assembly *a)
{
    mote_asm_space(a);
    const char *at = a->at, *name = mote_asm_name(a);
    if (!name)
        mote_asm_error(a, at, "expected the name of a symbol");
    return name && mote_asm_expect(a, ',', "the symbol") ? mote_asm_symbol(a, name) : NULL;
}

static void run_type(mote_xt_assembly *a, int unused)
{
    (void)unused;
    static const struct {
        const char *name;
        uint8_t type;
    } types[] = {{"function", STT_FUNC},  {"object", STT_OBJECT}, {"notype", STT_NOTYPE},    {"common", STT_OBJECT},
                 {"tls_object", STT_TLS}, {"STT_FUNC", STT_FUNC}, {"STT_OBJECT", STT_OBJECT}};
    symbol *s = symbol_and_comma(a);
    if (!s)
        return;
    mote_asm_space(a);
    const char *at = a->at;
    if (!mote_asm_accept(a, '@'))
        mote_asm_accept(a, '%');
    const char *type = mote_asm_name(a);
    for (size_t i = 0; type && i < sizeof types / sizeof *types; i++)
        if (strcmp(type, types[i].name) == 0) {
            s->type = types[i].type;
            return;
        }
    mote_asm_error(a, at, "expected @function, @object or @notype");
}

static void run_size(mote_xt_assembly *a, int unused)
{
    (void)unused;
    symbol *s = symbol_and_comma(a);
    if (s)
        s->size = mote_asm_expr(a);
}

static void run_set(mote_xt_assembly *a, int redefinable)
{
    mote_asm_space(a);
    const char *at = a->at, *name = mote_asm_name(a);
    if (!name)
        mote_asm_error(a, at, "expected the name of a symbol");
    if (!name || !mote_asm_expect(a, ',', "the symbol"))
        return;
    const expr *e = mote_asm_expr(a);
    if (e)
        mote_asm_assign(a, name, at, e, redefinable != 0);
}

/* .weakref ALIAS, NAME: ALIAS refers to NAME, which need not be defined. */
static void run_weakref(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_space(a);
    const char *at = a->at, *alias = mote_asm_name(a);
    const char *name = alias && mote_asm_expect(a, ',', "the symbol") ? mote_asm_name(a) : NULL;
    if (!name) {
        mote_asm_error(a, at, "expected two names: .weakref ALIAS, NAME");
        return;
    }
    symbol *target = mote_asm_symbol(a, name);
    if (target->kind == SYMBOL_UNDEFINED && !target->referenced)
        target->binding = STB_WEAK;
    mote_asm_assign(a, alias, at, mote_asm_symbol_expr(a, target), true);
    mote_asm_symbol(a, alias)->unlisted = true;
}

/* .comm NAME, SIZE[, ALIGN]; .lcomm is the same in .bss */
static void run_common(mote_xt_assembly *a, int local)
{
    symbol *s = symbol_and_comma(a);
    int64_t size = 0, align = 4;
    const char *at = a->at;
    if (!s || !mote_asm_absolute(a, &size) || (mote_asm_accept(a, ',') && !mote_asm_absolute(a, &align)))
        return;
    if (size < 0 || size > MAX_OUTPUT || align < 1 || align > 65536 || (align & (align - 1))) {
        mote_asm_error(a, at, "expected a size up to %u and an alignment that is a power of two", MAX_OUTPUT);
        return;
    }
    if (!local) {
        if (s->kind != SYMBOL_COMMON && !(s = mote_asm_define(a, s, at)))
            return;
        s->kind = SYMBOL_COMMON;
        s->binding = STB_GLOBAL;
        s->type = STT_OBJECT;
        s->align = (uint32_t)align;
        s->value = s->size = mote_asm_number(a, size);
        return;
    }
    section *before = a->section;
    a->section = mote_asm_section(a, ".bss");
    mote_asm_align(a, (uint32_t)align, 0, UINT32_MAX);
    s = mote_asm_label(a, s, at);
    mote_asm_item(a, a->section, ITEM_SPACE)->size = (uint32_t)size;
    if (s) {
        s->type = STT_OBJECT;
        s->size = mote_asm_number(a, size);
    }
    a->section = before;
}

const directive mote_asm_symbol_directives[] = {
    {"global", run_attribute, STB_GLOBAL},
    {"globl", run_attribute, STB_GLOBAL},
    {"xdef", run_attribute, STB_GLOBAL},
    {"weak", run_attribute, STB_WEAK},
    {"local", run_attribute, STB_LOCAL},
    {"hidden", run_attribute, 16 + STV_HIDDEN},
    {"internal", run_attribute, 16 + STV_INTERNAL},
    {"protected", run_attribute, 16 + STV_PROTECTED},
    {"type", run_type, 0},
    {"size", run_size, 0},
    {"set", run_set, 1},
    {"equ", run_set, 1},
    {"equiv", run_set, 0},
    {"eqv", run_set, 0},
    {"lsym", run_set, 1},
    {"weakref", run_weakref, 0},
    {"comm", run_common, 0},
    {"common", run_common, 0},
    {"xcom", run_common, 0},
    {"lcomm", run_common, 1},
    {NULL, NULL, 0},
};
