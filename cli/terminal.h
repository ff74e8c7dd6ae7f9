/* Columns of terminals and of text. */
#ifndef MOTE_CLI_TERMINAL_H
#define MOTE_CLI_TERMINAL_H

#include <stddef.h>

/* Returns the width of the terminal that the file descriptor is, or `otherwise` if it is none or its width unknown. */
int mote_terminal_width(int fd, int otherwise);

/* Returns the columns of the first `size` bytes of UTF-8, a column for each character. */
int mote_text_columns(const char *text, size_t size);

#endif
