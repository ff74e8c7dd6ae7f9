/* Tests of the ELF reader with a small valid file and with every field damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/xtensa/assembled.h"

static const char source[] = ".global f\n.type f, @function\nf: call0 outside\nret\n.size f, . - f\ng: ret\nh: ret\n"
                             ".data\n.word f\n.bss\nb: .space 8\n";

static bool opens(const uint8_t *data, size_t size, mote_error *error)
{
    mote_xt_elf elf;
    bool ok = mote_xt_elf_open(data, size, "t.o", &elf, error);
    if (ok)
        mote_xt_elf_close(&elf);
    return ok;
}

static void reads_what_is_there(void **state)
{
    (void)state;
    assembled a;
    assemble(&a, source, sizeof source - 1, (mote_xt_asm_options){0});
    assert_string_equal(a.report, "");
    assert_int_equal(a.elf.type, ET_REL);
    assert_int_equal(assembled_section(&a, ".text")->size, 9);
    assert_null(assembled_section(&a, ".bss")->data);
    assert_int_equal(assembled_section(&a, ".bss")->size, 8);
    assert_int_equal(a.elf.reloc_count, 2 + 1); /* one in .xt.prop */
    const mote_xt_elf_symbol *f = mote_xt_elf_symbol_find(&a.elf, "f"), *s;
    uint32_t text = f->section, offset = 99;
    assert_ptr_equal(mote_xt_elf_symbol_at(&a.elf, text, 4, &offset), f);
    assert_int_equal(offset, 4);
    s = mote_xt_elf_symbol_at(&a.elf, text, 6, &offset);
    assert_string_equal(s->name, "g");
    s = mote_xt_elf_symbol_at(&a.elf, text, 8, &offset);
    assert_string_equal(s->name, "h");
    assert_null(mote_xt_elf_symbol_find(&a.elf, "outside"));
    assert_null(mote_xt_elf_symbol_find(&a.elf, "nothing"));
    assembled_free(&a);
}

static void shortened_files_are_refused(void **state)
{
    (void)state;
    assembled a;
    mote_error error;
    assemble(&a, source, sizeof source - 1, (mote_xt_asm_options){0});
    for (size_t size = 0; size < a.file.size; size++) {
        uint8_t *copy = malloc(size + 1); /* exact size, so that a sanitizer detects accesses beyond it */
        memcpy(copy, a.file.data, size);
        uint8_t *tight = realloc(copy, size ? size : 1);
        assert_false(opens(tight, size, &error));
        assert_true(error.text[0]);
        free(tight);
    }
    assembled_free(&a);
}

static void impossible_headers_are_refused(void **state)
{
    (void)state;
    static const struct {
        size_t offset, size;
        uint32_t value;
        mote_code code;
        const char *message;
    } rows[] = {
        {0, 1, 0, MOTE_E_FORMAT, "not an ELF file"},
        {EI_CLASS, 1, ELFCLASS64, MOTE_E_UNSUPPORTED, "not for a 32-bit little-endian Xtensa"},
        {EI_DATA, 1, ELFDATA2MSB, MOTE_E_UNSUPPORTED, "not for a 32-bit little-endian Xtensa"},
        {offsetof(Elf32_Ehdr, e_machine), 2, EM_RISCV, MOTE_E_UNSUPPORTED, "(machine 243)"},
        {offsetof(Elf32_Ehdr, e_type), 2, ET_DYN, MOTE_E_UNSUPPORTED, "ELF type 3"},
        {offsetof(Elf32_Ehdr, e_shoff), 4, 0xfffffff0, MOTE_E_FORMAT, "the section headers lie outside"},
        {offsetof(Elf32_Ehdr, e_shentsize), 2, 8, MOTE_E_FORMAT, "the section headers lie outside"},
        {offsetof(Elf32_Ehdr, e_shnum), 2, 0xfff0, MOTE_E_FORMAT, "the section headers lie outside"},
        {offsetof(Elf32_Ehdr, e_shstrndx), 2, 999, MOTE_E_FORMAT, "a section's name lies outside"},
        {offsetof(Elf32_Ehdr, e_phnum), 2, 1, MOTE_E_FORMAT, "the program headers lie outside"},
    };
    assembled a;
    assemble(&a, source, sizeof source - 1, (mote_xt_asm_options){0});
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t *copy = malloc(a.file.size);
        memcpy(copy, a.file.data, a.file.size);
        memcpy(copy + rows[i].offset, &rows[i].value, rows[i].size);
        mote_error error = {0};
        assert_false(opens(copy, a.file.size, &error));
        assert_int_equal(error.code, rows[i].code);
        if (!strstr(error.text, rows[i].message))
            fail_msg("expected '%s', got '%s'", rows[i].message, error.text);
        free(copy);
    }
    assembled_free(&a);
}

/* With any word of any section header set to an extreme value, the file is refused or read, without accesses
 * beyond it. */
static void section_headers_may_say_anything(void **state)
{
    (void)state;
    static const uint32_t extremes[] = {0, 1, 2, 3, 4, 7, 12, 16, 40, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff};
    assembled a;
    assemble(&a, source, sizeof source - 1, (mote_xt_asm_options){0});
    Elf32_Ehdr header;
    memcpy(&header, a.file.data, sizeof header);
    for (size_t at = header.e_shoff; at + 4 <= a.file.size; at += 4)
        for (size_t k = 0; k < sizeof extremes / sizeof *extremes; k++) {
            uint8_t *copy = malloc(a.file.size);
            memcpy(copy, a.file.data, a.file.size);
            memcpy(copy + at, &extremes[k], 4);
            mote_xt_elf elf;
            if (mote_xt_elf_open(copy, a.file.size, "t.o", &elf, NULL)) {
                uint32_t offset;
                for (uint32_t s = 0; s < 4; s++)
                    mote_xt_elf_symbol_at(&elf, s, 4, &offset);
                mote_xt_elf_close(&elf);
            }
            free(copy);
        }
    assembled_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_there),
        cmocka_unit_test(shortened_files_are_refused),
        cmocka_unit_test(impossible_headers_are_refused),
        cmocka_unit_test(section_headers_may_say_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
