/* Fuzz tests of the assembler and disassembler: damaged sources and objects must not cause a crash or a hang.
 * Meant for the sanitizer build. The seed and the number of rounds are fixed, unless MOTE_FUZZ_SEED and
 * MOTE_FUZZ_ROUNDS are set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "tests/xtensa/assembled.h"
#include "xtensa/asm/dis.h"

static uint64_t random_state;

static uint32_t below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % n);
}

static unsigned rounds(unsigned usual)
{
    const char *seed = getenv("MOTE_FUZZ_SEED"), *count = getenv("MOTE_FUZZ_ROUNDS");
    random_state = seed ? strtoull(seed, NULL, 0) : 1;
    return count ? (unsigned)strtoul(count, NULL, 0) : usual;
}

static const char *const sources[] = {
    ".text\n.align 4\n.global f\n.type f, @function\nf:\n entry a1, 32\n movi a2, 0x12345\n loopgtz a4, .Lend\n"
    " ee.vld.128.ip q0, a2, 16\n ee.vmulas.s8.accx.ld.ip q0, a3, 16, q0, q1\n.Lend:\n beqz a2, 1f\n add a2, a3, a4\n"
    "1: l32r a3, .L1\n .literal .L1, f + 4, 7\n call8 g\n retw\n.size f, . - f\n",
    ".macro m a, b=9, c:vararg\n .byte \\a, \\b\n.if \\a\n m \\a - 1, \\b \\c\n.else\n.exitm\n.endif\n.endm\n m 3, 4\n"
    ".rept 3\n.irp x, a, b\n .ascii \"\\x\\n\\x41\"\n.endr\n.endr\n.irpc c, 123\n.word \\c << 2\n.endr\n",
    ".data\na: .byte 1, 'x', -1, (2 + 3) * ~4 & 7\n.short b - a\nb: .quad 0x123456789\n.set n, 5\nn = n + 1\n"
    ".space n, 2\n.fill 3, 2, n\n.org 100\n.align 8\n.comm c, 16, 4\n.section .x, \"awM\", @progbits, 4\n.word a, "
    "ext\n",
    ".literal_position\n.begin no-density\n bbci.l a2, 3, 9f\n.end no-density\n j.l far, a3\n .space 300\n9: mov a2, "
    "a3\n"
    ".ifdef q\n.elseif 1\n rsr a2, sar; wsr a3, 4\n.else\n.endif\n# 7 \"x.h\"\nfar: addi a2, a3, 1000 /* c */ // d\n",
    "f: loopgtz a2, 2f\n call0 g\n1: beqz a2, 1b\n.rept 130\n nop\n.endr\n ret\n.align 8\n2: loopnez a3, 3f\n.space "
    "300\n"
    "3: j 1b\n.word 2b - f, f - 2b\n.section .o, \"ax\"\n call8 f\n _loop a2, 4f\n nop\n4: ret\n",
};

static const char *const pieces[] = {
    "\n",
    ";",
    ":",
    ",",
    "(",
    ")",
    "\"",
    "'",
    "\\",
    "\\@",
    "#",
    "/*",
    "*/",
    ".",
    "1f",
    "1b",
    "0x",
    "-",
    "+",
    "<<",
    "=",
    ".macro m\n",
    ".macro m ; .endm",
    ".altmacro\n",
    "LOCAL x, y\n",
    "<a!>b>",
    "%(1+2)",
    ".uleb128 b - a\n",
    ".sleb128 -5\n",
    ".octa 0x1234567890abcdef1234\n",
    ".subsection 3\n",
    ".struct 4\n",
    ".file 1 \"x.c\"\n",
    ".loc 1 2 3 view -0\n",
    ".incbin \"/\"\n",
    ".include \"/dev/null\"\n",
    ".section .g, \"axG\", @progbits, g, comdat\n",
    ".weakref p, q\n",
    ".dcb.w 3, 4\n",
    ".ds.l 2\n",
    ".balignw 8, 3\n",
    "loop a2, 1f\n",
    "beqz a2, 1f\n",
    "loopnez a3, 1f\n",
    ".space 300\n",
    "1: nop\n",
    ".word 1b - 1f\n",
    ".begin no-transform\n",
    ".end no-transform\n",
    ".endm\n",
    ".rept 9\n",
    ".rept 99999999\n",
    ".endr\n",
    ".if 1\n",
    ".else\n",
    ".endif\n",
    ".exitm\n",
    ".irp x, 1, 2\n",
    ".align 65536\n",
    ".space 99999\n",
    ".fill 9999, 8\n",
    ".org 9999\n",
    ".word ",
    ".literal x, ",
    ".literal_position\n",
    "loop a2, ",
    "beqz a2, ",
    "j.l ",
    "call8 ",
    "movi a2, ",
    "m ",
    "a2",
    "q7",
    "b0:b1",
    "f",
    "99999999999",
    "x = y\ny = x\n",
    ".section s\n",
    ".previous\n",
    ".pushsection t\n",
    ".bss\n",
    ".set f, ",
};

static size_t append(char *text, size_t size, size_t limit, const char *from, size_t n)
{
    n = n < limit - size ? n : limit - size;
    memcpy(text + size, from, n);
    return size + n;
}

/* Writes a source with parts removed, repeated, changed or inserted. Returns its size. */
static size_t mutate(char *text, size_t limit)
{
    const char *source = sources[below(sizeof sources / sizeof *sources)];
    size_t length = strlen(source), size = 0;
    for (size_t at = 0; at < length;) {
        size_t n = 1 + below(40);
        n = n < length - at ? n : length - at;
        uint32_t what = below(12);
        if (what != 0)
            size = append(text, size, limit, source + at, n);
        if (what == 1)
            size = append(text, size, limit, source + at, n);
        if (what == 2 && size)
            text[below((uint32_t)size)] = (char)below(256);
        if (what == 3 || what == 4) {
            const char *piece = pieces[below(sizeof pieces / sizeof *pieces)];
            size = append(text, size, limit, piece, strlen(piece));
        }
        at += n;
    }
    return size;
}

static void try_object(const uint8_t *data, size_t size, FILE *out)
{
    mote_xt_elf elf;
    mote_error error;
    if (!mote_xt_elf_open(data, size, "fuzz.o", &elf, &error))
        return;
    mote_xt_dis_elf(out, &elf, MOTE_XT_ESP32S3);
    mote_xt_elf_close(&elf);
}

static void try_source(const char *text, size_t size, FILE *out)
{
    char *exact = malloc(size + 1); /* exact size, so that a sanitizer detects accesses beyond the text */
    memcpy(exact, text, size);
    exact = realloc(exact, size ? size : 1);
    mote_xt_asm_options options = {.name = "fuzz.s",
                                   .chips = MOTE_XT_ESP32S3,
                                   .longcalls = below(2),
                                   .link_relax = below(2),
                                   .text_section_literals = below(2),
                                   .debug = below(2),
                                   .no_transform = below(8) == 0};
    mote_error error;
    mote_bytes bytes;
    mote_xt_assembly *a = mote_xt_assemble(exact, size, &options, &error);
    if (a) {
        mote_xt_assembly_report(a, out);
        mote_xt_assembly_listing(a, out);
        if (mote_xt_assembly_elf(a, &bytes, &error)) {
            try_object(bytes.data, bytes.size, out);
            free(bytes.data);
        }
        if (mote_xt_assembly_raw(a, 0x40370000, &bytes, &error))
            free(bytes.data);
    }
    mote_xt_assembly_free(a);
    free(exact);
}

static void damaged_sources(void **state)
{
    (void)state;
    FILE *out = fopen("/dev/null", "w");
    unsigned n = rounds(400);
    time_t end = time(NULL) + 60;
    for (unsigned i = 0; i < n && time(NULL) < end; i++) {
        char text[4096];
        try_source(text, mutate(text, sizeof text), out);
    }
    fclose(out);
}

static void damaged_objects(void **state)
{
    (void)state;
    FILE *out = fopen("/dev/null", "w");
    unsigned n = rounds(400);
    for (unsigned i = 0; i < n; i++) {
        assembled a;
        const char *source = i % 2 ? sources[0] : sources[2];
        assemble(&a, source, strlen(source), (mote_xt_asm_options){0});
        assert_true(a.file.size > 0);
        for (uint32_t k = 1 + below(6); k; k--)
            a.file.data[below((uint32_t)a.file.size)] = (uint8_t)below(256);
        try_object(a.file.data, a.file.size, out);
        assembled_free(&a);
    }
    fclose(out);
}

static void random_code(void **state)
{
    (void)state;
    FILE *out = fopen("/dev/null", "w");
    rounds(0);
    for (size_t size = 0; size < 200; size++) {
        uint8_t *bytes = malloc(size + 1);
        for (size_t k = 0; k < size; k++)
            bytes[k] = (uint8_t)below(256);
        bytes = realloc(bytes, size ? size : 1);
        mote_xt_dis_raw(out, bytes, size, 0xffffff00, MOTE_XT_ESP32S3);
        free(bytes);
    }
    fclose(out);
}

/* The text of a decoded instruction assembles to the same instruction. */
static void text_of_random_code_assembles_again(void **state)
{
    (void)state;
    unsigned n = rounds(4000);
    for (unsigned i = 0; i < n; i++) {
        uint8_t bytes[4], again[4];
        int32_t values[MOTE_XT_MAX_OPERANDS];
        unsigned size;
        char text[MOTE_XT_TEXT];
        mote_error error = {0};
        for (int k = 0; k < 4; k++)
            bytes[k] = (uint8_t)below(256);
        const mote_xt_insn *insn = mote_xt_decode(bytes, 4, MOTE_XT_ESP32S3, 0x40370000, values);
        if (!insn)
            continue;
        mote_xt_format(insn, values, text, sizeof text);
        uint32_t word;
        int operand;
        if (mote_xt_encode(insn, values, 0x40370000, &word, &operand) != MOTE_XT_FINE)
            continue; /* decodes, but writes two results to one register */
        if (!mote_xt_assemble_line(text, 0x40370000, MOTE_XT_ESP32S3, again, &size, &error))
            fail_msg("%s: %s", text, error.text);
        assert_int_equal(size, insn->size);
        int32_t values_again[MOTE_XT_MAX_OPERANDS];
        assert_ptr_equal(mote_xt_decode(again, size, MOTE_XT_ESP32S3, 0x40370000, values_again), insn);
        assert_memory_equal(values, values_again, insn->operand_count * sizeof *values);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_sources),
        cmocka_unit_test(damaged_objects),
        cmocka_unit_test(random_code),
        cmocka_unit_test(text_of_random_code_assembles_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
