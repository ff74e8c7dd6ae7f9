#include "xtensa/debug/gdb_commands.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/debug/gdb_registers.h"

/* Signal numbers of gdb. */
enum { SIGNAL_INT = 2, SIGNAL_TRAP = 5, SIGNAL_SEGV = 11 };

enum { MEMORY_PIECE = MOTE_XT_GDB_PACKET / 2 };

void mote_xt_gdb_say(mote_xt_gdb_answer *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t room = sizeof a->text - a->size;
    int length = vsnprintf(a->text + a->size, room, format, args);
    va_end(args);
    if (length > 0)
        a->size += (size_t)length < room ? (size_t)length : room - (room > 0);
}

void mote_xt_gdb_hex(mote_xt_gdb_answer *a, const void *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size && a->size + 2 <= sizeof a->text; i++) {
        uint8_t byte = ((const uint8_t *)bytes)[i];
        a->text[a->size++] = digits[byte >> 4];
        a->text[a->size++] = digits[byte & 15];
    }
}

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Reads one to eight hexadecimal digits and advances *at. */
static bool number(const char **at, uint32_t *value)
{
    uint32_t v = 0;
    int count = 0;
    for (; count <= 8 && digit(**at) >= 0; count++)
        v = v << 4 | (uint32_t)digit(*(*at)++);
    *value = v;
    return count > 0 && count <= 8;
}

static bool character(const char **at, char c)
{
    return **at == c && (*at)++;
}

/* Reads exactly `size` bytes written in hexadecimal. */
static bool unhex(const char *text, uint8_t *to, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        int high = digit(text[2 * i]), low = high < 0 ? -1 : digit(text[2 * i + 1]);
        if (low < 0)
            return false;
        to[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static void verdict(mote_xt_gdb_answer *a, bool ok)
{
    mote_xt_gdb_say(a, ok ? "OK" : "E01");
}

void mote_xt_gdb_stop_reply(const mote_xt_gdb *g, mote_xt_gdb_answer *a)
{
    static const uint8_t signals[] = {
        [MOTE_XT_STOP_NONE] = SIGNAL_TRAP,  [MOTE_XT_STOP_BREAK] = SIGNAL_TRAP,    [MOTE_XT_STOP_WATCH] = SIGNAL_TRAP,
        [MOTE_XT_STOP_FAULT] = SIGNAL_SEGV, [MOTE_XT_STOP_INTERRUPT] = SIGNAL_INT,
    };
    if (g->stop == MOTE_XT_STOP_EXIT) {
        mote_xt_gdb_say(a, "W%02x", (unsigned)g->program->semihost.exit_code & 0xff);
        return;
    }
    mote_xt_gdb_say(a, "T%02x", signals[g->stop]);
    if (g->stop == MOTE_XT_STOP_WATCH) {
        uint32_t before;
        const mote_xt_watch *w = mote_xt_program_watch_hit(g->program, &before);
        if (w)
            mote_xt_gdb_say(a, "%s:%x;",
                            w->access == MOTE_XT_MEM_W   ? "watch"
                            : w->access == MOTE_XT_MEM_R ? "rwatch"
                                                         : "awatch",
                            w->address);
    }
}

static void read_registers(mote_xt_gdb *g, mote_xt_gdb_answer *a)
{
    for (unsigned i = 0; i < MOTE_XT_GDB_REGISTERS; i++) {
        uint8_t bytes[MOTE_XT_GDB_WIDEST];
        mote_xt_gdb_register_read(g->program->machine, i, bytes);
        mote_xt_gdb_hex(a, bytes, mote_xt_gdb_register(i, NULL, NULL));
    }
}

static void write_registers(mote_xt_gdb *g, mote_xt_gdb_answer *a)
{
    uint8_t bytes[MOTE_XT_GDB_BYTES];
    if (!unhex(g->packet + 1, bytes, sizeof bytes)) {
        verdict(a, false);
        return;
    }
    for (unsigned i = 0; i < MOTE_XT_GDB_REGISTERS; i++) {
        size_t offset;
        mote_xt_gdb_register(i, &offset, NULL);
        mote_xt_gdb_register_write(g->program, i, bytes + offset);
    }
    verdict(a, true);
}

static void read_register(mote_xt_gdb *g, mote_xt_gdb_answer *a)
{
    const char *at = g->packet + 1;
    uint32_t i;
    uint8_t bytes[MOTE_XT_GDB_WIDEST];
    if (number(&at, &i) && mote_xt_gdb_register_read(g->program->machine, i, bytes))
        mote_xt_gdb_hex(a, bytes, mote_xt_gdb_register(i, NULL, NULL));
    else
        verdict(a, false);
}

static void write_register(mote_xt_gdb *g, mote_xt_gdb_answer *a)
{
    const char *at = g->packet + 1;
    uint32_t i;
    uint8_t bytes[MOTE_XT_GDB_WIDEST];
    verdict(a, number(&at, &i) && character(&at, '=') && unhex(at, bytes, mote_xt_gdb_register(i, NULL, NULL)) &&
                   mote_xt_gdb_register_write(g->program, i, bytes));
}

static void read_memory(mote_xt_gdb *g, mote_xt_gdb_answer *a)
{
    const char *at = g->packet + 1;
    uint32_t address, size;
    uint8_t bytes[MEMORY_PIECE];
    if (!number(&at, &address) || !character(&at, ',') || !number(&at, &size) || size > sizeof bytes)
        verdict(a, false);
    else if (!mote_xt_read(g->program->machine, address, bytes, size))
        mote_xt_gdb_say(a, "E0e");
    else
        mote_xt_gdb_hex(a, bytes, size);
}

/* Undoes the escapes of binary data: '}' precedes a byte whose bit 5 is inverted. */
static bool unescape(const char *from, const char *end, uint8_t *to, size_t size)
{
    size_t done = 0;
    for (; from < end && done < size; from++) {
        bool escaped = *from == '}' && from + 1 < end;
        to[done++] = escaped ? (uint8_t)(*++from ^ 0x20) : (uint8_t)*from;
    }
    return done == size && from == end;
}

static void write_memory(mote_xt_gdb *g, mote_xt_gdb_answer *a)
{
    const char *at = g->packet + 1;
    uint32_t address, size;
    uint8_t bytes[MOTE_XT_GDB_PACKET];
    bool ok = number(&at, &address) && character(&at, ',') && number(&at, &size) && character(&at, ':') &&
              size <= sizeof bytes;
    if (ok && g->packet[0] == 'M')
        ok = unhex(at, bytes, size);
    else if (ok)
        ok = unescape(at, g->packet + g->size, bytes, size);
    verdict(a, ok && (size == 0 || mote_xt_program_write(g->program, address, bytes, size)));
}

static void breakpoint(mote_xt_gdb *g, mote_xt_gdb_answer *a)
{
    static const unsigned access[] = {[2] = MOTE_XT_MEM_W, [3] = MOTE_XT_MEM_R, [4] = MOTE_XT_MEM_R | MOTE_XT_MEM_W};
    const char *at = g->packet + 1;
    bool set = g->packet[0] == 'Z';
    uint32_t type, address, size;
    if (!number(&at, &type) || !character(&at, ',') || !number(&at, &address) || !character(&at, ',') ||
        !number(&at, &size))
        verdict(a, false);
    else if (type <= 1)
        verdict(a, mote_xt_program_breakpoint(g->program, address, set));
    else if (type <= 4)
        verdict(a, size > 0 &&
                       mote_xt_program_watchpoint(g->program, (mote_xt_watch){address, size, access[type], 0}, set));
}

/* Resumes the program. s and c may have an address to continue from; the signal of S and C is ignored. */
static void resume(mote_xt_gdb *g, mote_xt_gdb_answer *a, char action, const char *rest)
{
    uint32_t address;
    if ((action == 's' || action == 'c') && number(&rest, &address))
        mote_xt_program_set(g->program, mote_xt_register_find("pc"), &address);
    if (action == 's' || action == 'S') {
        g->stop = mote_xt_program_run(g->program, 1);
        mote_xt_gdb_stop_reply(g, a);
    } else {
        g->running = true;
        a->none = true;
    }
}

static void leave(mote_xt_gdb *g, mote_xt_gdb_answer *a, bool answer)
{
    g->finished = true;
    a->none = !answer;
    if (answer)
        verdict(a, true);
}

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void monitor(mote_xt_gdb *g, mote_xt_gdb_answer *a)
{
    char line[256] = {0};
    const char *hex = g->packet + strlen("qRcmd,");
    size_t size = strlen(hex) / 2;
    if (size >= sizeof line || !unhex(hex, (uint8_t *)line, size))
        verdict(a, false);
    else
        mote_xt_gdb_monitor(g, line, a);
}

static void features(mote_xt_gdb *g, mote_xt_gdb_answer *a)
{
    static const char target[] = "target.xml:";
    const char *at = g->packet + strlen("qXfer:features:read:");
    uint32_t offset, length;
    if (!starts(at, target)) {
        mote_xt_gdb_say(a, "E00");
        return;
    }
    at += strlen(target);
    if (number(&at, &offset) && character(&at, ',') && number(&at, &length))
        mote_xt_gdb_description(offset, length, a);
    else
        verdict(a, false);
}

static void query(mote_xt_gdb *g, mote_xt_gdb_answer *a)
{
    static const char *const fixed[][2] = {
        {"qAttached", "1"}, {"qC", "QC1"}, {"qfThreadInfo", "m1"}, {"qsThreadInfo", "l"}, {"qSymbol", "OK"},
    };
    if (starts(g->packet, "qRcmd,")) {
        monitor(g, a);
        return;
    }
    if (starts(g->packet, "qXfer:features:read:")) {
        features(g, a);
        return;
    }
    if (starts(g->packet, "qSupported")) {
        char reverse = g->program->history ? '+' : '-';
        mote_xt_gdb_say(
            a, "PacketSize=%x;QStartNoAckMode+;vContSupported+;qXfer:features:read+;ReverseStep%c;ReverseContinue%c",
            MOTE_XT_GDB_PACKET, reverse, reverse);
        return;
    }
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (starts(g->packet, fixed[i][0])) {
            mote_xt_gdb_say(a, "%s", fixed[i][1]);
            return;
        }
}

static void verbose(mote_xt_gdb *g, mote_xt_gdb_answer *a)
{
    if (strcmp(g->packet, "vCont?") == 0)
        mote_xt_gdb_say(a, "vCont;c;C;s;S");
    else if (starts(g->packet, "vCont;") && g->packet[6] && strchr("cCsS", g->packet[6]))
        resume(g, a, g->packet[6], "");
    else if (starts(g->packet, "vKill"))
        leave(g, a, true);
    else if (starts(g->packet, "vCont;"))
        verdict(a, false);
}

static bool one_ago(void *context, const mote_xt_machine *m, uint64_t age)
{
    (void)context;
    (void)m;
    return age == 1;
}

static bool at_breakpoint(void *context, const mote_xt_machine *m, uint64_t age)
{
    (void)age;
    return mote_xt_program_has_breakpoint(context, mote_xt_get(m, "pc"));
}

static void back(mote_xt_gdb *g, mote_xt_gdb_answer *a)
{
    char how = g->packet[1];
    if (how != 's' && how != 'c')
        return;
    g->stop = MOTE_XT_STOP_BREAK;
    if (mote_xt_program_back(g->program, how == 's' ? one_ago : at_breakpoint, g->program))
        mote_xt_gdb_stop_reply(g, a);
    else
        mote_xt_gdb_say(a, "T05replaylog:begin;");
}

void mote_xt_gdb_command(mote_xt_gdb *g, mote_xt_gdb_answer *a)
{
    switch (g->packet[0]) {
    case '?':
        mote_xt_gdb_stop_reply(g, a);
        break;
    case 'g':
        read_registers(g, a);
        break;
    case 'G':
        write_registers(g, a);
        break;
    case 'p':
        read_register(g, a);
        break;
    case 'P':
        write_register(g, a);
        break;
    case 'm':
        read_memory(g, a);
        break;
    case 'M':
    case 'X':
        write_memory(g, a);
        break;
    case 'Z':
    case 'z':
        breakpoint(g, a);
        break;
    case 's':
    case 'S':
    case 'c':
    case 'C':
        resume(g, a, g->packet[0], g->packet + 1);
        break;
    case 'b':
        back(g, a);
        break;
    case 'q':
        query(g, a);
        break;
    case 'Q':
        g->no_ack = g->no_ack || strcmp(g->packet, "QStartNoAckMode") == 0;
        if (strcmp(g->packet, "QStartNoAckMode") == 0)
            verdict(a, true);
        break;
    case 'v':
        verbose(g, a);
        break;
    case 'H':
    case 'T':
        verdict(a, true);
        break;
    case 'D':
        leave(g, a, true);
        break;
    case 'k':
        leave(g, a, false);
        break;
    default: /* an empty answer: not supported */
        break;
    }
}
