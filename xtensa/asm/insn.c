/* Parses instructions: mnemonics, idioms and operands. */
#include <ctype.h>
#include <string.h>

#include "xtensa/asm/assembler.h"

#define MAX_MNEMONIC 64

static const struct {
    mote_xt_kind kind;
    const char *letter, *example;
} register_files[] = {
    {MOTE_XT_AR, "a", "an address register, a0..a15"}, {MOTE_XT_FR, "f", "a floating-point register, f0..f15"},
    {MOTE_XT_BR, "b", "a boolean register, b0..b15"},  {MOTE_XT_MR, "m", "a MAC16 register, m0..m3"},
    {MOTE_XT_QR, "q", "a vector register, q0..q7"},
};

/* Reads a register: an optional `$`, `letter` and a number. Moves the cursor past it and returns the number, or -1 when
 * there is none. */
static int register_number(mote_xt_assembly *a, char letter)
{
    const char *p = a->at, *end = a->line->end;
    p += p < end && *p == '$';
    if (p >= end || tolower((unsigned char)*p) != letter)
        return -1;
    int number = 0, digits = 0;
    for (p++; p < end && isdigit((unsigned char)*p) && digits < 2; p++, digits++)
        number = number * 10 + (*p - '0');
    if (digits == 0 || (p < end && mote_asm_is_name(*p)))
        return -1;
    a->at = p;
    return number;
}

static const expr *parse_register(mote_xt_assembly *a, const mote_xt_operand *o)
{
    mote_asm_space(a);
    const char *start = a->at;
    size_t f = 0;
    while (register_files[f].kind != o->kind)
        f++;
    const char *bare = start + (start < a->line->end && *start == '$');
    size_t left = (size_t)(a->line->end - bare);
    bool is_sp = o->kind == MOTE_XT_AR && left >= 2 && strncasecmp(bare, "sp", 2) == 0 &&
                 (left == 2 || !mote_asm_is_name(bare[2]));
    if (is_sp)
        a->at = bare + 2;
    int number = is_sp ? 1 : register_number(a, *register_files[f].letter);
    if (number < 0) {
        int n = 0;
        while (start + n < a->line->end && mote_asm_is_name(start[n]))
            n++;
        mote_asm_error(a, start, "expected %s%s%.*s%s", register_files[f].example, n ? ", found '" : "", n, start,
                       n ? "'" : "");
        return NULL;
    }
    /* A group may be written out as the disassembler does: b0:b1:b2:b3. */
    for (int next = number + 1; o->kind == MOTE_XT_BR && mote_asm_accept(a, ':'); next++) {
        const char *at = a->at;
        if (register_number(a, 'b') != next || next >= number + o->step) {
            mote_asm_error(a, at, "a group of booleans is %d registers in a row", (int)o->step);
            return NULL;
        }
    }
    return mote_asm_number(a, number);
}

/* Returns the syntax of an instruction for messages: "addi art, ars, simm8". */
static const char *syntax(mote_xt_assembly *a, const mote_xt_insn *insn)
{
    char *text = mote_asm_print(a, "%s", insn->mnemonic);
    for (int i = 0; i < insn->operand_count; i++)
        text = mote_asm_print(a, "%.300s%s %.60s", text, i ? "," : "", insn->operands[i].name);
    return text;
}

static bool parse_operands(mote_xt_assembly *a, instruction *in)
{
    const mote_xt_insn *insn = in->insn;
    for (int i = 0; i < insn->operand_count; i++) {
        if (i && !mote_asm_accept(a, ',')) {
            mote_asm_error(a, a->at, "expected ',' and operand %d of: %s", i + 1, syntax(a, insn));
            return false;
        }
        if (mote_asm_at_end(a)) {
            mote_asm_error(a, a->at, "expected operand %d of: %s", i + 1, syntax(a, insn));
            return false;
        }
        in->at[i] = a->at;
        const mote_xt_operand *o = &insn->operands[i];
        in->operands[i] = o->kind < MOTE_XT_IMM ? parse_register(a, o) : mote_asm_expr(a);
        if (!in->operands[i])
            return false;
    }
    if (mote_asm_at_end(a))
        return true;
    mote_asm_error(a, a->at,
                   insn->operand_count ? "expected the end of the instruction; its form is: %s"
                                       : "expected the end of the instruction; %s has no operands",
                   syntax(a, insn));
    return false;
}

/* Moves that name a system register as an operand: `rsr a2, sar` and `rsr a2, 3` are rsr.sar. `shift` is the position
 * of the register number in the instruction word. */
static const struct {
    const char *name;
    int shift;
} system_moves[] = {{"rsr", 8}, {"wsr", 8}, {"xsr", 8}, {"rur", 4}, {"wur", 8}};

static const mote_xt_insn *system_move(const char *name, int shift, const char *reg, int64_t number, unsigned chips)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < mote_xt_count(); i++) {
        const mote_xt_insn *insn = mote_xt_at(i);
        if (strncmp(insn->mnemonic, name, n) != 0 || insn->mnemonic[n] != '.' || (insn->chips & chips) != chips)
            continue;
        if (reg ? strcasecmp(insn->mnemonic + n + 1, reg) == 0 : (insn->match >> shift & 0xff) == number)
            return insn;
    }
    return NULL;
}

/* Assembles a move of `system_moves`, or reports an error in it. Returns false when the mnemonic is another one. */
static bool assemble_system_move(mote_xt_assembly *a, const char *mnemonic, instruction *in)
{
    size_t i = 0, count = sizeof system_moves / sizeof *system_moves;
    while (i < count && strcmp(system_moves[i].name, mnemonic) != 0)
        i++;
    if (i == count)
        return false;
    static const mote_xt_operand any = {.kind = MOTE_XT_AR, .max = 15, .step = 1};
    in->operands[0] = parse_register(a, &any);
    if (!in->operands[0] || !mote_asm_expect(a, ',', "the address register"))
        return true;
    mote_asm_space(a);
    const char *at = a->at, *reg = mote_asm_name(a);
    int64_t number = -1;
    if (!reg && !mote_asm_absolute(a, &number))
        return true;
    in->insn = system_move(mnemonic, system_moves[i].shift, reg, number, a->options.chips);
    if (!in->insn)
        mote_asm_error(a, at, "%s knows no such register on these chips", mnemonic);
    else
        mote_asm_place_instruction(a, in);
    return true;
}

/* Other names of instructions; their operands are the same. */
static const struct {
    const char *written, *meant;
} aliases[] = {{"bbci.l", "bbci"}, {"bbsi.l", "bbsi"}};

static bool assemble_idiom(mote_xt_assembly *a, const char *mnemonic, instruction *in)
{
    if (strcmp(mnemonic, "mov") == 0) {
        in->insn = mote_xt_find("mov.n");
        if (!in->insn || !parse_operands(a, in))
            return true;
        if (!in->density) {
            in->insn = mote_xt_find("or");
            in->operands[2] = in->operands[1];
            in->at[2] = in->at[1];
        }
        mote_asm_place_instruction(a, in);
        return true;
    }
    if (strcmp(mnemonic, "j.l") == 0) {
        static const mote_xt_operand any = {.kind = MOTE_XT_AR, .max = 15, .step = 1};
        in->insn = mote_xt_find("j");
        in->far = mote_xt_find("jx");
        mote_asm_space(a);
        in->at[0] = a->at;
        in->operands[0] = mote_asm_expr(a);
        if (in->operands[0] && mote_asm_expect(a, ',', "the target") && (in->scratch = parse_register(a, &any)))
            mote_asm_place_instruction(a, in);
        return true;
    }
    return assemble_system_move(a, mnemonic, in);
}

static void unknown(mote_xt_assembly *a, const char *mnemonic, const char *at)
{
    const char *nearest = mote_xt_nearest(mnemonic);
    if (nearest)
        mote_asm_error(a, at, "there is no instruction '%s'; did you mean '%s'?", mnemonic, nearest);
    else
        mote_asm_error(a, at, "there is no instruction '%s'", mnemonic);
    mote_asm_skip_statement(a);
}

static const char *chip_names(unsigned chips)
{
    static const char *const names[] = {
        "no chip",      "the ESP32",          "the ESP32-S2",          "ESP32 and ESP32-S2",
        "the ESP32-S3", "ESP32 and ESP32-S3", "ESP32-S2 and ESP32-S3", "any chip"};
    return names[chips & 7];
}

void mote_asm_instruction(mote_xt_assembly *a, const char *written, const char *at)
{
    mote_asm_line_of_instruction(a);
    char mnemonic[MAX_MNEMONIC];
    bool exact = *written == '_';
    size_t n = 0;
    for (const char *p = written + exact; *p && n + 1 < sizeof mnemonic; p++)
        mnemonic[n++] = (char)tolower((unsigned char)*p);
    mnemonic[n] = 0;
    const char *meant = mnemonic;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(mnemonic, aliases[i].written) == 0)
            meant = aliases[i].meant;

    instruction *in = mote_arena_alloc(&a->arena, sizeof *in);
    in->line = a->line;
    in->at[MOTE_XT_MAX_OPERANDS] = at;
    in->exact = exact || !a->modes.transform;
    in->density = !in->exact && a->modes.density;
    in->insn = mote_xt_find_for(meant, a->options.chips);
    if (!in->insn) {
        if (!assemble_idiom(a, mnemonic, in))
            unknown(a, mnemonic, at);
        return;
    }
    if ((in->insn->chips & a->options.chips) != a->options.chips) {
        mote_asm_error(a, at, "%s is an instruction of %s only", mnemonic, chip_names(in->insn->chips));
        mote_asm_skip_statement(a);
        return;
    }
    if (parse_operands(a, in))
        mote_asm_place_instruction(a, in);
}
