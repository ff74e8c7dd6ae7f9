/* Comparison with the GNU tools for the lx106, whose instructions are a subset: the same source, assembled by `as` and
 * by this assembler and linked by `ld`, must give the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/file.h"
#include "tests/xtensa/assembled.h"

static char folder[] = "/tmp/mote-link-XXXXXX";
static bool tools;

/* Runs a command in the folder. Returns true when it succeeds. */
__attribute__((format(printf, 1, 2))) static bool run(const char *format, ...)
{
    char command[2048], *p = command;
    p += snprintf(command, sizeof command, "cd %s && ", folder);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(p, sizeof command - (size_t)(p - command), format, arguments);
    va_end(arguments);
    return system(command) == 0;
}

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_text(const char *name, const char *text)
{
    mote_error error;
    assert_true(mote_file_write(path_of(name), text, strlen(text), &error));
}

static char *read_text(const char *name)
{
    mote_bytes file;
    mote_error error;
    if (!mote_file_read(path_of(name), 64 << 20, &file, &error))
        fail_msg("%s", error.text);
    char *text = calloc(1, file.size + 1);
    memcpy(text, file.data, file.size);
    free(file.data);
    return text;
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    tools =
        run("xtensa-lx106-elf-as --version >/dev/null 2>&1") && run("xtensa-lx106-elf-ld --version >/dev/null 2>&1");
    if (!tools)
        printf("SKIPPED: binutils-xtensa-lx106 not present\n");
    write_text("all.ld",
               "ENTRY(f)\n"
               "outside = 0x40001000; memcpy = 0x40001010; memset = 0x40001014; __muldi3 = 0x40001018;\n"
               "__udivsi3 = 0x4000101c; __umodsi3 = 0x40001020; __divsi3 = 0x40001024;\n"
               "SECTIONS { . = 0x40000000;\n"
               ".text : { *(.literal .text .literal.* .text.*) }\n"
               ". = ALIGN(64); .rodata : { *(.rodata .rodata.*) } . = ALIGN(64); .data : { *(.data .data.*) }\n"
               ". = ALIGN(64); .bss : { *(.bss .bss.* COMMON) } }\n");
    write_text("near.s", " .text\n .align 4\n .global near\nnear: ret\n");
    if (tools && !run("xtensa-lx106-elf-as near.s -o near.o"))
        return -1;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return getenv("MOTE_KEEP") || run("rm -f * && rmdir %s", folder) ? 0 : -1;
}

static void assemble_ours(const char *source, const char *object, mote_xt_asm_options options)
{
    char *text = read_text(source);
    assembled a;
    mote_error error;
    assemble(&a, text, strlen(text), options);
    if (!a.file.data)
        fail_msg("%s", a.report);
    assert_true(mote_file_write(path_of(object), a.file.data, a.file.size, &error));
    assembled_free(&a);
    free(text);
}

/* Compares the bytes of the loaded sections of two executables, without the padding that as adds. */
static void compare_linked(const char *left, const char *right)
{
    static const char *const sections[] = {".text", ".rodata", ".data", ".bss"};
    mote_bytes files[2];
    mote_xt_elf elves[2];
    mote_error error;
    for (int i = 0; i < 2; i++) {
        if (!mote_file_read(path_of(i ? right : left), 64 << 20, &files[i], &error) ||
            !mote_xt_elf_open(files[i].data, files[i].size, i ? right : left, &elves[i], &error))
            fail_msg("%s", error.text);
    }
    for (size_t k = 0; k < sizeof sections / sizeof *sections; k++) {
        const mote_xt_elf_section *s[2] = {NULL, NULL};
        for (int i = 0; i < 2; i++)
            for (size_t n = 0; n < elves[i].section_count; n++)
                if (strcmp(elves[i].sections[n].name, sections[k]) == 0)
                    s[i] = &elves[i].sections[n];
        assert_int_equal(s[0] != NULL, s[1] != NULL);
        if (!s[0])
            continue;
        assert_int_equal(s[0]->address, s[1]->address);
        uint32_t size = s[0]->size < s[1]->size ? s[0]->size : s[1]->size;
        assert_true(s[0]->size - size < 4 && s[1]->size - size < 4); /* as rounds up the end of a section with a pool */
        for (uint32_t at = 0; s[0]->data && at < size; at++)
            if (s[0]->data[at] != s[1]->data[at])
                fail_msg("%s + 0x%x: as gives %02x, we give %02x (sources and objects: %s)", sections[k], at,
                         s[0]->data[at], s[1]->data[at], folder);
    }
    for (int i = 0; i < 2; i++) {
        mote_xt_elf_close(&elves[i]);
        free(files[i].data);
    }
}

/* Assembles a source with as and with this assembler, links both, and compares. With `relax`, calls are long and the
 * linker shortens them, merges literals and aligns targets again. */
static void compare_links(const char *source, bool literals_in_text, bool relax)
{
    static const char *const linkers[] = {"gnu", "ours"};
    assert_true(run("xtensa-lx106-elf-as --no-target-align %s %s %s -o gnu.o 2>gnu.log",
                    literals_in_text ? "--text-section-literals" : "", relax ? "--longcalls" : "", source));
    assemble_ours(source, "ours.o",
                  (mote_xt_asm_options){.text_section_literals = literals_in_text,
                                        .no_target_align = true,
                                        .longcalls = relax,
                                        .link_relax = relax});
    for (int i = 0; i < 2; i++)
        assert_true(run("xtensa-lx106-elf-ld %s -T all.ld %s.o near.o -o %s.elf 2>%s.log", relax ? "" : "--no-relax",
                        linkers[i], linkers[i], linkers[i]));
    compare_linked("gnu.elf", "ours.elf");
}

static void compare_with_as(const char *source, bool literals_in_text)
{
    compare_links(source, literals_in_text, false);
}

static const struct {
    const char *format; /* A: an address register, I: a number, L: a label */
    int low, high, step;
} patterns[] = {
    {"add A, A, A", 0, 0, 1},
    {"_add A, A, A", 0, 0, 1},
    {"add.n A, A, A", 0, 0, 1},
    {"sub A, A, A", 0, 0, 1},
    {"addx4 A, A, A", 0, 0, 1},
    {"subx8 A, A, A", 0, 0, 1},
    {"and A, A, A", 0, 0, 1},
    {"or A, A, A", 0, 0, 1},
    {"xor A, A, A", 0, 0, 1},
    {"mov A, A", 0, 0, 1},
    {"mov.n A, A", 0, 0, 1},
    {"neg A, A", 0, 0, 1},
    {"abs A, A", 0, 0, 1},
    {"nop", 0, 0, 1},
    {"_nop", 0, 0, 1},
    {"addi A, A, I", -128, 127, 1},
    {"addi A, A, I", -32000, 32000, 1},
    {"addi.n A, A, I", 1, 15, 1},
    {"addmi A, A, I", -32768, 32512, 256},
    {"movi A, I", -2048, 2047, 1},
    {"movi A, I", -40, 100, 1},
    {"movi A, I", -1000000, 1000000, 1},
    {"movi A, L", 0, 0, 1},
    {"movi A, outside + I", 0, 100, 1},
    {"l32i A, A, I", 0, 1020, 4},
    {"l32i A, A, I", 0, 60, 4},
    {"s32i A, A, I", 0, 64, 4},
    {"s32i A, A, I", 0, 1020, 4},
    {"l16ui A, A, I", 0, 510, 2},
    {"l16si A, A, I", 0, 510, 2},
    {"l8ui A, A, I", 0, 255, 1},
    {"s8i A, A, I", 0, 255, 1},
    {"slli A, A, I", 0, 31, 1},
    {"srli A, A, I", 0, 31, 1},
    {"srai A, A, I", 0, 31, 1},
    {"extui A, A, I, 5", 0, 27, 1},
    {"ssl A", 0, 0, 1},
    {"sll A, A", 0, 0, 1},
    {"src A, A, A", 0, 0, 1},
    {"ssai I", 0, 31, 1},
    {"moveqz A, A, A", 0, 0, 1},
    {"movgez A, A, A", 0, 0, 1},
    {"mul16u A, A, A", 0, 0, 1},
    {"rsr A, sar", 0, 0, 1},
    {"wsr A, I", 3, 3, 1},
    {"rsil A, I", 0, 15, 1},
    {"nsau A, A", 0, 0, 1},
    {"memw", 0, 0, 1},
    {"beqz A, L", 0, 0, 1},
    {"bnez A, L", 0, 0, 1},
    {"beqz.n A, L", 0, 0, 1},
    {"bgez A, L", 0, 0, 1},
    {"beq A, A, L", 0, 0, 1},
    {"bltu A, A, L", 0, 0, 1},
    {"bany A, A, L", 0, 0, 1},
    {"bnall A, A, L", 0, 0, 1},
    {"beqi A, I, L", 1, 8, 1},
    {"bltui A, I, L", 2, 8, 1},
    {"bbci A, I, L", 0, 31, 1},
    {"bbsi.l A, I, L", 0, 31, 1},
    {"j L", 0, 0, 1},
    {"call0 outside", 0, 0, 1},
    {"call0 near", 0, 0, 1},
    {"jx A", 0, 0, 1},
    {"ret", 0, 0, 1},
    {".byte I, I, I", -128, 255, 1},
    {".word L, I, outside + I", -1000, 1000, 1},
    {".word L - L", 0, 0, 1},
    {".space I, 7", 0, 40, 1},
    {".align I", 4, 8, 4},
    {".data\n.short I, I\n.text", 0, 1000, 1},
};

static uint32_t seed;

static int pick(int low, int high, int step)
{
    seed = seed * 1664525u + 1013904223u;
    return low + (int)((seed >> 8) % (uint32_t)((high - low) / step + 1)) * step;
}

static void write_statement(FILE *out, int line, int lines)
{
    size_t k = (size_t)pick(0, sizeof patterns / sizeof *patterns - 1, 1);
    fprintf(out, " ");
    for (const char *p = patterns[k].format; *p; p++) {
        int far = pick(0, 9, 1) == 0 ? lines : 20; /* most targets are near, some far */
        int target = line + pick(-far, far, 1);
        target = target < 0 ? 0 : target >= lines ? lines - 1 : target;
        if (*p == 'A')
            fprintf(out, "a%d", pick(2, 15, 1)); /* as refuses equal registers in loads that need a literal */
        else if (*p == 'I')
            fprintf(out, "%d", pick(patterns[k].low, patterns[k].high, patterns[k].step));
        else if (*p == 'L')
            fprintf(out, ".L%d", target);
        else
            fputc(*p, out);
    }
    fputc('\n', out);
}

static void write_program(const char *name, int lines)
{
    FILE *out = fopen(path_of(name), "w");
    assert_non_null(out);
    fprintf(out, " .text\n .align 4\n .literal_position\n .global f\nf:\n");
    for (int i = 0; i < lines; i++) {
        fprintf(out, ".L%d:\n", i);
        write_statement(out, i, lines);
    }
    fclose(out);
}

static void random_programs(void **state)
{
    (void)state;
    if (!tools)
        return;
    for (uint32_t i = 0; i < 6; i++) {
        seed = i;
        write_program("random.s", i < 4 ? 300 : 3000);
        compare_with_as("random.s", false);
        compare_with_as("random.s", true);
    }
}

/* The linker makes the same of our objects as of those of as. */
static void relaxed_programs(void **state)
{
    (void)state;
    for (uint32_t i = 0; tools && i < 6; i++) {
        seed = 1000 + i;
        write_program("random.s", i % 3 ? 300 : 3000);
        compare_links("random.s", false, true);
        compare_links("random.s", true, true);
    }
}

/* The instructions of a long call to `near` after linking. In code that may not move, the linker puts a no-op in place
 * of the load, or nothing if the literal cannot go. */
static void shortened_calls(void **state)
{
    (void)state;
    static const struct {
        bool link_relax, in_text;
        const char *first, *second;
    } rows[] = {
        {false, false, "or", "call0"},
        {false, true, "l32r", "callx0"},
        {true, false, "call0", "ret.n"},
        {true, true, "call0", "ret.n"},
    };
    write_text("far.s", " .text\n .align 4\n .literal_position\n .global f\nf: call0 near\n ret\n");
    for (size_t i = 0; tools && i < sizeof rows / sizeof *rows; i++) {
        assemble_ours("far.s", "far.o",
                      (mote_xt_asm_options){.longcalls = true,
                                            .link_relax = rows[i].link_relax,
                                            .text_section_literals = rows[i].in_text});
        assert_true(run("xtensa-lx106-elf-ld -T all.ld far.o near.o -o far.elf"));
        mote_bytes file;
        mote_xt_elf elf;
        mote_error error;
        assert_true(mote_file_read(path_of("far.elf"), 1 << 24, &file, &error));
        assert_true(mote_xt_elf_open(file.data, file.size, "far.elf", &elf, &error));
        const mote_xt_elf_symbol *f = mote_xt_elf_symbol_find(&elf, "f");
        const uint8_t *code = elf.sections[f->section].data + (f->value - elf.sections[f->section].address);
        int32_t values[MOTE_XT_MAX_OPERANDS];
        assert_string_equal(mote_xt_decode(code, 3, MOTE_XT_ESP32S3, f->value, values)->mnemonic, rows[i].first);
        assert_string_equal(mote_xt_decode(code + 3, 3, MOTE_XT_ESP32S3, f->value, values)->mnemonic, rows[i].second);
        mote_xt_elf_close(&elf);
        free(file.data);
    }
}

static const char c_source[] =
    "#include <stdint.h>\n#include <string.h>\n"
    "extern int outside(int, const char *);\n"
    "static const uint32_t t[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1 << 20, 11, 12, 13, 14, 15, 16};\n"
    "int state; static char buf[64]; char big[1000]; const char *names[] = {\"alpha\", \"beta\\n\\t\\\"q\\\"\", 0};\n"
    "uint32_t crc(const uint8_t *p, int n) { uint32_t c = ~0u; while (n--) { c ^= *p++;\n"
    "  for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1; } return ~c; }\n"
    "int sw(int x) { switch (x) { case 0: return outside(1, \"one\"); case 1: return outside(x, \"two\");\n"
    "  case 2: return 77; case 3: return x * 9; case 4: return outside(100000, \"x\"); case 5: return state;\n"
    "  case 6: return (int)t[x]; } return -1; }\n"
    "int f(int a, int b) { int s = 0; for (int i = 0; i < a; i++) { s += (int)t[i & 15] * b;\n"
    "  if (s > 1000000) s -= sw(i); memcpy(buf, names[0], 5); big[i] = (char)s; } return s; }\n"
    "long long m(long long a, long long b) { return a * b + (a >> 3) - (b << 5); }\n"
    "void sort(int *a, int n) { for (int i = 1; i < n; i++) { int v = a[i], j = i;\n"
    "  while (j > 0 && a[j - 1] > v) { a[j] = a[j - 1]; j--; } a[j] = v; } }\n";

static bool compiler(void)
{
    if (tools && run("xtensa-lx106-elf-gcc --version >/dev/null 2>&1"))
        return true;
    printf("SKIPPED: gcc-xtensa-lx106 not present\n");
    return false;
}

static void compiled_programs(void **state)
{
    (void)state;
    if (!compiler())
        return;
    static const char *const levels[] = {"-O0", "-O1", "-O2", "-Os", "-O3"};
    write_text("c.c", c_source);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        for (int in_text = 0; in_text < 2; in_text++) {
            assert_true(run("xtensa-lx106-elf-gcc -w %s -mlongcalls %s -S c.c", levels[i],
                            in_text ? "-mtext-section-literals" : ""));
            compare_with_as("c.s", in_text);
            compare_links("c.s", in_text, true);
        }
}

/* The linker shortens the compiler's calls around our code, and does not change our code. */
static void relaxing_linker(void **state)
{
    (void)state;
    if (!compiler())
        return;
    write_text("c.c", c_source);
    write_text("mine.s", " .text\n .align 4\n .global mine\n .type mine, @function\nmine: movi a2, 0x12345678\n"
                         "1: addi a2, a2, -1\n beqz a2, 2f\n bltui a2, 8, 1b\n movi a3, 0x12345678\n call0 3f\n j 1b\n"
                         "2: ret\n .align 4\n3: ret\n .size mine, . - mine\n .word mine\n");
    assert_true(run("xtensa-lx106-elf-gcc -w -O2 -mlongcalls -c c.c -o c.o"));
    assemble_ours("mine.s", "mine.o", (mote_xt_asm_options){0});
    static const char expected[] = {0x1b - 0x10, 0x22}; /* addi.n a2, a2, -1 */
    for (int relax = 0; relax < 2; relax++) {
        assert_true(run("xtensa-lx106-elf-ld %s -T all.ld c.o mine.o c.o -z muldefs -o l.elf 2>l.log",
                        relax ? "" : "--no-relax"));
        mote_bytes file;
        mote_xt_elf elf;
        mote_error error;
        assert_true(mote_file_read(path_of("l.elf"), 1 << 24, &file, &error));
        assert_true(mote_xt_elf_open(file.data, file.size, "l.elf", &elf, &error));
        const mote_xt_elf_symbol *mine = mote_xt_elf_symbol_find(&elf, "mine");
        assert_non_null(mine);
        const mote_xt_elf_section *text = &elf.sections[mine->section];
        const uint8_t *code = text->data + (mine->value - text->address);
        assert_int_equal(mine->value % 4, 0);
        assert_memory_equal(code + 3, expected, 2);
        int32_t values[MOTE_XT_MAX_OPERANDS];
        const mote_xt_insn *load = mote_xt_decode(code, 3, MOTE_XT_ESP32S3, mine->value, values);
        assert_string_equal(load->mnemonic, "l32r");
        static const uint8_t literal[] = {0x78, 0x56, 0x34, 0x12};
        assert_memory_equal(text->data + ((uint32_t)values[1] - text->address), literal, 4);
        uint32_t end = mine->value + mine->size, word;
        memcpy(&word, text->data + (end - text->address), 4);
        assert_int_equal(word, mine->value);
        mote_xt_elf_close(&elf);
        free(file.data);
    }
}

/* A use of a .set symbol has the value of the last definition before it; before all definitions, that of the first. */
static void assigned_symbols(void **state)
{
    (void)state;
    static const char *const sources[] = {
        ".set n, 0\n.rept 4\n.byte n\n.set n, n + 1\n.endr\n.byte n",
        "n = 5\n.rept 3\n.byte n\nn = n * n\n.endr",
        ".byte n\n.set n, 1\n.byte n\n.set n, 2\n.byte n",
        ".byte x\n.set x, y + 1\n.byte x\n.set y, 5\n.byte x\n.set y, 6\n.byte x\n.set x, y + 1\n.byte x",
        ".equiv x, y\n.set y, 4\n.byte x\n.set y, 5\n.byte x",
        "a: .word 1\nb: .equ n, a\n.word n\n.equ n, b\n.word n\n.equ n, c\n.word n\n.equ n, outside\nc: .word n\n.equ "
        "n, b",
        "n = 1\n.byte n\nn: .byte 2\n.align 4\n.word n",
        "n = 1\n.byte n\n.align 4\n.word n\n.lcomm n, 8\n.word n",
        "n = 1\n.byte n\n.align 4\n.word n\n.comm n, 8\n.word n",
        ".set n, 7\n.rept 3\n.if n & 1\n.byte n\n.else\n.fill 2, 1, n\n.endif\n.set n, n - 1\n.endr",
        "a: .byte 1\n.set n, . - a\n.byte n\n.set n, . - a\n.byte n, n - n\n.global n",
        ".text\n.rept 5\n.set here, .\nnop\nj here\n.endr\nj ahead\n.set ahead, .",
        ".text\n.set n, 3\nmovi a2, n\n.set n, 70000\nmovi a2, n\n.set n, 9\naddi a2, a2, n\n.set n, f\nmovi a3, n",
        ".text\n.macro next\n.set n, n + 4\nl32i a3, a2, n\n.endm\n.set n, 0\nnext\nnext\nnext",
    };
    for (size_t i = 0; tools && i < sizeof sources / sizeof *sources; i++) {
        char text[512];
        snprintf(text, sizeof text, ".data\n%s\n.text\n.global f\nf: ret\n", sources[i]);
        write_text("set.s", text);
        compare_with_as("set.s", false);
    }
}

/* Double definitions that as refuses are refused. */
static void defined_once(void **state)
{
    (void)state;
    static const char *const sources[] = {
        "n: n = 2",
        "n == 1\n.set n, 2",
        "n = 1\n.equiv n, 2",
        ".equiv n, 1\nn: .byte 1",
        ".comm n, 4\n.set n, 2",
        ".equiv n, 1\nn = 2",
        "n = 1\nn:\nn = 2",
        "n = 1\nn: .byte 1\nn:",
    };
    for (size_t i = 0; tools && i < sizeof sources / sizeof *sources; i++) {
        char text[512];
        snprintf(text, sizeof text, ".data\n%s\n", sources[i]);
        write_text("twice.s", text);
        assert_false(run("xtensa-lx106-elf-as twice.s -o gnu.o 2>gnu.log"));
        assembled a;
        assemble(&a, text, strlen(text), (mote_xt_asm_options){0});
        if (!strstr(a.report, "'n' is already defined"))
            fail_msg("%s\n%s", text, a.report);
        assembled_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_programs),   cmocka_unit_test(assigned_symbols), cmocka_unit_test(defined_once),
        cmocka_unit_test(compiled_programs), cmocka_unit_test(relaxing_linker),  cmocka_unit_test(relaxed_programs),
        cmocka_unit_test(shortened_calls),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
