/* Sections, their items, and literal pools. */
#include <string.h>

#include "xtensa/asm/assembler.h"

#define MAX_SECTIONS 1000

/* Type and flags of sections with usual names: the prefix alone, or the prefix, a dot and more. */
static const struct {
    const char *prefix;
    uint32_t type, flags;
} usual[] = {
    {".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR},
    {".literal", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR},
    {".init", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR},
    {".fini", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR},
    {".rodata", SHT_PROGBITS, SHF_ALLOC},
    {".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE},
    {".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE},
};

section *mote_asm_section(mote_xt_assembly *a, const char *name)
{
    size_t count = 0;
    for (section *s = a->sections; s; s = s->next, count++)
        if (strcmp(s->name, name) == 0)
            return s;
    if (count >= MAX_SECTIONS) {
        mote_asm_error(a, a->at, "more than %d sections", MAX_SECTIONS);
        return a->section;
    }
    section *s = mote_arena_alloc(&a->arena, sizeof *s);
    *s = (section){.name = name, .type = SHT_PROGBITS, .align = 1};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        size_t n = strlen(usual[i].prefix);
        if (strncmp(name, usual[i].prefix, n) == 0 && (name[n] == 0 || name[n] == '.')) {
            s->type = usual[i].type;
            s->flags = usual[i].flags;
        }
    }
    s->fixups_end = &s->fixups;
    s->relocs_end = &s->relocs;
    *a->sections_end = s;
    a->sections_end = &s->next;
    return s;
}

/* Returns the name of a literal section, as in GNU as: .text.f -> .literal.f, .iram1 -> .iram1.literal, .iram1.text ->
 * .iram1.literal. */
static const char *literal_name(mote_xt_assembly *a, const char *code)
{
    size_t n = strlen(code);
    if (a->modes.literal_prefix)
        return mote_asm_print(a, "%.200s.literal", a->modes.literal_prefix);
    if (strncmp(code, ".text", 5) == 0)
        return mote_asm_print(a, ".literal%.200s", code + 5);
    if (n >= 5 && strcmp(code + n - 5, ".text") == 0)
        n -= 5;
    return mote_asm_print(a, "%.*s.literal", (int)(n < 200 ? n : 200), code);
}

static section *literal_section(mote_xt_assembly *a, section *code)
{
    if (code->literals && !a->modes.literal_prefix)
        return code->literals;
    section *s = mote_asm_section(a, literal_name(a, code->name));
    s->type = SHT_PROGBITS;
    s->flags = SHF_ALLOC | SHF_EXECINSTR;
    if (s->align < 4)
        s->align = 4;
    if (!s->code) {
        s->code = code;
        s->group = code->group;
        s->comdat = code->comdat;
    }
    if (!a->modes.literal_prefix)
        code->literals = s;
    return s;
}

static bool varies(const item *it)
{
    return it->kind != ITEM_DATA && it->kind != ITEM_TARGET && !(it->kind == ITEM_SPACE && !it->count);
}

item *mote_asm_item(mote_xt_assembly *a, section *s, enum item_kind kind)
{
    item *it = mote_arena_alloc(&a->arena, sizeof *it);
    it->kind = kind;
    it->line = a->line;
    it->epoch = s->epoch;
    if (s->last) {
        it->address = s->last->address + s->last->size;
        it->epoch = s->last->epoch + varies(s->last);
        it->previous = s->last;
        s->last->next = it;
    } else {
        s->first = it;
    }
    s->last = it;
    return it;
}

static item *data_item(mote_xt_assembly *a, section *s)
{
    return s->last && s->last->kind == ITEM_DATA ? s->last : mote_asm_item(a, s, ITEM_DATA);
}

place mote_asm_place(mote_xt_assembly *a, section *s)
{
    item *it = data_item(a, s);
    return (place){s, it, it->size};
}

/* Appends `size` zeroed bytes to a data item. Returns their address, or NULL after reporting an error. */
static uint8_t *extend(mote_xt_assembly *a, item *it, size_t size)
{
    if (size > MAX_OUTPUT - a->output) {
        if (!a->ended)
            mote_asm_error(a, a->at, "the output grows beyond %u MB here", MAX_OUTPUT >> 20);
        a->ended = true;
        return NULL;
    }
    a->output += (uint32_t)size;
    if (size > it->capacity - it->size) {
        uint32_t capacity = it->capacity ? it->capacity * 2 : 16;
        if (capacity < it->size + size)
            capacity = it->size + (uint32_t)size;
        uint8_t *bytes = mote_arena_alloc(&a->arena, capacity);
        if (it->size)
            memcpy(bytes, it->bytes, it->size);
        it->bytes = bytes;
        it->capacity = capacity;
    }
    uint8_t *at = it->bytes + it->size;
    it->size += (uint32_t)size;
    return at;
}

void mote_asm_bytes(mote_xt_assembly *a, section *s, const void *bytes, size_t size)
{
    if (size == 0)
        return;
    uint8_t *at = extend(a, data_item(a, s), size);
    if (at)
        memcpy(at, bytes, size);
}

item *mote_asm_align(mote_xt_assembly *a, uint32_t align, int64_t fill, uint32_t most)
{
    item *it = mote_asm_item(a, a->section, ITEM_ALIGN);
    it->align = align;
    it->fill = fill;
    it->most = most;
    if (a->section->absolute) { /* items before it have fixed sizes */
        it->kind = ITEM_SPACE;
        it->size = (align - (a->section->address + it->address) % align) % align;
    }
    if (a->section->align < align)
        a->section->align = align;
    return it;
}

static void add_fixup(mote_xt_assembly *a, section *s, item *it, fixup f)
{
    fixup *copy = mote_arena_alloc(&a->arena, sizeof *copy);
    *copy = f;
    copy->item = it;
    copy->offset = it->size;
    copy->line = a->line;
    *s->fixups_end = copy;
    s->fixups_end = &copy->next;
    uint8_t *at = extend(a, it, f.size);
    for (unsigned i = 0; at && f.insn && i < f.size; i++)
        at[i] = (uint8_t)(f.insn->insn->match >> (8 * i)); /* the first byte gives the size before the rest is known */
}

void mote_asm_fixup(mote_xt_assembly *a, section *s, uint8_t size, const expr *e, const instruction *insn,
                    const char *at)
{
    add_fixup(a, s, data_item(a, s), (fixup){.size = size, .value = e, .insn = insn, .at = at});
}

/* True if literals go into the section itself. Those of .init and .fini do not: the linker concatenates their code from
 * several files, and it runs from the start of each part. */
static bool takes_literals(const mote_xt_assembly *a, const section *s)
{
    return a->options.text_section_literals && (s->flags & SHF_EXECINSTR) && strcmp(s->name, ".init") != 0 &&
           strcmp(s->name, ".fini") != 0;
}

item *mote_asm_reserve_literal(mote_xt_assembly *a, section *code)
{
    if (takes_literals(a, code) && code->pool) { /* splits the pool, which continues after the reserved item */
        for (int i = 0; i < 2; i++) {
            item *it = mote_arena_alloc(&a->arena, sizeof *it), *before = code->pool;
            *it = *before;
            it->size = it->capacity = 0;
            it->bytes = NULL;
            it->previous = before;
            before->next = it;
            *(it->next ? &it->next->previous : &code->last) = it;
            code->pool = it;
        }
        return code->pool->previous;
    }
    section *s = literal_section(a, code);
    item *reserved = mote_asm_item(a, s, ITEM_DATA);
    mote_asm_item(a, s, ITEM_DATA);
    return reserved;
}

symbol *mote_asm_literal(mote_xt_assembly *a, section *code, item *reserved, const expr *e, const char *at)
{
    bool in_text = takes_literals(a, code) && code->pool;
    section *s = in_text ? code : literal_section(a, code);
    item *it = reserved ? reserved : in_text ? code->pool : data_item(a, s);
    symbol *name = mote_arena_alloc(&a->arena, sizeof *name);
    *name = (symbol){.name = ".literal", .kind = SYMBOL_PLACE, .place = {s, it, it->size}};
    add_fixup(a, s, it, (fixup){.size = 4, .value = e, .at = at});
    return name;
}

item *mote_asm_item_before_label(mote_xt_assembly *a, enum item_kind kind)
{
    section *s = a->section;
    item *label = s->last;
    if (!label || label->kind != ITEM_DATA || label->size)
        return mote_asm_item(a, s, kind);
    s->last = label->previous;
    if (s->last)
        s->last->next = NULL;
    else
        s->first = NULL;
    item *it = mote_asm_item(a, s, kind);
    label->epoch = it->epoch + varies(it);
    label->address = it->address;
    label->previous = it;
    it->next = s->last = label;
    return it;
}

static item *append(mote_xt_assembly *a, enum item_kind kind)
{
    return mote_asm_item(a, a->section, kind);
}

void mote_asm_pool(mote_xt_assembly *a, bool before_label)
{
    section *s = a->section;
    item *(*add)(mote_xt_assembly *, enum item_kind) = before_label ? mote_asm_item_before_label : append;
    bool empty_pool_here =
        s->pool && s->last && (s->pool == s->last || (s->pool == s->last->previous && s->last->size == 0));
    if (!takes_literals(a, s) || empty_pool_here)
        return;
    item *align = add(a, ITEM_ALIGN);
    align->align = 4;
    align->most = UINT32_MAX;
    s->align = s->align < 4 ? 4 : s->align;
    s->pool = add(a, ITEM_POOL);
}

void mote_asm_enter(mote_xt_assembly *a, section *s)
{
    a->section = s;
    if (!s->first)
        mote_asm_pool(a, false);
}

void mote_asm_subsection(mote_xt_assembly *a, int64_t number)
{
    enum { MOST = 8192, MOST_OF_A_SECTION = 128 };
    section *s = a->section;
    if (s->subsection == number)
        return;
    if (number < 0 || number > MOST) {
        mote_asm_error(a, a->line->text, "subsection %lld: expected 0 to %d", (long long)number, MOST);
        return;
    }
    subsection *left = NULL, *entered = NULL;
    uint32_t count = 0;
    for (subsection *u = s->subsections; u; u = u->next, count++) {
        left = u->number == s->subsection ? u : left;
        entered = u->number == number ? u : entered;
    }
    if (count > MOST_OF_A_SECTION) {
        mote_asm_error(a, a->line->text, "more than %d subsections", MOST_OF_A_SECTION);
        return;
    }
    subsection **made[] = {&left, &entered};
    for (int i = 0; i < 2; i++)
        if (!*made[i]) {
            subsection *u = *made[i] = mote_arena_alloc(&a->arena, sizeof *u);
            *u = (subsection){.next = s->subsections, .number = i ? number : s->subsection, .epoch = count++ << 24};
            s->subsections = u;
        }
    left->first = s->first;
    left->last = s->last;
    s->subsection = number;
    s->first = entered->first;
    s->last = entered->last;
    s->epoch = entered->epoch;
}

static void join(section *s)
{
    item *first = NULL, *last = NULL;
    for (int64_t done = -1;;) {
        subsection *next = NULL;
        for (subsection *u = s->subsections; u; u = u->next) {
            if (u->number == s->subsection) {
                u->first = s->first;
                u->last = s->last;
            }
            if (u->number > done && (!next || u->number < next->number))
                next = u;
        }
        if (!next)
            break;
        done = next->number;
        s->subsection = -1; /* the current one has been stored */
        if (!next->first)
            continue;
        next->first->previous = last;
        if (last)
            last->next = next->first;
        else
            first = next->first;
        last = next->last;
    }
    s->first = first;
    s->last = last;
}

void mote_asm_join_subsections(mote_xt_assembly *a)
{
    for (section *s = a->sections; s; s = s->next)
        if (s->subsections)
            join(s);
}
