#include "xtensa/debug/gdb.h"

#include <string.h>

#include "xtensa/debug/gdb_commands.h"

enum { IDLE, CONTENT, SUM_HIGH, SUM_LOW };
enum { INTERRUPT = 0x03 };

/* The characters that gdb sends outside packets. Others come from another program, such as a browser's HTTP request. */
static const char between_packets[] = "$+-\x03";

void mote_xt_gdb_begin(mote_xt_gdb *g, mote_xt_program *program)
{
    memset(g, 0, sizeof *g);
    g->program = program;
    g->stop = MOTE_XT_STOP_BREAK;
}

static void put(mote_xt_gdb *g, char c)
{
    g->reply[g->reply_size++] = c;
}

/* Frames the answer: $content#checksum. */
static void frame(mote_xt_gdb *g, const mote_xt_gdb_answer *answer)
{
    static const char digits[] = "0123456789abcdef";
    unsigned sum = 0;
    put(g, '$');
    for (size_t i = 0; i < answer->size; i++) {
        sum += (uint8_t)answer->text[i];
        put(g, answer->text[i]);
    }
    put(g, '#');
    put(g, digits[sum >> 4 & 15]);
    put(g, digits[sum & 15]);
}

static void complete(mote_xt_gdb *g)
{
    bool too_long = g->size > MOTE_XT_GDB_PACKET;
    if (g->sum != g->claimed && !g->no_ack) {
        put(g, '-');
        return;
    }
    if (!g->no_ack)
        put(g, '+');
    mote_xt_gdb_answer answer = {0};
    if (too_long) {
        mote_xt_gdb_say(&answer, "E01");
    } else {
        g->packet[g->size] = '\0';
        mote_xt_gdb_command(g, &answer);
    }
    if (!answer.none)
        frame(g, &answer);
}

static int digit(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : 0;
}

/* Consumes one character. Returns true when it completes a packet. */
static bool take(mote_xt_gdb *g, uint8_t c)
{
    switch (g->state) {
    case IDLE:
        g->state = c == '$' ? CONTENT : IDLE;
        g->refused = !memchr(between_packets, c, sizeof between_packets - 1);
        g->finished = g->finished || g->refused;
        g->stop_asked = g->stop_asked || (c == INTERRUPT && g->running);
        g->size = 0;
        g->sum = 0;
        return false;
    case CONTENT:
        if (c == '#') {
            g->state = SUM_HIGH;
            return false;
        }
        g->sum = (uint8_t)(g->sum + c);
        if (g->size < MOTE_XT_GDB_PACKET)
            g->packet[g->size] = (char)c;
        g->size += g->size <= MOTE_XT_GDB_PACKET;
        return false;
    case SUM_HIGH:
        g->claimed = (uint8_t)(digit(c) << 4);
        g->state = SUM_LOW;
        return false;
    default:
        g->claimed = (uint8_t)(g->claimed | digit(c));
        g->state = IDLE;
        return true;
    }
}

size_t mote_xt_gdb_input(mote_xt_gdb *g, const uint8_t *bytes, size_t size)
{
    g->reply_size = 0;
    for (size_t i = 0; i < size && !g->finished; i++) {
        if (!take(g, bytes[i]))
            continue;
        if (!g->running) /* while the program runs, only an interrupt is accepted */
            complete(g);
        return i + 1;
    }
    return size;
}

void mote_xt_gdb_advance(mote_xt_gdb *g, uint64_t max)
{
    g->reply_size = 0;
    if (!g->running)
        return;
    mote_xt_stop stop = g->stop_asked ? MOTE_XT_STOP_INTERRUPT : mote_xt_program_run(g->program, max);
    if (stop == MOTE_XT_STOP_NONE)
        return;
    g->running = g->stop_asked = false;
    g->stop = stop;
    mote_xt_gdb_answer answer = {0};
    mote_xt_gdb_stop_reply(g, &answer);
    frame(g, &answer);
}
