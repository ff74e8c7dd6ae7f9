/* Tests of line tables of every version, written by hand and by the assembler, and of damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/xtensa/assembled.h"
#include "xtensa/debug/lines.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

enum { CODE = 0x400 };

/* The line number program: 0x400 is line 7, 0x403 is line 9 of file 2, which ends at 0x406. */
#define PROGRAM                                                                                                        \
    0, 5, 2, 0x00, 0x04, 0, 0, /* address 0x400 */                                                                     \
        3, 6, 1,               /* line + 6, row */                                                                     \
        4, 2,                  /* file 2 */                                                                            \
        5, 0x81, 0x00,         /* a column, in more bytes than necessary */                                            \
        13 + 3 * 14 + 5 + 2,   /* address + 3, line + 2, row */                                                        \
        0, 2, 0x80, 1,         /* an unknown extended opcode */                                                        \
        9, 3, 0, 0, 1, 1       /* address + 3, end */
#define PARAMETERS 1, (uint8_t)-5, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1

static const uint8_t version2[] = {67,
                                   0,
                                   0,
                                   0,
                                   2,
                                   0,
                                   35,
                                   0,
                                   0,
                                   0,
                                   1,
                                   PARAMETERS,
                                   'd',
                                   0,
                                   0,
                                   'x',
                                   '.',
                                   'c',
                                   0,
                                   0,
                                   0,
                                   0,
                                   'y',
                                   '.',
                                   'h',
                                   0,
                                   1,
                                   0,
                                   0,
                                   0,
                                   /* end of the lists */ PROGRAM};
static const uint8_t version3[] = {67,  0,   0, 0, 3, 0, 35,  0,   0,   0, 1, PARAMETERS, 'd', 0, 0,      'x',
                                   '.', 'c', 0, 0, 0, 0, 'y', '.', 'h', 0, 1, 0,          0,   0, PROGRAM};
static const uint8_t version4[] = {68,  0,   0,   0, 4, 0, 36, 0,   0,   0,   1, 1, PARAMETERS, 'd', 0, 0,
                                   'x', '.', 'c', 0, 0, 0, 0,  'y', '.', 'h', 0, 1, 0,          0,   0, PROGRAM};
/* Folders are strings in .debug_line_str; files are inline strings with a checksum, which is skipped. */
static const uint8_t version5[] = {135,
                                   0,
                                   0,
                                   0,
                                   5,
                                   0,
                                   4,
                                   0,
                                   101,
                                   0,
                                   0,
                                   0,
                                   1,
                                   1,
                                   PARAMETERS,
                                   /* folders */ 1,
                                   1,
                                   0x1f,
                                   2,
                                   0,
                                   0,
                                   0,
                                   0,
                                   2,
                                   0,
                                   0,
                                   0,
                                   /* files */ 3,
                                   1,
                                   8,
                                   2,
                                   11,
                                   5,
                                   0x1e,
                                   3,
                                   'x',
                                   '.',
                                   'c',
                                   0,
                                   0,
                                   1,
                                   2,
                                   3,
                                   4,
                                   5,
                                   6,
                                   7,
                                   8,
                                   1,
                                   2,
                                   3,
                                   4,
                                   5,
                                   6,
                                   7,
                                   8,
                                   'x',
                                   '.',
                                   'c',
                                   0,
                                   0,
                                   1,
                                   2,
                                   3,
                                   4,
                                   5,
                                   6,
                                   7,
                                   8,
                                   1,
                                   2,
                                   3,
                                   4,
                                   5,
                                   6,
                                   7,
                                   8,
                                   'y',
                                   '.',
                                   'h',
                                   0,
                                   1,
                                   1,
                                   2,
                                   3,
                                   4,
                                   5,
                                   6,
                                   7,
                                   8,
                                   1,
                                   2,
                                   3,
                                   4,
                                   5,
                                   6,
                                   7,
                                   8,
                                   PROGRAM};
static const uint8_t line_texts[] = {'.', 0, 'd', 0};

static bool read_lines(const uint8_t *table, size_t size, mote_xt_lines *lines, mote_error *error)
{
    mote_xt_elf_section sections[] = {
        {.name = ""},
        {.name = ".text", .flags = SHF_ALLOC | SHF_EXECINSTR, .address = CODE, .size = 0x100, .data = line_texts},
        {.name = ".debug_line_str", .size = sizeof line_texts, .data = line_texts},
        {.name = ".debug_line", .size = (uint32_t)size, .data = table},
    };
    mote_xt_elf elf = {.type = ET_EXEC, .sections = sections, .section_count = COUNT(sections)};
    return mote_xt_lines_read(&elf, "t.elf", lines, error);
}

static void expect_line(const mote_xt_lines *lines, uint32_t address, const char *folder, const char *name,
                        uint32_t line)
{
    const mote_xt_line *row = mote_xt_lines_at(lines, address);
    if (line == 0) {
        assert_null(row);
        return;
    }
    assert_non_null(row);
    assert_int_equal(row->line, line);
    assert_string_equal(lines->files[row->file].name, name);
    assert_string_equal(lines->files[row->file].folder, folder);
}

static const struct version {
    const uint8_t *table;
    size_t size;
    const char *folder;
} versions[] = {{version2, sizeof version2, ""},
                {version3, sizeof version3, ""},
                {version4, sizeof version4, ""},
                {version5, sizeof version5, "."}};

static void every_version_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        const struct version *v = &versions[i];
        mote_xt_lines lines;
        mote_error error = {0};
        assert_int_equal(v->table[0] + 4, v->size);
        if (!read_lines(v->table, v->size, &lines, &error))
            fail_msg("version %d: %s", v->table[4], error.text);
        expect_line(&lines, CODE - 1, "", "", 0);
        expect_line(&lines, CODE, v->folder, "x.c", 7);
        expect_line(&lines, CODE + 2, v->folder, "x.c", 7);
        expect_line(&lines, CODE + 3, "d", "y.h", 9);
        expect_line(&lines, CODE + 5, "d", "y.h", 9);
        expect_line(&lines, CODE + 6, "", "", 0);
        mote_xt_lines_free(&lines);
    }
}

static void lines_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        uint32_t line, address; /* 0: none */
    } rows[] = {
        {"x.c", 7, CODE},       {"x.c", 1, CODE},   {"x.c", 8, 0},       {"y.h", 9, CODE + 3}, {"d/y.h", 8, CODE + 3},
        {"e/y.h", 8, 0},        {"/y.h", 8, 0},     {".h", 8, 0},        {"", 8, 0},           {"dd/y.h", 9, 0},
        {"x.c", UINT32_MAX, 0}, {"./x.c", 7, CODE}, {"y.h", 0, CODE + 3}};
    mote_xt_lines lines;
    assert_true(read_lines(version5, sizeof version5, &lines, NULL));
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint32_t address = 0;
        assert_int_equal(mote_xt_lines_find(&lines, rows[i].file, strlen(rows[i].file), rows[i].line, &address),
                         rows[i].address != 0);
        assert_int_equal(address, rows[i].address);
    }
    mote_xt_lines_free(&lines);
}

/* Rows of functions that the linker drops remain in the table at address 0. */
static void dropped_code_has_no_lines(void **state)
{
    (void)state;
    uint8_t table[2 * sizeof version4];
    memcpy(table, version4, sizeof version4);
    memcpy(table + sizeof version4, version4, sizeof version4);
    uint8_t *address = memmem(table, sizeof version4, (const uint8_t[]){0, 5, 2, 0, 4}, 5);
    assert_non_null(address);
    address[4] = 0;
    mote_xt_lines lines;
    assert_true(read_lines(table, sizeof table, &lines, NULL));
    assert_int_equal(lines.row_count, 3);
    expect_line(&lines, 0, "", "", 0);
    expect_line(&lines, CODE + 3, "d", "y.h", 9);
    mote_xt_lines_free(&lines);
}

static void refused(const uint8_t *table, size_t size, mote_code code, const char *message)
{
    mote_xt_lines lines;
    mote_error error = {0};
    assert_false(read_lines(table, size, &lines, &error));
    assert_int_equal(error.code, code);
    if (!strstr(error.text, message))
        fail_msg("expected '%s', got '%s'", message, error.text);
    assert_null(lines.rows);
    assert_null(lines.files);
}

/* Each row changes one byte of a table of version 4; a negative offset counts from its end. */
static void impossible_tables_are_refused(void **state)
{
    (void)state;
    static const struct {
        int at;
        uint8_t byte;
        mote_code code;
        const char *message;
    } rows[] = {
        {0, 65, MOTE_E_FORMAT, "its last sequence has no end"},
        {0, 69, MOTE_E_FORMAT, "it ends too early"},
        {0, 3, MOTE_E_FORMAT, "it ends too early"},
        {4, 1, MOTE_E_UNSUPPORTED, "has version 1; expected 2 to 5"},
        {4, 6, MOTE_E_UNSUPPORTED, "has version 6; expected 2 to 5"},
        {9, 1, MOTE_E_FORMAT, "it ends too early"},
        {14, 0, MOTE_E_FORMAT, "an impossible header"},
        {15, 0, MOTE_E_FORMAT, "an impossible header"},
        {35, 2, MOTE_E_FORMAT, "in a folder that is not listed"},
        {-15, 3, MOTE_E_FORMAT, "a row names a file that is not listed"},
        {-15, 0x80, MOTE_E_FORMAT, "a row names a file that is not listed"},
        {-2, 2, MOTE_E_FORMAT, "it ends too early"},
        {-1, 3, MOTE_E_FORMAT, "a name does not end"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t table[sizeof version4];
        memcpy(table, version4, sizeof table);
        table[rows[i].at < 0 ? (size_t)((int)sizeof table + rows[i].at) : (size_t)rows[i].at] = rows[i].byte;
        refused(table, sizeof table, rows[i].code, rows[i].message);
    }
}

static void numbers_without_end_are_refused(void **state)
{
    (void)state;
    uint8_t table[sizeof version4 + 100];
    memcpy(table, version4, sizeof version4);
    memset(table + sizeof version4, 0x80, 100);
    table[0] = sizeof table - 4;
    table[sizeof version4] = 3; /* advance_line */
    refused(table, sizeof table, MOTE_E_FORMAT, "a LEB128 number does not end");
}

/* A version 5 table may declare any number of entries; entries of zero bytes would never end. */
static void entries_without_fields_are_refused(void **state)
{
    (void)state;
    static const uint8_t empty[] = {37, 0,          0, 0,    5,    0,    4,    0,    29, 0, 0, 0, 1,
                                    1,  PARAMETERS, 0, 0xff, 0xff, 0xff, 0xff, 0x7f, 0,  0, 0, 0, 0};
    static const uint8_t wide[] = {37, 0,          0,  0, 5, 0, 4, 0, 29, 0, 0, 0, 1,
                                   1,  PARAMETERS, 17, 1, 8, 1, 8, 1, 8,  1, 8, 1, 8};
    static const uint8_t form[] = {37, 0,          0, 0, 5,    0, 4, 0, 29, 0, 0, 0, 1,
                                   1,  PARAMETERS, 1, 1, 0x19, 1, 8, 1, 8,  1, 8, 1, 8};
    refused(empty, sizeof empty, MOTE_E_FORMAT, "entries without fields");
    refused(wide, sizeof wide, MOTE_E_FORMAT, "more fields than line tables have");
    refused(form, sizeof form, MOTE_E_FORMAT, "a form that line tables do not have");
}

static void check_order(const mote_xt_lines *lines)
{
    for (size_t i = 0; i < lines->row_count; i++) {
        assert_true(lines->rows[i].file < lines->file_count);
        assert_true(i == 0 || lines->rows[i - 1].address <= lines->rows[i].address);
    }
}

/* With any bit flipped, or truncated to any length, a table is refused or read, without accesses beyond it. */
static void damage_stays_inside(void **state)
{
    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++)
        for (size_t bit = 0; bit < versions[v].size * 9; bit++) {
            size_t size = bit < versions[v].size * 8 ? versions[v].size : bit - versions[v].size * 8;
            uint8_t *copy = malloc(size + !size); /* exact size, so that a sanitizer detects accesses beyond it */
            memcpy(copy, versions[v].table, size);
            if (bit / 8 < size)
                copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
            mote_xt_lines lines;
            mote_error error = {0};
            if (read_lines(copy, size, &lines, &error)) {
                uint32_t address;
                check_order(&lines);
                mote_xt_lines_at(&lines, CODE);
                mote_xt_lines_find(&lines, "d/y.h", 5, 1, &address);
                mote_xt_lines_free(&lines);
            } else {
                assert_true(error.text[0]);
            }
            free(copy);
        }
}

static uint32_t random_state = 7;

static uint32_t random_number(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static void noise_stays_inside(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        const struct version *v = &versions[random_number() % COUNT(versions)];
        uint8_t *copy = malloc(v->size);
        memcpy(copy, v->table, v->size);
        for (uint32_t n = 1 + random_number() % 8; n-- > 0;)
            copy[random_number() % v->size] = (uint8_t)random_number();
        mote_xt_lines lines;
        if (read_lines(copy, v->size, &lines, NULL)) {
            check_order(&lines);
            mote_xt_lines_free(&lines);
        }
        free(copy);
    }
}

/* Reads the table of the assembler, with its section treated as if it were linked to address 0. */
static void own_tables_are_read(void **state)
{
    (void)state;
    static const char source[] = "f: nop\nnop\n\n.space 10000\nnop\nret\n";
    assembled a;
    mote_xt_lines lines;
    assemble(&a, source, sizeof source - 1, (mote_xt_asm_options){.debug = true});
    assert_true(mote_xt_lines_read(&a.elf, "t.o", &lines, NULL));
    assert_int_equal(lines.row_count, 0); /* an object */
    a.elf.type = ET_EXEC;
    assert_true(mote_xt_lines_read(&a.elf, "t.o", &lines, NULL));
    assert_int_equal(mote_xt_lines_at(&lines, 0)->line, 1);
    assert_int_equal(mote_xt_lines_at(&lines, 3)->line, 2);
    assert_string_equal(lines.files[mote_xt_lines_at(&lines, 3)->file].name, "t.s");
    mote_xt_lines_free(&lines);
    assembled_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_version_is_read),
        cmocka_unit_test(lines_are_found),
        cmocka_unit_test(dropped_code_has_no_lines),
        cmocka_unit_test(impossible_tables_are_refused),
        cmocka_unit_test(numbers_without_end_are_refused),
        cmocka_unit_test(entries_without_fields_are_refused),
        cmocka_unit_test(damage_stays_inside),
        cmocka_unit_test(noise_stays_inside),
        cmocka_unit_test(own_tables_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
