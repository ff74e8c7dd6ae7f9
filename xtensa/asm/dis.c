/* Disassembly listings of sections and raw bytes. */
#include "xtensa/asm/dis.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Marks of a byte of code, set before anything is printed. */
enum { MARK_TARGET = 1, MARK_LITERAL = 2, MARK_SYMBOL = 4 };

/* A range of code: a section, raw bytes, or a segment of a file without executable sections. */
typedef struct view {
    FILE *out;
    const mote_xt_elf *elf; /* NULL: raw bytes */
    uint32_t section;
    const char *name;
    const uint8_t *bytes;
    size_t size;
    uint32_t base; /* address of bytes[0] */
    unsigned chips;
    uint8_t *marks;     /* one per byte */
    bool only_literals; /* a literal section */
} view;

static void print_bytes(FILE *out, uint32_t address, const uint8_t *bytes, size_t size)
{
    fprintf(out, "%8" PRIx32 ":  ", address);
    for (size_t i = 0; i < 4; i++)
        if (i < size)
            fprintf(out, "%02x", bytes[i]);
        else
            fputs("  ", out);
    fputs("  ", out);
}

static bool is_load(const mote_xt_insn *insn)
{
    return strcmp(insn->mnemonic, "l32r") == 0;
}

static bool has_label(const mote_xt_insn *insn)
{
    return insn->operand_count && insn->operands[insn->operand_count - 1].kind == MOTE_XT_LABEL;
}

static uint32_t word_at(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Returns the index of the first relocation at or after `offset` of a section. Relocations are sorted. */
static size_t first_reloc(const mote_xt_elf *elf, uint32_t section, uint32_t offset)
{
    size_t low = 0, high = elf->reloc_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const mote_xt_elf_reloc *r = &elf->relocs[middle];
        if (r->section < section || (r->section == section && r->offset < offset))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Returns the relocation at exactly this offset in an object file, or NULL. */
static const mote_xt_elf_reloc *reloc_at(const mote_xt_elf *elf, uint32_t section, uint32_t offset)
{
    size_t i = elf->type == ET_REL ? first_reloc(elf, section, offset) : elf->reloc_count;
    const mote_xt_elf_reloc *r = i < elf->reloc_count ? &elf->relocs[i] : NULL;
    return r && r->section == section && r->offset == offset ? r : NULL;
}

/* Writes "name", "name+0x4" or "" to `text`. */
static void name_address(const mote_xt_elf *elf, uint32_t section, uint32_t address, char *text, size_t size)
{
    uint32_t offset;
    const mote_xt_elf_symbol *s = mote_xt_elf_symbol_at(elf, section, address, &offset);
    text[0] = 0;
    if (s && offset)
        snprintf(text, size, "%.80s+0x%" PRIx32, s->name, offset);
    else if (s)
        snprintf(text, size, "%.80s", s->name);
    else if (elf->type == ET_REL && section < elf->section_count)
        snprintf(text, size, address ? "%.80s+0x%" PRIx32 : "%.80s", elf->sections[section].name, address);
}

/* Writes the target of a relocation to `text`. Returns true when the target lies in a section of this file; *section
 * and *offset then get its position. */
static bool reloc_target(const mote_xt_elf *elf, const mote_xt_elf_reloc *r, uint32_t *section, uint32_t *offset,
                         char *text, size_t size)
{
    const mote_xt_elf_symbol *s = &elf->symbols[r->symbol];
    *section = s->section;
    *offset = s->value + (uint32_t)r->addend;
    if (s->section != SHN_UNDEF && s->section < SHN_LORESERVE) {
        name_address(elf, *section, *offset, text, size);
        return true;
    }
    if (r->addend)
        snprintf(text, size, "%.80s%+" PRId32, s->name, r->addend);
    else
        snprintf(text, size, "%.80s", s->name);
    return false;
}

/* Returns the word at `address` of an executable, or NULL. */
static const uint8_t *memory_word(const mote_xt_elf *elf, uint32_t address)
{
    for (size_t i = 0; i < elf->section_count; i++) {
        const mote_xt_elf_section *s = &elf->sections[i];
        if ((s->flags & SHF_ALLOC) && s->data && address >= s->address && s->size >= 4 &&
            address - s->address <= s->size - 4)
            return s->data + (address - s->address);
    }
    return NULL;
}

/* Prints "  ; = 0x12345" for the literal at `address`, with the name of the symbol it points to. */
static void print_literal(const view *v, uint32_t section, uint32_t address)
{
    const mote_xt_elf *elf = v->elf;
    char name[128] = "";
    const uint8_t *p = NULL;
    if (!elf) {
        if (address - v->base <= v->size && v->size - (address - v->base) >= 4)
            p = v->bytes + (address - v->base);
    } else if (elf->type == ET_REL) {
        const mote_xt_elf_section *s = &elf->sections[section];
        if (s->data && s->size >= 4 && address <= s->size - 4)
            p = s->data + address;
        const mote_xt_elf_reloc *r = reloc_at(elf, section, address);
        uint32_t to, offset;
        if (r) {
            reloc_target(elf, r, &to, &offset, name, sizeof name);
            fprintf(v->out, "  ; = %s", name);
            return;
        }
    } else {
        p = memory_word(elf, address);
        uint32_t offset;
        const mote_xt_elf_symbol *s = p ? mote_xt_elf_symbol_at(elf, 0, word_at(p), &offset) : NULL;
        if (s)
            name_address(elf, 0, word_at(p), name, sizeof name);
    }
    if (p)
        fprintf(v->out, "  ; = 0x%" PRIx32 "%s%s%s", word_at(p), *name ? " <" : "", name, *name ? ">" : "");
}

/* Prints the name of an instruction's target and, for l32r, the literal's value, after the instruction's text. */
static void print_target(const view *v, const mote_xt_insn *insn, uint32_t target)
{
    char name[128] = "";
    uint32_t offset = 0;
    bool inside = target - v->base < v->size;
    if (inside && (v->marks[target - v->base] & (MARK_TARGET | MARK_SYMBOL)) == MARK_TARGET)
        snprintf(name, sizeof name, ".L%" PRIx32, target);
    else if (v->elf && mote_xt_elf_symbol_at(v->elf, v->section, target, &offset) && !(is_load(insn) && offset))
        name_address(v->elf, v->section, target, name, sizeof name);
    if (*name)
        fprintf(v->out, " <%s>", name);
    if (is_load(insn))
        print_literal(v, v->section, target);
}

/* Prints an instruction whose target the linker fills in, with the relocation's symbol in place of the target. */
static void print_relocated(const view *v, const mote_xt_insn *insn, const char *text, const mote_xt_elf_reloc *r)
{
    const char *last = strrchr(text, ' ');
    uint32_t section, offset;
    char name[128];
    bool here = reloc_target(v->elf, r, &section, &offset, name, sizeof name);
    fprintf(v->out, "%.*s %s", (int)(last - text), text, name);
    if (here && is_load(insn))
        print_literal(v, section, offset);
}

/* Returns the number of bytes from `at` to the next symbol or literal, at most `most`. No instruction crosses one. */
static size_t up_to_mark(const view *v, size_t at, size_t most)
{
    size_t n = 1;
    while (n < most && at + n < v->size && !(v->marks[at + n] & (MARK_SYMBOL | MARK_LITERAL)))
        n++;
    return n;
}

/* Marks the targets and literals to which instructions refer. Decoding restarts at every symbol and after every known
 * literal. */
static void mark_references(view *v)
{
    for (size_t at = 0; at < v->size;) {
        int32_t values[MOTE_XT_MAX_OPERANDS];
        uint32_t pc = v->base + (uint32_t)at;
        const mote_xt_insn *insn = mote_xt_decode(v->bytes + at, v->size - at, v->chips, pc, values);
        bool literal = (v->marks[at] & MARK_LITERAL) && v->size - at >= 4;
        if (literal || !insn || up_to_mark(v, at, insn->size) < insn->size) {
            at += literal ? 4 : 1;
            continue;
        }
        bool local = has_label(insn) && !(v->elf && reloc_at(v->elf, v->section, pc - v->base));
        uint32_t target = local ? (uint32_t)values[insn->operand_count - 1] - v->base : UINT32_MAX;
        if (local && target < v->size && (!is_load(insn) || v->size - target >= 4))
            v->marks[target] |= is_load(insn) ? MARK_LITERAL : MARK_TARGET;
        at += insn->size;
    }
}

/* Marks targets in this section that only relocations name, as in the objects of GNU as. */
static void mark_relocated(view *v)
{
    const mote_xt_elf *elf = v->elf;
    for (size_t i = first_reloc(elf, v->section, 0); i < elf->reloc_count && elf->relocs[i].section == v->section;
         i++) {
        uint32_t section, offset;
        char name[128];
        const mote_xt_elf_reloc *r = &elf->relocs[i];
        if (r->type != R_XTENSA_SLOT0_OP || !reloc_target(elf, r, &section, &offset, name, sizeof name) ||
            section != v->section || offset >= v->size || r->offset >= v->size)
            continue;
        bool load = (v->bytes[r->offset] & 15) == 1; /* l32r */
        if (!load || v->size - offset >= 4)
            v->marks[offset] |= load ? MARK_LITERAL : MARK_TARGET;
    }
}

/* Marks symbols, targets and literals, so that code can be told from the words between it. */
static void mark(view *v)
{
    const mote_xt_elf *elf = v->elf;
    uint32_t offset;
    if (elf && v->size && mote_xt_elf_symbol_at(elf, v->section, v->base, &offset) && offset == 0)
        v->marks[0] |= MARK_SYMBOL;
    const mote_xt_elf_symbol *s = elf ? mote_xt_elf_symbol_after(elf, v->section, v->base) : NULL;
    for (; s && s->value - v->base < v->size; s = mote_xt_elf_symbol_after(elf, v->section, s->value))
        v->marks[s->value - v->base] |= MARK_SYMBOL;
    /* Two passes: a literal is known only through the code after it, and the first pass may have decoded it as code. */
    for (int i = 0; i < 2 && !v->only_literals; i++)
        mark_references(v);
    if (elf && elf->type == ET_REL)
        mark_relocated(v);
}

static void print_labels(const view *v, size_t at)
{
    uint32_t address = v->base + (uint32_t)at, offset;
    if (v->marks[at] & MARK_SYMBOL) {
        const mote_xt_elf_symbol *s = mote_xt_elf_symbol_at(v->elf, v->section, address, &offset);
        if (s && offset == 0)
            fprintf(v->out, "\n%08" PRIx32 " <%s>:\n", address, s->name);
    } else if (v->marks[at] & MARK_TARGET) {
        fprintf(v->out, "%8s   .L%" PRIx32 ":\n", "", address);
    }
}

static size_t print_word(const view *v, size_t at)
{
    uint32_t address = v->base + (uint32_t)at;
    print_bytes(v->out, address, v->bytes + at, 4);
    fprintf(v->out, ".word 0x%" PRIx32, word_at(v->bytes + at));
    const mote_xt_elf_reloc *r = v->elf ? reloc_at(v->elf, v->section, (uint32_t)at) : NULL;
    uint32_t section, offset;
    char name[128];
    if (r) {
        reloc_target(v->elf, r, &section, &offset, name, sizeof name);
        fprintf(v->out, "  ; = %s", name);
    } else if (v->elf && v->elf->type == ET_EXEC && mote_xt_elf_symbol_at(v->elf, 0, word_at(v->bytes + at), &offset)) {
        name_address(v->elf, 0, word_at(v->bytes + at), name, sizeof name);
        fprintf(v->out, "  ; = %s", name);
    }
    fputc('\n', v->out);
    return 4;
}

/* Sets *target to the target of a relocation if it lies in this section; returns false otherwise. */
static bool target_here(const view *v, const mote_xt_elf_reloc *r, int32_t *target)
{
    uint32_t section, offset;
    char name[128];
    if (!reloc_target(v->elf, r, &section, &offset, name, sizeof name) || section != v->section)
        return false;
    *target = (int32_t)offset;
    return true;
}

static size_t print_one(const view *v, size_t at)
{
    uint32_t pc = v->base + (uint32_t)at;
    if (((v->marks[at] & MARK_LITERAL) || v->only_literals) && v->size - at >= 4)
        return print_word(v, at);
    int32_t values[MOTE_XT_MAX_OPERANDS];
    const mote_xt_insn *insn = mote_xt_decode(v->bytes + at, v->size - at, v->chips, pc, values);
    if (!insn || up_to_mark(v, at, insn->size) < insn->size) {
        size_t n = up_to_mark(v, at, insn ? insn->size : 1);
        for (size_t i = 0; i < n; i++) {
            print_bytes(v->out, pc + (uint32_t)i, v->bytes + at + i, 1);
            fprintf(v->out, ".byte 0x%02x\n", v->bytes[at + i]);
        }
        return n;
    }
    const mote_xt_elf_reloc *r = v->elf && has_label(insn) ? reloc_at(v->elf, v->section, (uint32_t)at) : NULL;
    bool local = !r || r->type != R_XTENSA_SLOT0_OP || target_here(v, r, &values[insn->operand_count - 1]);
    char text[MOTE_XT_TEXT];
    mote_xt_format(insn, values, text, sizeof text);
    print_bytes(v->out, pc, v->bytes + at, insn->size);
    if (r && !local) {
        print_relocated(v, insn, text, r);
    } else {
        fputs(text, v->out);
        if (has_label(insn))
            print_target(v, insn, (uint32_t)values[insn->operand_count - 1]);
    }
    fputc('\n', v->out);
    return insn->size;
}

static bool print_view(view *v)
{
    v->marks = calloc(v->size + 1, 1);
    v->only_literals = strstr(v->name, ".literal") != NULL;
    if (!v->marks)
        return false;
    mark(v);
    for (size_t at = 0; at < v->size;) {
        print_labels(v, at);
        at += print_one(v, at);
    }
    free(v->marks);
    return true;
}

bool mote_xt_dis_raw(FILE *out, const uint8_t *bytes, size_t size, uint32_t base, unsigned chips)
{
    return print_view(&(view){.out = out, .name = "", .bytes = bytes, .size = size, .base = base, .chips = chips});
}

bool mote_xt_dis_elf(FILE *out, const mote_xt_elf *elf, unsigned chips)
{
    bool any = false, done = true;
    for (uint32_t i = 0; done && i < elf->section_count; i++) {
        const mote_xt_elf_section *s = &elf->sections[i];
        if (!(s->flags & SHF_EXECINSTR) || !s->data || s->size == 0)
            continue;
        any = true;
        fprintf(out, "\nSection %s, %" PRIu32 " bytes\n", s->name, s->size);
        uint32_t base = elf->type == ET_REL ? 0 : s->address;
        done = print_view(&(view){out, elf, i, s->name, s->data, s->size, base, chips, NULL, false});
    }
    for (size_t i = 0; !any && done && i < elf->segment_count; i++) {
        const mote_xt_elf_segment *p = &elf->segments[i];
        if (p->type != PT_LOAD || !(p->flags & PF_X) || p->file_size == 0)
            continue;
        fprintf(out, "\nSegment at 0x%" PRIx32 ", %" PRIu32 " bytes\n", p->address, p->file_size);
        done = print_view(&(view){out, elf, 0, "", p->data, p->file_size, p->address, chips, NULL, false});
    }
    return done;
}
