/* One line on standard error that shows the progress of long work. On a terminal it is a bar that redraws itself;
 * elsewhere only mote_progress_note prints. */
#ifndef MOTE_CLI_PROGRESS_H
#define MOTE_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct mote_progress {
    const char *label;
    uint64_t total;
    double started, drawn; /* seconds, monotonic */
    bool terminal, visible;
} mote_progress;

mote_progress mote_progress_begin(const char *label, uint64_t total);

/* Shows `done` of the total, the estimated time left, and a short text such as "1.93 bits/byte  210k tokens/s". A
 * narrow terminal shows fewer of the text's parts, which two spaces separate. Redraws at most ten times a second. */
__attribute__((format(printf, 3, 4))) void mote_progress_update(mote_progress *p, uint64_t done, const char *format,
                                                                ...);
/* Prints a permanent line above the bar. */
__attribute__((format(printf, 2, 3))) void mote_progress_note(mote_progress *p, const char *format, ...);
void mote_progress_end(mote_progress *p); /* clears the bar */

#endif
