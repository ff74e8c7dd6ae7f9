/* Tests that the assembler accepts the input of GNU as and emits the same bytes. The expected bytes are from GNU as
 * 2.40 for the ESP32-S3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "tests/xtensa/assembled.h"

static void same_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *source, *bytes;
    } rows[] = {
        {".macro two ; nop ; nop ; .endm\n two ; ret", "3df03df00df0"},
        {".rept 2 ; nop ; .endr ; mov a2, a3", "3df03df02d03"},
        {".irp r, a2, a3 ; mov \\r, a4 ; .endr", "2d043d04"},
        {".altmacro\n.macro m a\nLOCAL x\nx: movi a2, a\n.byte a&1\n.ascii \"a &a\"\nj x\n.endm\nm %(2+3)\nm <7>",
         "0c523335203586fdff0c724737203786fdff"},
        {"addmi a10, a1, 176\naddmi a10, a1, 5\naddmi a10, a1, -33024\naddi a10, a1, 32639",
         "a2d101a2cab05ba1a10000aaa1a2d17fa2ca7f"},
        {"t: blti a9, 0, t\nbgei a9, 0, t\nbeqi a9, 0, t\nbnei a9, 0, t", "96c9ffd699ff1669ff5639ff"},
        {"add $a3, $a4, $sp\nmovi $a2, 5", "1a340c52"},
        {".uleb128 300, 0, 127\n.sleb128 -1, 64, -300", "ac02007f7fc000d47d"},
        {"f: nop\nnop\n.Le: .uleb128 .Le - f", "3df03df004"},
        {".octa 0x112233445566778899aabbccddeeff, -1",
         "ffeeddccbbaa99887766554433221100ffffffffffffffffffffffffffffffff"},
        {".dc.w 1, 2\n.dcb.b 2, 5\n.ds.w 1, 7\n.string16 \"a\"\n.float 0f1.5", "0100020005050700610000000000c03f"},
        {".struct 8\nx: .space 4\n.align 8\ny:\n.text\n.byte x, y", "0810"},
        {".if 1\nnop\n.elseif 1 == 2\nret\n.endif", "3df0"},
        {".byte 1, 2\n.balignw 4, 0x1234", "01023412"},
        {".byte 1\n.subsection 1\n.byte 3\n.previous\n.byte 2", "010203"},
        /* instructions grow to align targets, loops and return points of calls */
        {"mull a2, a3, a4\nmov a3, a4\ncall8 f\nmull a4, a5, a6", "4023823d04250000604582"},
        {"mull a2, a3, a4\nret\nl: mull a3, a4, a5\nbnez a3, l", "4023820df05034825693ff"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assembled a;
        assemble(&a, rows[i].source, strlen(rows[i].source), (mote_xt_asm_options){0});
        if (a.report[0] || strcmp(assembled_hex(&a, ".text"), rows[i].bytes) != 0)
            fail_msg("%s\nexpected %s\ngot      %s\n%s", rows[i].source, rows[i].bytes, assembled_hex(&a, ".text"),
                     a.report);
        assembled_free(&a);
    }
}

/* Literals go to the start of a section without .literal_position. */
static void literals_without_a_place(void **state)
{
    (void)state;
    static const char source[] = "f: movi a2, 123456\nret\n";
    assembled a;
    assemble(&a, source, sizeof source - 1, (mote_xt_asm_options){.text_section_literals = true});
    assert_string_equal(a.report, "");
    assert_string_equal(assembled_hex(&a, ".text"), "40e2010021ffff0df0");
    assert_int_equal(mote_xt_elf_symbol_find(&a.elf, "f")->value, 4);
    assembled_free(&a);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *source, *message;
    } rows[] = {
        {"loop a2, 1f\nnop\ncallx0 a3\n1: ret", "callx0 cannot be the last instruction of a loop"},
        {"loop a2, 1f\nnop\nwaiti 0\n1: ret", "waiti cannot be the last instruction of a loop"},
        {"loop a2, 1f\nnop\nrsr.lcount a4\n1: ret", "rsr.lcount cannot be the last instruction of a loop"},
        {"loop a2, 1f\nnop\nisync\n1: ret", "isync cannot be the last instruction of a loop"},
        {"addi a2, a2, 40000", "simm8 of addi is 40000"},
        {".stabs \"x\", 1, 2, 3, 4", "stabs is an old format"},
        {".symver a, b@c", "no shared libraries"},
        {".incbin \"/\"", "/: "},
        {".incbin \"nowhere.bin\"", "nowhere.bin"},
        {".incbin \"/etc/passwd\",0,-1", "expected a part of it"},
        {".include \"nowhere.s\"", "nowhere.s"},
        {".subsection -1", "expected 0 to"},
        {".loc 3 1", "there is no .file of this number"},
        {".uleb128 outside", "this must be a number"},
        {".abort", "the source says .abort"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assembled a;
        assemble(&a, rows[i].source, strlen(rows[i].source), (mote_xt_asm_options){0});
        if (!strstr(a.report, rows[i].message))
            fail_msg("%s\nexpected %s\ngot      %s", rows[i].source, rows[i].message, a.report);
        assembled_free(&a);
    }
}

static void a_file_that_includes_itself_ends(void **state)
{
    (void)state;
    char path[] = "/tmp/mote-circle-XXXXXX", source[64];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    snprintf(source, sizeof source, ".include \"%s\"\n", path);
    assert_int_equal(write(fd, source, strlen(source)), (ssize_t)strlen(source));
    close(fd);
    assembled a;
    assemble(&a, source, strlen(source), (mote_xt_asm_options){0});
    unlink(path);
    assert_non_null(strstr(a.report, "nested more than 100 deep"));
    assembled_free(&a);
}

static void a_thousand_unknown_directives(void **state)
{
    (void)state;
    char source[16000];
    size_t size = 0;
    for (int i = 0; i < 1000; i++)
        size += (size_t)snprintf(source + size, sizeof source - size, ".unknown%d\n", i);
    assembled a;
    assemble(&a, source, size, (mote_xt_asm_options){0});
    assert_non_null(strstr(a.report, "900 more not shown (1000 errors"));
    assembled_free(&a);
}

static void groups_and_types_of_sections(void **state)
{
    (void)state;
    static const char source[] = ".section .text.twice, \"axG\", @progbits, twice, comdat\n.weak twice\n"
                                 "twice: movi a2, 100000\nret\n.section .init_array, \"aw\", @init_array\n.word twice\n"
                                 ".global only_declared\n";
    assembled a;
    assemble(&a, source, sizeof source - 1, (mote_xt_asm_options){0});
    assert_string_equal(a.report, "");
    unsigned members = 0, groups = 0, arrays = 0;
    for (size_t i = 0; i < a.elf.section_count; i++) {
        const mote_xt_elf_section *s = &a.elf.sections[i];
        groups += s->type == SHT_GROUP;
        members += (s->flags & SHF_GROUP) != 0;
        arrays += s->type == SHT_INIT_ARRAY;
        if (s->type == SHT_GROUP)
            assert_int_equal(s->size, 8 * 4); /* flag; literals; code, .xt.prop, .xt.lit with relocations */
    }
    assert_int_equal(groups, 1);
    assert_int_equal(members, 7);
    assert_int_equal(arrays, 1);
    bool declared = false;
    for (size_t i = 0; i < a.elf.symbol_count; i++)
        declared |= strcmp(a.elf.symbols[i].name, "only_declared") == 0;
    assert_true(declared);
    assembled_free(&a);
}

/* Address (which a relocation fills in), size and flags of each range, as in GNU as. */
static void properties(void **state)
{
    (void)state;
    static const struct {
        const char *source, *expected;
    } rows[] = {
        {"f: entry a1, 32\nmovi a2, 0x12345678\nretw\n.align 4\n.byte 1, 2, 3\n.align 4\nj f\n",
         "000000000800000002010000" /* entry, l32r, retw.n */
         "000000000300000004010000" /* data; the literal is in a section of its own */
         "000000000100000008010000" /* padding to a multiple of 4 */
         "000000000300000002010000"
         "000000000400000001000000"},
        {"f: ret\n.byte 7\n.section .iram, \"ax\"\nnop\n", "000000000200000002010000"
                                                           "000000000100000004010000"
                                                           "000000000200000002010000"},
        {".data\n.word 1\n", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assembled a;
        assemble(&a, rows[i].source, strlen(rows[i].source), (mote_xt_asm_options){0});
        assert_string_equal(a.report, "");
        assert_string_equal(assembled_hex(&a, ".xt.prop"), rows[i].expected);
        uint32_t offset = 0;
        for (size_t k = 0; k < a.elf.reloc_count; k++) {
            const mote_xt_elf_reloc *r = &a.elf.relocs[k];
            if (strcmp(a.elf.sections[r->section].name, ".xt.prop") != 0)
                continue;
            assert_int_equal(r->offset, offset);
            assert_int_equal(r->type, R_XTENSA_32);
            offset += 12;
        }
        assert_int_equal(offset * 2, strlen(rows[i].expected));
        assembled_free(&a);
    }
}

/* Relocations of a long call. Code that the linker may move has them for branches and distances too. */
static void relocations(void **state)
{
    (void)state;
    static const char source[] = "call8 f\n1: nop\nloop a2, 2f\nbeqz a2, 1b\n2: ret\n.word 2b - 1b, 1b - 2b\n";
    static const struct {
        uint32_t offset, type;
        int32_t addend;
        bool moved; /* only with link_relax */
    } rows[] = {
        {0, R_XTENSA_SLOT0_OP, 0, false}, {0, R_XTENSA_ASM_EXPAND, 0, false}, {10, R_XTENSA_SLOT0_OP, 16, true},
        {13, R_XTENSA_SLOT0_OP, 6, true}, {18, R_XTENSA_PDIFF8 + 2, 6, true}, {22, R_XTENSA_NDIFF8 + 2, 16, true},
    };
    for (int relax = 0; relax < 2; relax++) {
        assembled a;
        assemble(&a, source, sizeof source - 1,
                 (mote_xt_asm_options){.longcalls = true, .link_relax = relax, .no_target_align = true});
        assert_string_equal(a.report, "");
        size_t found = 0, expected = 0, all = 0;
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
            expected += relax || !rows[k].moved;
        for (size_t i = 0; i < a.elf.reloc_count; i++) {
            const mote_xt_elf_reloc *r = &a.elf.relocs[i];
            if (strcmp(a.elf.sections[r->section].name, ".text") != 0)
                continue;
            all++;
            for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
                found += r->offset == rows[k].offset && r->type == rows[k].type && r->addend == rows[k].addend;
        }
        assert_int_equal(all, expected);
        assert_int_equal(found, expected);
        assert_string_equal(assembled_hex(&a, ".xt.lit"), "0000000004000000");
        assembled_free(&a);
    }
}

/* A table that the source defines is not changed. */
static void own_properties(void **state)
{
    (void)state;
    static const char source[] = "f: ret\n.section .xt.prop\n.word 1, 2, 3\n";
    assembled a;
    assemble(&a, source, sizeof source - 1, (mote_xt_asm_options){0});
    assert_string_equal(a.report, "");
    assert_string_equal(assembled_hex(&a, ".xt.prop"), "010000000200000003000000");
    assembled_free(&a);
}

/* The table has its version, one file, and a row for each .loc. The sizes of the header's parts follow from DWARF 5. */
static void line_table(void **state)
{
    (void)state;
    static const char source[] = ".file 1 \"x.c\"\n.loc 1 7 3\nf: nop\n.loc 1 9\nret\n";
    assembled a;
    assemble(&a, source, sizeof source - 1, (mote_xt_asm_options){0});
    assert_string_equal(a.report, "");
    const char *hex = assembled_hex(&a, ".debug_line");
    assert_memory_equal(hex + 8, "05000400", 8);
    /* column 3, line +6, address of f, copy; column 0, line +2, 2 bytes on, copy; 2 bytes on, end */
    assert_non_null(strstr(hex, "05030306000502"
                                "00000000"
                                "01"
                                "0500"
                                "0302"
                                "090200"
                                "01"
                                "090200"
                                "000101"));
    assembled_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bytes),
        cmocka_unit_test(literals_without_a_place),
        cmocka_unit_test(refused),
        cmocka_unit_test(a_file_that_includes_itself_ends),
        cmocka_unit_test(a_thousand_unknown_directives),
        cmocka_unit_test(groups_and_types_of_sections),
        cmocka_unit_test(line_table),
        cmocka_unit_test(properties),
        cmocka_unit_test(own_properties),
        cmocka_unit_test(relocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
