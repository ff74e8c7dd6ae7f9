#include "cli/progress.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/terminal.h"

enum { LEAST_BAR = 4, MOST_BAR = 24, USUAL_WIDTH = 80, LINE = 512 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

mote_progress mote_progress_begin(const char *label, uint64_t total)
{
    return (mote_progress){.label = label, .total = total, .started = now(), .terminal = isatty(STDERR_FILENO) == 1};
}

static void erase(mote_progress *p)
{
    if (p->visible)
        fputs("\r\033[K", stderr);
    p->visible = false;
}

/* Returns the end of a label, such as a path, in at most `most` columns. */
static const char *end_of(const char *label, int most)
{
    while (mote_text_columns(label, strlen(label)) > most)
        for (label++; ((unsigned char)*label & 0xc0) == 0x80; label++)
            ;
    return label;
}

/* Writes label, bar and percent in at most `room` columns. */
static void write_bar(char *line, const char *label, double share, int room)
{
    char bar[MOST_BAR + 1] = "";
    const int rest = room - LEAST_BAR - (int)strlen(" [] 100%"), third = room / 3;
    label = end_of(label, rest < 0 ? 0 : rest < third ? rest : third);
    const int cells = third > MOST_BAR ? MOST_BAR : third - 1 > LEAST_BAR ? third - 1 : LEAST_BAR;
    for (int i = 0; i < cells; i++)
        bar[i] = i < (int)(share * cells) ? '#' : '.';
    snprintf(line, LINE, "%s%s[%s] %3.0f%%", label, *label ? " " : "", bar, share * 100);
    if (!*label && room < (int)strlen(line))
        line[room] = 0;
}

/* Appends a part of `size` bytes if it fits in the room. */
static bool add(char *line, int room, const char *part, size_t size)
{
    const size_t n = strlen(line);
    if (mote_text_columns(line, n) + 2 + mote_text_columns(part, size) > room || n + 2 + size >= LINE)
        return false;
    snprintf(line + n, LINE - n, "  %.*s", (int)size, part);
    return true;
}

/* Draws the bar and as many parts of the text, which two spaces separate, as fit the terminal. */
static void draw(const mote_progress *p, double share, double elapsed, const char *text)
{
    char line[LINE], left[32];
    const int room = mote_terminal_width(STDERR_FILENO, USUAL_WIDTH) - 1;
    const double seconds = share > 0 ? elapsed * (1 - share) / share : 0;
    write_bar(line, p->label, share, room);
    snprintf(left, sizeof left, "%.0f:%02.0f left", floor(seconds / 60), fmod(floor(seconds), 60));
    bool fits = add(line, room, left, strlen(left));
    for (size_t size; fits && *text; text += size + strspn(text + size, " ")) {
        const char *end = strstr(text, "  ");
        size = end ? (size_t)(end - text) : strlen(text);
        fits = add(line, room, text, size);
    }
    fprintf(stderr, "\r\033[K%s", line);
    fflush(stderr);
}

void mote_progress_update(mote_progress *p, uint64_t done, const char *format, ...)
{
    const double t = now();
    char text[LINE];
    if (!p->terminal || (t - p->drawn < 0.1 && done < p->total))
        return;
    p->drawn = t;
    p->visible = true;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    draw(p, p->total && done < p->total ? (double)done / (double)p->total : 1, t - p->started, text);
}

void mote_progress_note(mote_progress *p, const char *format, ...)
{
    erase(p);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    p->drawn = 0;
}

void mote_progress_end(mote_progress *p)
{
    erase(p);
    fflush(stderr);
}
