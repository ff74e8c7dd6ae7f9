#include "xtensa/debug/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/asm/archive.h"
#include "xtensa/asm/dis.h"

enum { BOOT_PS = 0x40020 };

static const struct chip_facts {
    const char *name;
    uint32_t memory_end; /* end of the internal memory that the linker scripts use */
} chips[] = {
    [MOTE_XT_ESP32] = {"esp32", 0x3ffe0000},
    [MOTE_XT_ESP32S2] = {"esp32s2", 0x40000000},
    [MOTE_XT_ESP32S3] = {"esp32s3", 0x3fcf0000},
};

static bool on_syscall(void *context, mote_xt_machine *m)
{
    mote_xt_program *p = context;
    bool go_on = mote_xt_semihost_call(&p->semihost, m);
    if (go_on && p->history) {
        mote_xt_history_mark(p->history);
        mote_xt_interrupt(m);
    }
    return go_on;
}

static void on_store(void *context, mote_xt_machine *m, uint32_t address, uint32_t size)
{
    const mote_xt_program *p = context;
    mote_xt_history_store(p->history, m, address, size);
}

static void on_host_store(void *context, uint32_t address, uint32_t size)
{
    mote_xt_program *p = context;
    if (p->history)
        mote_xt_history_store(p->history, p->machine, address, size);
}

static void on_retired(void *context, mote_xt_machine *m, uint32_t pc, const mote_xt_insn *insn,
                       const uint32_t stalls[MOTE_XT_STALL_KINDS])
{
    const mote_xt_program *p = context;
    (void)m;
    if (!p->history || !mote_xt_history_replaying(p->history))
        mote_xt_profile_add(p->profile, pc, insn, stalls);
}

static void set_hooks(mote_xt_program *p)
{
    mote_xt_set_hooks(p->machine, &(mote_xt_hooks){
                                      .context = p,
                                      .syscall = on_syscall,
                                      .before_store = p->history ? on_store : NULL,
                                      .retired = p->profile ? on_retired : NULL,
                                  });
}

static bool load_segment(mote_xt_program *p, const mote_xt_elf_segment *s, mote_error *error)
{
    static const uint8_t zeros[4096];
    bool fits = s->file_size == 0 || mote_xt_write(p->machine, s->address, s->data, s->file_size);
    for (uint32_t at = s->file_size; fits && at < s->memory_size; at += sizeof zeros) {
        uint32_t left = s->memory_size - at;
        fits = mote_xt_write(p->machine, s->address + at, zeros, left < sizeof zeros ? left : sizeof zeros);
    }
    return fits || mote_fail(error, MOTE_E_FORMAT,
                             "segment 0x%08x..0x%08x lies outside the memory of %s; link with the linker script of "
                             "the chip (xtensa/programs/%s.ld)",
                             s->address, s->address + s->memory_size, chips[p->chip].name, chips[p->chip].name);
}

bool mote_xt_program_reset(mote_xt_program *p, mote_error *error)
{
    mote_xt_reset(p->machine);
    for (size_t i = 0; i < p->elf.segment_count; i++)
        if (p->elf.segments[i].type == PT_LOAD && !load_segment(p, &p->elf.segments[i], error))
            return false;
    const mote_xt_elf_symbol *stack = mote_xt_elf_symbol_find(&p->elf, "_stack_top");
    mote_xt_set(p->machine, "ps", BOOT_PS);
    mote_xt_set(p->machine, "a1", stack ? stack->value : chips[p->chip].memory_end);
    mote_xt_set(p->machine, "pc", p->elf.entry);
    if (p->profile)
        mote_xt_profile_clear(p->profile);
    if (p->history)
        mote_xt_history_clear(p->history);
    return true;
}

bool mote_xt_program_open_bytes(mote_xt_program *p, mote_bytes file, const char *name, mote_xt_chip chip,
                                mote_error *error)
{
    *p = (mote_xt_program){.chip = chip, .file = file};
    mote_xt_semihost_open(&p->semihost, 0, NULL);
    p->semihost.before_store = on_host_store;
    p->semihost.context = p;
    bool ok = !mote_xt_is_archive(file.data, file.size);
    if (!ok)
        mote_fail(error, MOTE_E_UNSUPPORTED,
                  "%s is an archive of objects, not a program; link it first (xtensa-lx106-elf-ld -T "
                  "xtensa/programs/%s.ld), or see it with mote dis",
                  name, chips[chip].name);
    ok = ok && mote_xt_elf_open(file.data, file.size, name, &p->elf, error);
    if (ok && p->elf.type != ET_EXEC)
        ok = mote_fail(error, MOTE_E_UNSUPPORTED,
                       "%s is an object, not a program; link it first (xtensa-lx106-elf-ld -T xtensa/programs/%s.ld)",
                       name, chips[chip].name);
    ok = ok && (p->machine = mote_xt_create(chip, error)) != NULL;
    if (ok) {
        mote_xt_lines_read(&p->elf, name, &p->lines, &p->lines_error);
        set_hooks(p);
        ok = mote_xt_program_reset(p, error);
    }
    if (!ok)
        mote_xt_program_close(p);
    return ok;
}

bool mote_xt_program_open(mote_xt_program *p, const char *path, mote_xt_chip chip, mote_error *error)
{
    mote_bytes file;
    *p = (mote_xt_program){0};
    return mote_file_read(path, MOTE_XT_PROGRAM_LIMIT, &file, error) &&
           mote_xt_program_open_bytes(p, file, path, chip, error);
}

void mote_xt_program_close(mote_xt_program *p)
{
    if (p->file.data)
        mote_xt_semihost_close(&p->semihost);
    mote_xt_history_free(p->history);
    mote_xt_profile_free(p->profile);
    if (p->machine)
        mote_xt_destroy(p->machine);
    mote_xt_lines_free(&p->lines);
    mote_xt_elf_close(&p->elf);
    free(p->file.data);
    *p = (mote_xt_program){0};
}

bool mote_xt_program_profile(mote_xt_program *p, mote_error *error)
{
    if (!p->profile && !(p->profile = mote_xt_profile_new()))
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory for the profile");
    mote_xt_set_timing(p->machine, true);
    set_hooks(p);
    return true;
}

bool mote_xt_program_history(mote_xt_program *p, mote_error *error)
{
    if (!p->history && !(p->history = mote_xt_history_new()))
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory for the history");
    set_hooks(p);
    return true;
}

static size_t find_breakpoint(const mote_xt_program *p, uint32_t address)
{
    size_t i = 0;
    while (i < p->breakpoint_count && p->breakpoints[i] != address)
        i++;
    return i;
}

bool mote_xt_program_has_breakpoint(const mote_xt_program *p, uint32_t address)
{
    return find_breakpoint(p, address) < p->breakpoint_count;
}

/* mote_xt_run ignores a breakpoint at the pc where it starts. Between two slices of one run, such a breakpoint must
 * stop the program, and is checked here. */
mote_xt_stop mote_xt_program_run(mote_xt_program *p, uint64_t max)
{
    for (uint64_t left = max; left;) {
        uint64_t before = mote_xt_instructions(p->machine);
        mote_xt_stop stop =
            p->history ? mote_xt_history_run(p->history, p->machine, left) : mote_xt_run(p->machine, left);
        uint64_t done = mote_xt_instructions(p->machine) - before;
        if (stop != MOTE_XT_STOP_NONE || done == 0)
            return stop;
        if (mote_xt_program_has_breakpoint(p, mote_xt_get(p->machine, "pc")))
            return MOTE_XT_STOP_BREAK;
        left -= done < left ? done : left;
    }
    return MOTE_XT_STOP_NONE;
}

void mote_xt_program_interrupt(mote_xt_program *p)
{
    mote_xt_interrupt(p->machine);
}

static void arm(mote_xt_program *p, bool on)
{
    for (size_t i = 0; i < p->breakpoint_count; i++)
        mote_xt_breakpoint(p->machine, p->breakpoints[i], on);
    for (size_t i = 0; i < p->watch_count; i++)
        mote_xt_watchpoint(p->machine, p->watches[i].address, p->watches[i].size, p->watches[i].access, on);
}

bool mote_xt_program_back(mote_xt_program *p, mote_xt_moment *when, void *context)
{
    if (!p->history)
        return false;
    arm(p, false);
    bool found = mote_xt_history_back(p->history, p->machine, when, context);
    arm(p, true);
    return found;
}

bool mote_xt_program_breakpoint(mote_xt_program *p, uint32_t address, bool set)
{
    size_t i = find_breakpoint(p, address);
    if (set == (i < p->breakpoint_count))
        return true;
    if (i == MOTE_XT_BREAKPOINTS)
        return false;
    mote_xt_breakpoint(p->machine, address, set);
    if (set)
        p->breakpoints[p->breakpoint_count++] = address;
    else
        p->breakpoints[i] = p->breakpoints[--p->breakpoint_count];
    return true;
}

static uint32_t look(const mote_xt_program *p, const mote_xt_watch *w)
{
    uint32_t value = 0;
    mote_xt_read(p->machine, w->address, &value, w->size < 4 ? w->size : 4);
    return value;
}

bool mote_xt_program_watchpoint(mote_xt_program *p, mote_xt_watch w, bool set)
{
    size_t i = 0;
    while (i < p->watch_count &&
           (p->watches[i].address != w.address || p->watches[i].size != w.size || p->watches[i].access != w.access))
        i++;
    if (set == (i < p->watch_count))
        return true;
    if (i == MOTE_XT_WATCHPOINTS || !mote_xt_watchpoint(p->machine, w.address, w.size, w.access, set))
        return false;
    w.seen = look(p, &w);
    if (set)
        p->watches[p->watch_count++] = w;
    else
        p->watches[i] = p->watches[--p->watch_count];
    return true;
}

const mote_xt_watch *mote_xt_program_watch_hit(mote_xt_program *p, uint32_t *before)
{
    const mote_xt_watch *changed = NULL, *read = NULL;
    for (size_t i = 0; i < p->watch_count; i++) {
        mote_xt_watch *w = &p->watches[i];
        uint32_t now = look(p, w);
        if (!changed && now != w->seen) {
            changed = w;
            *before = w->seen;
        } else if (!read && (w->access & MOTE_XT_MEM_R)) {
            read = w;
        }
        w->seen = now;
    }
    if (!changed && p->watch_count) {
        changed = read ? read : &p->watches[0]; /* read, or written with the value it had */
        *before = changed->seen;
    }
    return changed;
}

bool mote_xt_program_write(mote_xt_program *p, uint32_t address, const void *from, size_t size)
{
    on_host_store(p, address, (uint32_t)size);
    if (p->history)
        mote_xt_history_mark(p->history);
    return mote_xt_write(p->machine, address, from, size);
}

void mote_xt_program_set(mote_xt_program *p, const mote_xt_register *r, const void *from)
{
    if (p->history)
        mote_xt_history_mark(p->history);
    mote_xt_register_write(p->machine, r, from);
}

static bool parse_number(const char *text, uint32_t *value)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 0);
    if (end == text || *end || errno || number > UINT32_MAX || *text == '-')
        return false;
    *value = (uint32_t)number;
    return true;
}

bool mote_xt_program_address(const mote_xt_program *p, const char *text, uint32_t *address)
{
    const char *colon = strrchr(text, ':');
    uint32_t line;
    if (parse_number(text, address))
        return true;
    if (colon && parse_number(colon + 1, &line) &&
        mote_xt_lines_find(&p->lines, text, (size_t)(colon - text), line, address))
        return true;
    char name[256];
    size_t length = strcspn(text, "+-");
    if (length == 0 || length >= sizeof name)
        return false;
    memcpy(name, text, length);
    name[length] = '\0';
    const mote_xt_elf_symbol *symbol = mote_xt_elf_symbol_find(&p->elf, name);
    uint32_t offset = 0;
    if (!symbol || (text[length] && !parse_number(text + length + 1, &offset)))
        return false;
    *address = text[length] == '-' ? symbol->value - offset : symbol->value + offset;
    return true;
}

/* Replaces control characters, since names come from the ELF file and must not control a terminal. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            *text = '?';
}

const char *mote_xt_program_location(const mote_xt_program *p, uint32_t address, char to[MOTE_XT_LOCATION])
{
    const mote_xt_elf_symbol *symbol = mote_xt_program_function(p, address);
    if (!symbol)
        snprintf(to, MOTE_XT_LOCATION, "0x%08x", address);
    else if (symbol->value == address)
        snprintf(to, MOTE_XT_LOCATION, "%s", symbol->name);
    else
        snprintf(to, MOTE_XT_LOCATION, "%.80s+0x%x", symbol->name, address - symbol->value);
    make_printable(to);
    return to;
}

const char *mote_xt_program_source(const mote_xt_program *p, uint32_t address, char to[MOTE_XT_LOCATION])
{
    const mote_xt_line *row = mote_xt_lines_at(&p->lines, address);
    const char *name = row ? p->lines.files[row->file].name : "", *slash = strrchr(name, '/');
    *to = 0;
    if (*name)
        snprintf(to, MOTE_XT_LOCATION, "%.80s:%u", slash ? slash + 1 : name, row->line);
    make_printable(to);
    return to;
}

const mote_xt_elf_symbol *mote_xt_program_function(const mote_xt_program *p, uint32_t address)
{
    enum { LABELS_IN_A_FUNCTION = 32 };
    uint32_t offset;
    const mote_xt_elf_symbol *nearest = mote_xt_elf_symbol_at(&p->elf, 0, address, &offset);
    const mote_xt_elf_symbol *s = nearest;
    for (int i = 0; s && i < LABELS_IN_A_FUNCTION; i++) {
        if (s->type == STT_FUNC && address - s->value < s->size)
            return s;
        s = s->value ? mote_xt_elf_symbol_at(&p->elf, 0, s->value - 1, &offset) : NULL;
    }
    return nearest;
}

/* Appends the name of a branch's or a call's target, or the word that an l32r loads. */
static void name_target(const mote_xt_program *p, const mote_xt_insn *insn, uint32_t target, char *text, size_t size)
{
    char location[MOTE_XT_LOCATION];
    size_t used = strlen(text);
    if (strcmp(insn->mnemonic, "l32r") == 0 && mote_xt_read(p->machine, target, &target, 4)) {
        snprintf(text + used, size - used, "  ; 0x%x", target);
        used = strlen(text);
    }
    if (mote_xt_program_function(p, target))
        snprintf(text + used, size - used, " <%s>", mote_xt_program_location(p, target, location));
}

/* Writes the text for bytes that are no instruction of this chip: an instruction of another chip, or a byte. */
static void describe_bytes(const uint8_t *bytes, size_t available, uint32_t address, char *text, size_t size)
{
    int32_t values[MOTE_XT_MAX_OPERANDS];
    const unsigned every_chip = MOTE_XT_ESP32 | MOTE_XT_ESP32S2 | MOTE_XT_ESP32S3;
    const mote_xt_insn *insn = available ? mote_xt_decode(bytes, available, every_chip, address, values) : NULL;
    if (!available) {
        snprintf(text, size, "(no memory here)");
    } else if (!insn) {
        snprintf(text, size, ".byte 0x%02x", bytes[0]);
    } else {
        mote_xt_format(insn, values, text, size);
        size_t used = strlen(text);
        snprintf(text + used, size - used, "  ; not on this chip");
    }
}

const mote_xt_insn *mote_xt_program_decode(const mote_xt_program *p, uint32_t address, int32_t *values, char *text,
                                           size_t size)
{
    uint8_t bytes[MOTE_XT_MAX_BYTES];
    int32_t own[MOTE_XT_MAX_OPERANDS];
    size_t available = 0;
    while (available < sizeof bytes && mote_xt_read(p->machine, address + (uint32_t)available, bytes + available, 1))
        available++;
    if (!values)
        values = own;
    const mote_xt_insn *insn = available ? mote_xt_decode(bytes, available, p->chip, address, values) : NULL;
    if (text && !insn)
        describe_bytes(bytes, available, address, text, size);
    if (!text || !insn)
        return insn;
    mote_xt_format(insn, values, text, size);
    for (unsigned i = 0; i < insn->operand_count; i++)
        if (insn->operands[i].kind == MOTE_XT_LABEL)
            name_target(p, insn, (uint32_t)values[i], text, size);
    return insn;
}
