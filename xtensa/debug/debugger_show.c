#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/asm/dis.h"
#include "xtensa/debug/backtrace.h"
#include "xtensa/debug/debugger_data.h"

static const mote_xt_lanes all_lanes[] = {
    {"s8", 1, 's'},  {"u8", 1, 'u'},  {"x8", 1, 'x'},  {"s16", 2, 's'}, {"u16", 2, 'u'},
    {"x16", 2, 'x'}, {"s32", 4, 's'}, {"u32", 4, 'u'}, {"x32", 4, 'x'},
};

const mote_xt_lanes *mote_xt_debugger_lanes(const char *name)
{
    for (size_t i = 0; i < sizeof all_lanes / sizeof all_lanes[0]; i++)
        if (strcmp(all_lanes[i].name, name) == 0)
            return &all_lanes[i];
    return NULL;
}

/* Returns `count` bits from bit `first` on. Bit 0 is the lowest bit of bytes[0]. */
static uint64_t bits(const uint8_t *bytes, unsigned first, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value |= (uint64_t)(bytes[(first + i) / 8] >> (first + i) % 8 & 1) << i;
    return value;
}

static int64_t signed_bits(const uint8_t *bytes, unsigned first, unsigned count)
{
    uint64_t value = bits(bytes, first, count), sign = ((uint64_t)1 << count) >> 1;
    return (int64_t)(value ^ sign) - (int64_t)sign;
}

/* True if `before` is not NULL and differs from `now` in `count` bits from bit `first` on. */
static bool differs(const uint8_t *now, const uint8_t *before, unsigned first, unsigned count)
{
    return before && bits(now, first, count) != bits(before, first, count);
}

/* Prints a value. A changed value is bold on a terminal and has a star elsewhere. */
static void put_changed(const mote_xt_debugger *d, bool changed, const char *text)
{
    if (d->options.terminal)
        fprintf(d->options.out, changed ? "\033[1;33m%s\033[0m" : "%s", text);
    else
        fprintf(d->options.out, "%s%s", text, changed ? "*" : "");
}

static void put_lane(const mote_xt_debugger *d, const uint8_t *now, const uint8_t *before, unsigned first,
                     unsigned count, char form)
{
    char text[32];
    if (form == 's')
        snprintf(text, sizeof text, " %" PRId64, signed_bits(now, first, count));
    else if (form == 'u')
        snprintf(text, sizeof text, " %" PRIu64, bits(now, first, count));
    else
        snprintf(text, sizeof text, " %0*" PRIx64, (int)count / 4, bits(now, first, count));
    put_changed(d, differs(now, before, first, count), text);
}

/* Prints a register in lanes: a vector in the selected form, a QACC half in 20-bit lanes if the selected form has 8
 * bits and in 40-bit lanes otherwise, ACCX as one 40-bit lane. */
static void put_lanes(const mote_xt_debugger *d, const mote_xt_register *r, const uint8_t *now, const uint8_t *before)
{
    unsigned width = d->lanes->size * 8u;
    if (r->size == 20)
        width = d->lanes->size == 1 ? 20 : 40;
    else if (r->size == 8)
        width = 40;
    const char *of = r->size == 16 ? d->lanes->name : width == 20 ? "20 bits" : "40 bits";
    fprintf(d->options.out, "  %-7s", of);
    unsigned end = r->size == 8 ? 40 : r->size * 8u;
    for (unsigned first = 0; first + width <= end; first += width)
        put_lane(d, now, before, first, width, r->size == 16 || d->lanes->form == 'x' ? d->lanes->form : 's');
}

static void put_word(const mote_xt_debugger *d, const mote_xt_register *r, const uint8_t *now, const uint8_t *before)
{
    uint32_t word;
    char text[MOTE_XT_LOCATION + 16], location[MOTE_XT_LOCATION];
    memcpy(&word, now, sizeof word);
    const mote_xt_elf_symbol *symbol = mote_xt_program_function(d->program, word);
    if (r->name[0] == 'f' && r->name[1] >= '0' && r->name[1] <= '9') {
        float value;
        memcpy(&value, now, sizeof value);
        snprintf(text, sizeof text, "0x%08x  %.9g", word, (double)value);
    } else if (symbol && (symbol->value == word || symbol->type == STT_FUNC || symbol->type == STT_OBJECT)) {
        snprintf(text, sizeof text, "0x%08x  <%s>", word, mote_xt_program_location(d->program, word, location));
    } else {
        snprintf(text, sizeof text, "0x%08x  %" PRId32, word, (int32_t)word);
    }
    put_changed(d, differs(now, before, 0, 32), text);
}

static const uint8_t *before_of(const mote_xt_debugger *d, const mote_xt_register *r)
{
    for (size_t i = 0; i < d->shown_count; i++)
        if (d->shown[i].r == r)
            return d->shown[i].before;
    return NULL;
}

static void put_register(const mote_xt_debugger *d, const mote_xt_register *r)
{
    uint8_t now[MOTE_XT_WIDEST] = {0};
    const uint8_t *before = before_of(d, r);
    if (r->size > sizeof now)
        return;
    mote_xt_register_read(d->program->machine, r, now);
    fprintf(d->options.out, "%-11s ", r->name);
    if (r->size > 4)
        put_lanes(d, r, now, before);
    else
        put_word(d, r, now, before);
    fputc('\n', d->options.out);
}

static const char *const general[] = {"pc",  "a0",  "a1",   "a2",   "a3",     "a4",  "a5",  "a6",
                                      "a7",  "a8",  "a9",   "a10",  "a11",    "a12", "a13", "a14",
                                      "a15", "sar", "lbeg", "lend", "lcount", "ps",  NULL};
static const char *const vectors[] = {"q0", "q1",     "q2",     "q3",   "q4",       "q5", "q6",
                                      "q7", "qacc_l", "qacc_h", "accx", "sar_byte", NULL};
static const char *const floats[] = {"f0",  "f1",  "f2",  "f3",  "f4",  "f5",  "f6",  "f7",  "f8", "f9",
                                     "f10", "f11", "f12", "f13", "f14", "f15", "fcr", "fsr", NULL};
static const char *const windows[] = {"windowbase", "windowstart", "br",       "acclo", "acchi",   "m0",     "m1", "m2",
                                      "m3",         "exccause",    "excvaddr", "epc1",  "vecbase", "ccount", NULL};

static void put_registers(const mote_xt_debugger *d, const char *const *names)
{
    for (; *names; names++) {
        const mote_xt_register *r = mote_xt_register_find(*names);
        if (r)
            put_register(d, r);
    }
}

static void remember(mote_xt_debugger *d, const char *const *names)
{
    for (; *names && d->shown_count < MOTE_XT_SHOWN; names++) {
        const mote_xt_register *r = mote_xt_register_find(*names);
        if (!r || r->size > MOTE_XT_WIDEST)
            continue;
        d->shown[d->shown_count].r = r;
        mote_xt_register_read(d->program->machine, r, d->shown[d->shown_count++].before);
    }
}

void mote_xt_debugger_remember(mote_xt_debugger *d)
{
    d->shown_count = 0;
    remember(d, general);
    remember(d, vectors);
    remember(d, floats);
    remember(d, windows);
}

void mote_xt_debugger_show_changes(mote_xt_debugger *d)
{
    for (size_t i = 0; i < d->shown_count; i++) {
        uint8_t now[MOTE_XT_WIDEST];
        const mote_xt_register *r = d->shown[i].r;
        mote_xt_register_read(d->program->machine, r, now);
        bool quiet = strcmp(r->name, "pc") == 0 || strcmp(r->name, "ccount") == 0 || strcmp(r->name, "ps") == 0;
        if (!quiet && memcmp(now, d->shown[i].before, r->size) != 0) {
            fputs("  ", d->options.out);
            put_register(d, r);
        }
    }
}

void mote_xt_debugger_show_line(mote_xt_debugger *d, uint32_t address)
{
    char text[MOTE_XT_TEXT + MOTE_XT_LOCATION], location[MOTE_XT_LOCATION], each[16] = "-", why[64] = "";
    char source[MOTE_XT_LOCATION];
    bool here = address == mote_xt_get(d->program->machine, "pc");
    const mote_xt_cost *cost = d->program->profile ? mote_xt_profile_at(d->program->profile, address) : NULL;
    if (cost) {
        int most = 1;
        for (int i = 2; i < MOTE_XT_STALL_KINDS; i++)
            if (cost->stalls[i] > cost->stalls[most])
                most = i;
        snprintf(each, sizeof each, "%.1f", (double)cost->cycles / (double)cost->count);
        if (cost->stalls[most])
            snprintf(why, sizeof why, "  ; %s", mote_xt_stall_name((mote_xt_stall)most));
    }
    mote_xt_program_decode(d->program, address, NULL, text, sizeof text);
    bool bold = here && d->options.terminal;
    mote_xt_program_source(d->program, address, source);
    fprintf(d->options.out, "%s%s%c 0x%08x %6s  %-20s %s%s%s%s%s\n", bold ? "\033[1m" : "", here ? "=>" : "  ",
            mote_xt_program_has_breakpoint(d->program, address) ? '*' : ' ', address, each,
            mote_xt_program_location(d->program, address, location), text, why, *source ? "  ; " : "", source,
            bold ? "\033[0m" : "");
}

static uint32_t size_at(const mote_xt_debugger *d, uint32_t address)
{
    const mote_xt_insn *insn = mote_xt_program_decode(d->program, address, NULL, NULL, 0);
    return insn ? insn->size : 1;
}

/* Returns the address of the instruction `lines` before `address`, found by decoding from the start of the function;
 * the start itself when that is nearer; `address` when the function is unknown or too long. */
static uint32_t back_up(const mote_xt_debugger *d, uint32_t address, unsigned lines)
{
    enum { MOST = 16, FAR = 1 << 16 };
    const mote_xt_elf_symbol *f = mote_xt_program_function(d->program, address);
    uint32_t recent[MOST];
    unsigned count = 0;
    if (!f || address - f->value > FAR)
        return address;
    for (uint32_t at = f->value; at < address; at += size_at(d, at))
        recent[count++ % MOST] = at;
    if (lines > count)
        lines = count;
    return lines ? recent[(count - lines) % MOST] : address;
}

void mote_xt_debugger_list(mote_xt_debugger *d, const mote_xt_words *w)
{
    enum { BEFORE = 5, LINES = 12, MOST = 10000 };
    uint32_t address = mote_xt_get(d->program->machine, "pc");
    uint64_t lines = LINES;
    if (w->count > 1 && !mote_xt_debugger_address(d, w->word[1], &address))
        return;
    if (w->count > 2 && !mote_xt_debugger_number(d, w, 2, &lines))
        return;
    if (w->count == 1)
        address = back_up(d, address, BEFORE);
    fprintf(d->options.out, "    %-10s %6s\n", "address", "cycles");
    const mote_xt_elf_symbol *f = mote_xt_program_function(d->program, address);
    for (uint64_t i = 0; i < lines && i < MOST; i++) {
        if (w->count == 1 && mote_xt_program_function(d->program, address) != f)
            break;
        mote_xt_debugger_show_line(d, address);
        address += size_at(d, address);
    }
}

void mote_xt_debugger_backtrace(mote_xt_debugger *d, const mote_xt_words *w)
{
    (void)w;
    mote_xt_backtrace_write(d->program, d->options.out);
}

static void show_cycles(mote_xt_debugger *d)
{
    fprintf(d->options.out, "%" PRIu64 " instructions, %" PRIu64 " cycles\n", mote_xt_instructions(d->program->machine),
            mote_xt_cycles(d->program->machine));
}

void mote_xt_debugger_info(mote_xt_debugger *d, const mote_xt_words *w)
{
    static const struct {
        const char *name;
        const char *const *registers;
    } groups[] = {{"registers", general}, {"vector", vectors}, {"float", floats}, {"special", windows}};
    const char *what = w->count > 1 ? w->word[1] : "";
    size_t length = strlen(what);
    for (size_t i = 0; length && i < sizeof groups / sizeof groups[0]; i++)
        if (strncmp(groups[i].name, what, length) == 0) {
            put_registers(d, groups[i].registers);
            if (groups[i].registers == general && d->program->chip == MOTE_XT_ESP32S3)
                put_registers(d, vectors);
            return;
        }
    if (length && (strncmp("break", what, length) == 0 || strncmp("watch", what, length) == 0))
        mote_xt_debugger_show_stops(d);
    else if (length && strncmp("cycles", what, length) == 0)
        show_cycles(d);
    else if (length && strncmp("profile", what, length) == 0)
        mote_xt_profile_write(d->program, MOTE_XT_PROFILE_TEXT, d->options.out, NULL);
    else if (length && strncmp("history", what, length) == 0)
        fprintf(d->options.out, "%" PRIu64 " instructions can be gone back\n",
                mote_xt_history_depth(d->program->history));
    else
        mote_xt_debugger_complain(d, "info registers|vector|float|special|break|cycles|profile|history");
}

void mote_xt_debugger_print(mote_xt_debugger *d, const mote_xt_words *w)
{
    if (w->count < 2)
        mote_xt_debugger_complain(d, "print which register or symbol?");
    for (int i = 1; i < w->count; i++) {
        const mote_xt_register *r = mote_xt_register_find(w->word[i]);
        uint32_t address;
        char location[MOTE_XT_LOCATION];
        if (r)
            put_register(d, r);
        else if (mote_xt_debugger_address(d, w->word[i], &address))
            fprintf(d->options.out, "%-11s 0x%08x  <%s>\n", w->word[i], address,
                    mote_xt_program_location(d->program, address, location));
    }
}

void mote_xt_debugger_set(mote_xt_debugger *d, const mote_xt_words *w)
{
    int at = w->count > 2 && strcmp(w->word[2], "=") == 0 ? 3 : 2;
    const mote_xt_register *r = w->count > 1 ? mote_xt_register_find(w->word[1]) : NULL;
    uint8_t bytes[MOTE_XT_WIDEST] = {0};
    if (!r || at >= w->count || r->size > sizeof bytes) {
        mote_xt_debugger_complain(d, "set REGISTER VALUE; a vector takes one value for each of its words");
        return;
    }
    for (unsigned i = 0; at < w->count && i < r->size; at++, i += 4) {
        char *end;
        long long value = strtoll(w->word[at], &end, 0);
        uint32_t word = (uint32_t)value;
        if (*end && !mote_xt_debugger_address(d, w->word[at], &word))
            return;
        memcpy(bytes + i, &word, sizeof word);
    }
    mote_xt_program_set(d->program, r, bytes);
    put_register(d, r);
}

void mote_xt_debugger_set_lanes(mote_xt_debugger *d, const mote_xt_words *w)
{
    const mote_xt_lanes *lanes = w->count > 1 ? mote_xt_debugger_lanes(w->word[1]) : NULL;
    if (lanes)
        d->lanes = lanes;
    else
        mote_xt_debugger_complain(d, "lanes s8|u8|x8|s16|u16|x16|s32|u32|x32");
}

static void put_row(const mote_xt_debugger *d, uint32_t address, const uint8_t *bytes, unsigned size,
                    const mote_xt_lanes *lanes)
{
    fprintf(d->options.out, "0x%08x:", address);
    for (unsigned at = 0; at + lanes->size <= size; at += lanes->size)
        put_lane(d, bytes, NULL, at * 8, lanes->size * 8u, lanes->form);
    fputs("  |", d->options.out);
    for (unsigned i = 0; i < size; i++)
        fputc(bytes[i] >= ' ' && bytes[i] < 127 ? bytes[i] : '.', d->options.out);
    fputs("|\n", d->options.out);
}

void mote_xt_debugger_memory(mote_xt_debugger *d, const mote_xt_words *w)
{
    enum { ROW = 16, MOST = 1 << 16 };
    const mote_xt_lanes *lanes = w->count > 3 ? mote_xt_debugger_lanes(w->word[3]) : mote_xt_debugger_lanes("x32");
    uint32_t address;
    uint64_t count = 16;
    if (w->count < 2 || !lanes) {
        mote_xt_debugger_complain(d, "x ADDRESS [COUNT [s8|u8|x8|s16|u16|x16|s32|u32|x32]]");
        return;
    }
    if (!mote_xt_debugger_address(d, w->word[1], &address) ||
        (w->count > 2 && !mote_xt_debugger_number(d, w, 2, &count)))
        return;
    uint64_t size = count < MOST ? count * lanes->size : MOST;
    for (uint64_t at = 0; at < size; at += ROW) {
        uint8_t bytes[ROW];
        unsigned part = size - at < ROW ? (unsigned)(size - at) : ROW;
        if (!mote_xt_read(d->program->machine, address + (uint32_t)at, bytes, part)) {
            mote_xt_debugger_complain(d, "there is no memory at 0x%08x", address + (uint32_t)at);
            return;
        }
        put_row(d, address + (uint32_t)at, bytes, part, lanes);
    }
}
