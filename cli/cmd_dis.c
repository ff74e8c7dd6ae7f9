/* `mote dis`: disassembles Xtensa code. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "xtensa/asm/archive.h"
#include "xtensa/asm/dis.h"

#define MAX_FILE ((size_t)256 << 20)

typedef struct settings {
    const char *lines;
    int chip;
    unsigned chips;
    long base;
    bool raw;
} settings;

static const char *const chip_names[] = {"esp32", "esp32s2", "esp32s3", NULL};

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef", *p = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return p ? (int)(p - digits) : -1;
}

/* Parses pairs of hexadecimal digits, with optional spaces between bytes. `bytes` may be the text itself. */
static bool parse_hex(const char *text, uint8_t *bytes, size_t *size, mote_error *error)
{
    size_t n = 0;
    for (const char *p = text; *p;) {
        if (isspace((unsigned char)*p)) {
            p++;
            continue;
        }
        int high = hex_digit(p[0]), low = high < 0 ? -1 : hex_digit(p[1]);
        if (low < 0)
            return mote_fail(error, MOTE_E_FORMAT, "expected bytes as pairs of hexadecimal digits, found '%.*s'",
                             (int)strcspn(p, " \t\r\n"), p);
        bytes[n++] = (uint8_t)(high * 16 + low);
        p += 2;
    }
    *size = n;
    return true;
}

static bool line_text(const settings *s, const uint8_t *bytes, size_t size, char *text, mote_error *error)
{
    int32_t values[MOTE_XT_MAX_OPERANDS];
    const mote_xt_insn *insn = mote_xt_decode(bytes, size, s->chips, (uint32_t)s->base, values);
    if (!insn)
        return mote_fail(error, MOTE_E_FORMAT, "no instruction of this chip");
    if (insn->size != size)
        return mote_fail(error, MOTE_E_FORMAT, "%zu bytes, and the instruction has %u", size, insn->size);
    mote_xt_format_relative(insn, values, (uint32_t)s->base, text, MOTE_XT_TEXT);
    return true;
}

/* Opens a text file; "-" is standard input. */
static FILE *open_text(const char *path, mote_error *error)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    if (!in)
        mote_fail(error, MOTE_E_INPUT, "%s: %m", path);
    return in;
}

static int disassemble_lines(const settings *s)
{
    mote_error error;
    FILE *in = open_text(s->lines, &error);
    if (!in)
        return mote_report("dis", &error);
    char *line = NULL;
    size_t capacity = 0;
    bool all = true;
    while (getline(&line, &capacity, in) >= 0) {
        char text[MOTE_XT_TEXT];
        size_t size = 0;
        bool ok = parse_hex(line, (uint8_t *)line, &size, &error) &&
                  (size == 0 || line_text(s, (const uint8_t *)line, size, text, &error));
        if (ok && size == 0)
            putchar('\n');
        else if (ok)
            puts(text);
        else
            printf("error: %s\n", error.text);
        all &= ok;
    }
    free(line);
    if (in != stdin)
        fclose(in);
    return all ? MOTE_OK : MOTE_E_FORMAT;
}

/* Disassembles hexadecimal text on standard input as one piece of code. */
static int disassemble_hex(const settings *s)
{
    mote_error error = {0};
    char *text = NULL;
    size_t capacity = 0, size = 0;
    ssize_t n = getdelim(&text, &capacity, 0, stdin);
    const bool ok = (n < 0 || parse_hex(text, (uint8_t *)text, &size, &error)) &&
                    (mote_xt_dis_raw(stdout, (const uint8_t *)text, size, (uint32_t)s->base, s->chips) ||
                     mote_fail(&error, MOTE_E_INTERNAL, "out of memory"));
    free(text);
    return ok ? MOTE_OK : mote_report("dis", &error);
}

static bool out_of_memory(const char *name, mote_error *error)
{
    return mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", name);
}

static bool disassemble_elf(const settings *s, const uint8_t *data, size_t size, const char *name, mote_error *error)
{
    mote_xt_elf elf;
    if (!mote_xt_elf_open(data, size, name, &elf, error))
        return false;
    const bool ok = mote_xt_dis_elf(stdout, &elf, s->chips) || out_of_memory(name, error);
    mote_xt_elf_close(&elf);
    return ok;
}

/* Disassembles every member that is an object; names and skips others. */
static bool disassemble_archive(const settings *s, const mote_bytes *file, const char *path, mote_error *error)
{
    mote_xt_archive archive;
    mote_xt_member member;
    int more;
    mote_xt_archive_open(&archive, file->data, file->size, path);
    while ((more = mote_xt_archive_next(&archive, &member, error)) > 0) {
        printf("\n%s(%s):\n", path, member.name);
        mote_error reason;
        if (!disassemble_elf(s, member.data, member.size, member.name, &reason))
            printf("%s\n", reason.text);
    }
    return more == 0;
}

static int disassemble_file(const settings *s, const char *path)
{
    mote_error error;
    mote_bytes file;
    if (!mote_file_read(path, MAX_FILE, &file, &error))
        return mote_report("dis", &error);
    bool ok;
    if (s->raw)
        ok = mote_xt_dis_raw(stdout, file.data, file.size, (uint32_t)s->base, s->chips) || out_of_memory(path, &error);
    else if (mote_xt_is_archive(file.data, file.size))
        ok = disassemble_archive(s, &file, path, &error);
    else
        ok = disassemble_elf(s, file.data, file.size, path, &error);
    free(file.data);
    return ok ? MOTE_OK : mote_report("dis", &error);
}

int mote_cmd_dis(int argc, char **argv)
{
    settings s = {.chip = 2};
    const mote_option options[] = {
        {.name = "chip",
         .kind = MOTE_OPTION_CHOICE,
         .target = &s.chip,
         .argument = "CHIP",
         .choices = chip_names,
         .help = "the chip whose instructions to decode (esp32s3)"},
        {.name = "raw", .kind = MOTE_OPTION_FLAG, .target = &s.raw, .help = "FILE is raw code"},
        {.name = "base",
         .kind = MOTE_OPTION_INT,
         .target = &s.base,
         .argument = "ADDRESS",
         .max = 4294967295.0,
         .help = "address of the first raw byte (0)"},
        {.name = "lines",
         .kind = MOTE_OPTION_TEXT,
         .target = &s.lines,
         .argument = "FILE",
         .help = "the bytes of one instruction per line, in hexadecimal: print the text of each, targets as .+12, or "
                 "error: ... (-: standard input)",
         .excludes = "raw"},
        {0},
    };
    const mote_command command = {
        .name = "dis",
        .operands = "[FILE]",
        .summary = "Disassembles an ELF object or program, raw bytes, or without FILE hexadecimal text on standard\n"
                   "input. Bytes stand in memory order.",
        .options = options,
        .examples = "  mote dis kernel.o\n"
                    "  mote dis --raw --base 0x40370000 kernel.bin\n"
                    "  echo 36 41 00 1d f0 | mote dis\n",
        .min_operands = 0,
        .max_operands = 1,
    };
    char **operands;
    int count, code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &code))
        return code;
    s.chips = 1U << s.chip;
    if (s.lines)
        return disassemble_lines(&s);
    return count ? disassemble_file(&s, operands[0]) : disassemble_hex(&s);
}
