/* Programs of a few lines for the tests of the loader, the debugger and the gdb server. Each line is assembled by
 * itself, so that targets are written `.+N`. The ELF file around the code is built by hand. */
#ifndef TESTS_XTENSA_TINY_PROGRAM_H
#define TESTS_XTENSA_TINY_PROGRAM_H

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/asm/asm.h"
#include "xtensa/debug/program.h"

enum { TINY_CODE = 0x403b0000, TINY_DATA = 0x3fc90000, TINY_STACK = 0x3fca0000 };

typedef struct tiny_line {
    const char *label; /* starts a function, or NULL */
    const char *text;
} tiny_line;

typedef struct tiny_elf {
    Elf32_Ehdr header;
    Elf32_Phdr segments[2];
    Elf32_Shdr sections[5]; /* null, .text, .symtab, .strtab, .data */
    Elf32_Sym symbols[16];
    char names[256];
    uint8_t code[1024];
    uint8_t data[64];
} tiny_elf;

static Elf32_Word tiny_name(tiny_elf *e, size_t *used, const char *name)
{
    size_t at = *used;
    memcpy(e->names + at, name, strlen(name) + 1);
    *used += strlen(name) + 1;
    return (Elf32_Word)at;
}

static size_t tiny_assemble(tiny_elf *e, const tiny_line *lines, size_t count, size_t *names, size_t *symbols)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[MOTE_XT_MAX_BYTES];
        unsigned length = 0;
        mote_error error = {0};
        if (!mote_xt_assemble_line(lines[i].text, TINY_CODE + (uint32_t)size, MOTE_XT_ESP32S3, bytes, &length,
                                   &error)) {
            fprintf(stderr, "%s: %s\n", lines[i].text, error.text);
            abort();
        }
        if (lines[i].label)
            e->symbols[(*symbols)++] = (Elf32_Sym){.st_name = tiny_name(e, names, lines[i].label),
                                                   .st_value = TINY_CODE + (uint32_t)size,
                                                   .st_info = ELF32_ST_INFO(STB_GLOBAL, STT_FUNC),
                                                   .st_shndx = 1};
        memcpy(e->code + size, bytes, length);
        size += length;
    }
    for (size_t i = *symbols; i-- > 1;) { /* each function extends to the next */
        uint32_t end = i + 1 < *symbols ? e->symbols[i + 1].st_value : TINY_CODE + (uint32_t)size;
        e->symbols[i].st_size = end - e->symbols[i].st_value;
    }
    return size;
}

/* Returns an ELF file with the lines at TINY_CODE, and 64 bytes of data (symbol `data`) at TINY_DATA. */
static mote_bytes tiny_file(const tiny_line *lines, size_t count)
{
    tiny_elf *e = calloc(1, sizeof *e);
    size_t names = 1, symbols = 1;
    uint32_t size = (uint32_t)tiny_assemble(e, lines, count, &names, &symbols);
    for (uint8_t i = 0; i < 64; i++)
        e->data[i] = (uint8_t)(i - 8);
    e->symbols[symbols++] = (Elf32_Sym){.st_name = tiny_name(e, &names, "data"),
                                        .st_value = TINY_DATA,
                                        .st_size = 64,
                                        .st_info = ELF32_ST_INFO(STB_GLOBAL, STT_OBJECT),
                                        .st_shndx = 4};
    e->symbols[symbols++] = (Elf32_Sym){.st_name = tiny_name(e, &names, "_stack_top"),
                                        .st_value = TINY_STACK,
                                        .st_info = ELF32_ST_INFO(STB_GLOBAL, STT_NOTYPE),
                                        .st_shndx = SHN_ABS};
    e->header = (Elf32_Ehdr){.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
                             .e_type = ET_EXEC,
                             .e_machine = EM_XTENSA,
                             .e_version = EV_CURRENT,
                             .e_entry = TINY_CODE,
                             .e_phoff = offsetof(tiny_elf, segments),
                             .e_shoff = offsetof(tiny_elf, sections),
                             .e_ehsize = sizeof(Elf32_Ehdr),
                             .e_phentsize = sizeof(Elf32_Phdr),
                             .e_phnum = 2,
                             .e_shentsize = sizeof(Elf32_Shdr),
                             .e_shnum = 5};
    e->segments[0] = (Elf32_Phdr){PT_LOAD, offsetof(tiny_elf, code), TINY_CODE, TINY_CODE, size, size, PF_R | PF_X, 4};
    e->segments[1] = (Elf32_Phdr){PT_LOAD, offsetof(tiny_elf, data), TINY_DATA, TINY_DATA, 64, 128, PF_R | PF_W, 16};
    e->sections[1] =
        (Elf32_Shdr){0, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, TINY_CODE, offsetof(tiny_elf, code), size, 0, 0, 4, 0};
    e->sections[2] = (Elf32_Shdr){
        0, SHT_SYMTAB,       0, 0, offsetof(tiny_elf, symbols), (Elf32_Word)(symbols * sizeof(Elf32_Sym)), 3, 1,
        4, sizeof(Elf32_Sym)};
    e->sections[3] = (Elf32_Shdr){0, SHT_STRTAB, 0, 0, offsetof(tiny_elf, names), (Elf32_Word)names, 0, 0, 1, 0};
    e->sections[4] =
        (Elf32_Shdr){0, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, TINY_DATA, offsetof(tiny_elf, data), 64, 0, 0, 16, 0};
    return (mote_bytes){.data = (uint8_t *)e, .size = sizeof *e};
}

/* Calls square with 7 (49 in a2), stores the result to data+16, loads a vector, and exits with 49. */
static const tiny_line tiny_square[] = {
    {"_start", "movi a0, 0"},  {NULL, "movi a2, 7"},      {NULL, "movi a4, 0x3fc"},          {NULL, "slli a4, a4, 20"},
    {NULL, "movi a5, 9"},      {NULL, "slli a5, a5, 16"}, {NULL, "add a4, a4, a5"}, /* 0x3fc90000 */
    {NULL, "call0 .+19"},      {NULL, "s32i a2, a4, 16"}, {NULL, "ee.vld.128.ip q1, a4, 0"}, {NULL, "mov.n a3, a2"},
    {NULL, "nop.n"}, /* aligns the call target to 4 */
    {NULL, "movi a2, 1"},      {NULL, "simcall"},         {"square", "addi a1, a1, -16"},    {NULL, "s32i a0, a1, 12"},
    {NULL, "mull a2, a2, a2"}, {NULL, "l32i a0, a1, 12"}, {NULL, "addi a1, a1, 16"},         {NULL, "ret"},
};

#define TINY_COUNT(lines) (sizeof(lines) / sizeof((lines)[0]))

#endif
