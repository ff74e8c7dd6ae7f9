#include "cli/progress.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/terminal.h"

enum { BAR_WIDTH = 24, LONGEST_LEFT = 999 * 60 /* seconds */ };

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

/* Writes the bar and the time left; returns its length. */
static size_t describe(const mote_progress *p, double share, double elapsed, char *line, size_t size)
{
    char bar[BAR_WIDTH + 1];
    for (int i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < (int)(share * BAR_WIDTH) ? '#' : '.';
    bar[BAR_WIDTH] = 0;
    const double left = share > 0 ? elapsed * (1 - share) / share : 0;
    const int seconds = (int)fmin(left, LONGEST_LEFT);
    return (size_t)snprintf(line, size, "%s [%s] %3.0f%%  %d:%02d left  ", p->label, bar, share * 100, seconds / 60,
                            seconds % 60);
}

/* Draws one line, cut to the terminal's width: a line that wraps cannot be redrawn. */
void mote_progress_update(mote_progress *p, uint64_t done, const char *format, ...)
{
    char line[256];
    const double t = now();
    if (!p->terminal || (t - p->drawn < 0.1 && done < p->total))
        return;
    p->drawn = t;
    p->visible = true;
    const size_t n = describe(p, p->total ? (double)done / (double)p->total : 0, t - p->started, line, sizeof line);
    va_list args;
    va_start(args, format);
    if (n < sizeof line)
        vsnprintf(line + n, sizeof line - n, format, args);
    va_end(args);
    const int columns = mote_terminal_columns(STDERR_FILENO);
    fprintf(stderr, "\r\033[K%.*s", columns ? columns - 1 : (int)sizeof line, line);
    fflush(stderr);
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
