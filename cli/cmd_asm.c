/* `mote asm`: assembles Xtensa source. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "xtensa/asm/asm.h"

#define MAX_SOURCE ((size_t)32 << 20)
#define MAX_CPP    4096 /* words of -I, -D and -U options */

typedef struct settings {
    const char *output, *listing, *lines, *unused;
    int chip, abi;
    long base;
    bool raw;
    mote_xt_asm_options as;
    const char *cpp[MAX_CPP + 3]; /* these words and the ABI's macro */
    int cpp_count;
    const char *folders[MAX_CPP / 2 + 1]; /* folders of -I, for .include */
    int folder_count;
} settings;

static const char *const chip_names[] = {"esp32", "esp32s2", "esp32s3", NULL};
static const char *const abi_names[] = {"windowed", "call0", NULL};
static const char *const abi_macros[] = {"__XTENSA_WINDOWED_ABI__=1", "__XTENSA_CALL0_ABI__=1"};

/* Returns the preprocessor option that an argument is, or NULL. Sets *value to the value in the same argument. */
static const char *cpp_option(const char *argument, const char **value)
{
    static const struct {
        const char *written, *meant;
    } options[] = {{"--include", "-I"}, {"--define", "-D"}, {"--undefine", "-U"},
                   {"-I", "-I"},        {"-D", "-D"},       {"-U", "-U"}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        size_t n = strlen(options[i].written);
        bool is_long = options[i].written[1] == '-';
        if (strncmp(argument, options[i].written, n) != 0 || (is_long && argument[n] && argument[n] != '='))
            continue;
        *value = argument[n] ? argument + n + is_long : NULL;
        return options[i].meant;
    }
    return NULL;
}

/* Removes -I, -D and -U, which may be repeated, from the command line in order, before the option table parses it. */
static bool take_cpp_options(settings *s, int *argc, char **argv, mote_error *error)
{
    int kept = 1;
    for (int i = 1; i < *argc; i++) {
        const char *value, *option = cpp_option(argv[i], &value);
        if (!option) {
            argv[kept++] = argv[i];
            continue;
        }
        if (s->cpp_count + 2 > MAX_CPP)
            return mote_fail(error, MOTE_E_USAGE, "more than %d -I, -D and -U options", MAX_CPP / 2);
        if (!value && i + 1 == *argc)
            return mote_fail(error, MOTE_E_USAGE, "%s needs a value", argv[i]);
        value = value ? value : argv[++i];
        s->cpp[s->cpp_count++] = option;
        s->cpp[s->cpp_count++] = value;
        if (strcmp(option, "-I") == 0)
            s->folders[s->folder_count++] = value;
    }
    *argc = kept;
    argv[kept] = NULL;
    return true;
}

static int assemble_lines(const settings *s)
{
    mote_error error;
    FILE *in = strcmp(s->lines, "-") == 0 ? stdin : fopen(s->lines, "r");
    if (!in) {
        mote_fail(&error, MOTE_E_INPUT, "%s: %m", s->lines);
        return mote_report("asm", &error);
    }
    char *line = NULL;
    size_t capacity = 0;
    bool all = true, failed = false; /* a wrong line clears `all` but does not end the loop */
    while (getline(&line, &capacity, in) >= 0) {
        line[strcspn(line, "\r\n")] = 0;
        uint8_t bytes[MOTE_XT_MAX_BYTES];
        unsigned size = 0;
        char first = line[strspn(line, " \t")];
        if (first == 0 || first == '#') { /* nothing to assemble: keeps output lines in step with input lines */
            putchar('\n');
            continue;
        }
        bool ok = mote_xt_assemble_line(line, (uint32_t)s->base, s->as.chips, bytes, &size, &error);
        if (!ok && (failed = error.code == MOTE_E_INTERNAL))
            break;
        if (!ok)
            printf("error: %s\n", error.text);
        for (unsigned i = 0; ok && i < size; i++)
            printf("%02x%s", bytes[i], i + 1 == size ? "\n" : "");
        all &= ok;
    }
    free(line);
    if (in != stdin)
        fclose(in);
    if (failed)
        return mote_report("asm", &error);
    return all ? MOTE_OK : MOTE_E_FORMAT;
}

static bool has_suffix(const char *path, const char *suffix)
{
    size_t n = strlen(path), m = strlen(suffix);
    return n > m && strcmp(path + n - m, suffix) == 0;
}

/* Reads the source for the assembler. Runs the C preprocessor on .S and .sx files first. */
static bool read_source(const settings *s, const char *path, mote_bytes *out, mote_error *error)
{
    if (!mote_file_read(path, MAX_SOURCE, out, error))
        return false;
    if (!has_suffix(path, ".S") && !has_suffix(path, ".sx"))
        return true;
    free(out->data);
    return mote_xt_preprocess(path, s->cpp, out, error);
}

static bool write_listing(const settings *s, const mote_xt_assembly *a, mote_error *error)
{
    if (strcmp(s->listing, "-") == 0) {
        mote_xt_assembly_listing(a, stdout);
        return fflush(stdout) == 0 || mote_fail(error, MOTE_E_OUTPUT, "standard output: %m");
    }
    mote_output_file out;
    if (!mote_output_begin(&out, s->listing, error))
        return false;
    mote_xt_assembly_listing(a, out.stream);
    return mote_output_commit(&out, error);
}

/* Returns the source path with its suffix replaced: FILE.S becomes FILE.o or FILE.bin. The caller frees it. */
static char *default_output(const char *source, const char *suffix)
{
    const char *dot = strrchr(source, '.'), *slash = strrchr(source, '/');
    int stem = dot && (!slash || dot > slash) ? (int)(dot - source) : (int)strlen(source);
    char *path;
    return asprintf(&path, "%.*s%s", stem, source, suffix) < 0 ? NULL : path;
}

static bool write_object(const settings *s, const char *source, mote_xt_assembly *a, mote_error *error)
{
    mote_bytes bytes;
    bool ok =
        s->raw ? mote_xt_assembly_raw(a, (uint32_t)s->base, &bytes, error) : mote_xt_assembly_elf(a, &bytes, error);
    if (!ok)
        return false;
    char *path = s->output ? strdup(s->output) : default_output(source, s->raw ? ".bin" : ".o");
    if (!path)
        ok = mote_fail(error, MOTE_E_INTERNAL, "no memory");
    else if (strcmp(path, source) == 0 || (s->listing && strcmp(path, s->listing) == 0))
        ok = mote_fail(error, MOTE_E_USAGE, "%s is the source or the listing; name the output with --output", path);
    else
        ok = mote_file_write(path, bytes.data, bytes.size, error);
    free(path);
    free(bytes.data);
    return ok;
}

static int assemble_file(settings *s, const char *path)
{
    mote_error error;
    mote_bytes source;
    if (!read_source(s, path, &source, &error))
        return mote_report("asm", &error);
    s->as.name = path;
    mote_xt_assembly *a = mote_xt_assemble((const char *)source.data, source.size, &s->as, &error);
    bool ok = a != NULL;
    if (ok && mote_xt_assembly_errors(a)) {
        size_t errors = mote_xt_assembly_errors(a);
        ok = mote_fail(&error, MOTE_E_FORMAT, "%s: %zu error%s", path, errors, errors == 1 ? "" : "s");
    } else if (ok) {
        bool only_listing = s->listing && !s->output && !s->raw;
        ok = (!s->listing || write_listing(s, a, &error)) && (only_listing || write_object(s, path, a, &error));
    }
    if (a)
        mote_xt_assembly_report(a, stderr);
    mote_xt_assembly_free(a);
    free(source.data);
    return ok ? MOTE_OK : mote_report("asm", &error);
}

int mote_cmd_asm(int argc, char **argv)
{
    settings s = {.chip = 2};
    const mote_option options[] = {
        {.name = "output",
         .letter = 'o',
         .kind = MOTE_OPTION_OUTPUT,
         .target = &s.output,
         .argument = "FILE",
         .help = "the object file (the source's name with .o)"},
        {.name = "chip",
         .kind = MOTE_OPTION_CHOICE,
         .target = &s.chip,
         .argument = "CHIP",
         .choices = chip_names,
         .help = "the chip whose instructions are allowed (esp32s3)"},
        {.name = "abi",
         .kind = MOTE_OPTION_CHOICE,
         .target = &s.abi,
         .argument = "ABI",
         .choices = abi_names,
         .help = "predefines __XTENSA_WINDOWED_ABI__ or __XTENSA_CALL0_ABI__ (windowed)"},
        {.name = "raw", .kind = MOTE_OPTION_FLAG, .target = &s.raw, .help = "write bytes only, from address --base"},
        {.name = "base",
         .kind = MOTE_OPTION_INT,
         .target = &s.base,
         .argument = "ADDRESS",
         .max = 4294967295.0,
         .help = "address of the first byte with --raw or --lines (0)",
         .needs = "raw lines"},
        {.name = "listing",
         .kind = MOTE_OPTION_OUTPUT,
         .target = &s.listing,
         .argument = "FILE",
         .if_bare = "-",
         .help = "offsets, bytes, cycles and source (bare: on standard output, and no object)",
         .excludes = "lines"},
        {.name = "lines",
         .kind = MOTE_OPTION_TEXT,
         .target = &s.lines,
         .argument = "FILE",
         .help = "one instruction per line, exactly as written: print the bytes of each, or error: ... (-: "
                 "standard input)",
         .excludes = "output raw debug"},
        {.name = "debug",
         .letter = 'g',
         .kind = MOTE_OPTION_FLAG,
         .target = &s.as.debug,
         .help = "line table and compile unit of the source, unless it has its own"},
        {.name = "longcalls",
         .kind = MOTE_OPTION_FLAG,
         .target = &s.as.longcalls,
         .help = "emit calls as l32r and callx, which reach all of memory"},
        {.name = "link-relax",
         .kind = MOTE_OPTION_FLAG,
         .target = &s.as.link_relax,
         .help = "allow GNU ld to shorten long calls and move code; it must know the chip's instructions"},
        {.name = "text-section-literals",
         .kind = MOTE_OPTION_FLAG,
         .target = &s.as.text_section_literals,
         .help = "place literals at .literal_position or the start of the section, not in a separate section"},
        {.name = "no-transform",
         .kind = MOTE_OPTION_FLAG,
         .target = &s.as.no_transform,
         .help = "emit instructions exactly as written"},
        {.name = "no-density",
         .kind = MOTE_OPTION_FLAG,
         .target = &s.as.no_density,
         .help = "do not replace 24-bit instructions by 16-bit forms"},
        {.name = "no-target-align",
         .kind = MOTE_OPTION_FLAG,
         .target = &s.as.no_target_align,
         .help = "no 24-bit forms and zeros that align branch targets"},
        {.name = "include",
         .letter = 'I',
         .kind = MOTE_OPTION_TEXT,
         .target = &s.unused,
         .argument = "FOLDER",
         .help = "for #include and .include; -I may come again"},
        {.name = "define",
         .letter = 'D',
         .kind = MOTE_OPTION_TEXT,
         .target = &s.unused,
         .argument = "NAME[=VALUE]",
         .help = "define a macro for the preprocessor; -D may be repeated"},
        {.name = "undefine",
         .letter = 'U',
         .kind = MOTE_OPTION_TEXT,
         .target = &s.unused,
         .argument = "NAME",
         .help = "undefine a predefined macro; -U may be repeated"},
        {0},
    };
    const mote_command command = {
        .name = "asm",
        .operands = "SOURCE.S [-o OBJECT.o]",
        .summary = "Assembles GNU syntax for Xtensa into an ELF object that GNU ld links, into raw bytes, or into a\n"
                   "listing. SOURCE.S goes through the C preprocessor first, SOURCE.s does not.",
        .options = options,
        .examples = "  mote asm kernel.S -o kernel.o\n"
                    "  mote asm --listing kernel.S\n"
                    "  mote asm --raw --base 0x40370000 kernel.S -o kernel.bin\n"
                    "  echo 'ee.vmulas.s8.accx q0, q1' | mote asm --lines -\n",
        .min_operands = 0,
        .max_operands = 1,
    };
    mote_error error;
    char **operands;
    int count, code;
    s.cpp[s.cpp_count++] = "-D";
    s.cpp_count++; /* the ABI's macro; it comes first, so that -U may remove it */
    if (!take_cpp_options(&s, &argc, argv, &error))
        return mote_report("asm", &error);
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &code))
        return code;
    s.as.chips = 1U << s.chip;
    s.cpp[1] = abi_macros[s.abi];
    s.as.include = s.folders;
    if (s.lines)
        return assemble_lines(&s);
    if (count == 0) {
        mote_fail(&error, MOTE_E_USAGE, "no source named; usage: mote asm SOURCE.S; see mote asm --help");
        return mote_report("asm", &error);
    }
    return assemble_file(&s, operands[0]);
}
