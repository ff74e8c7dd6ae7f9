#ifndef MOTE_CLI_TERMINAL_H
#define MOTE_CLI_TERMINAL_H

/* Returns the columns of the terminal behind a file descriptor; 0 if it is no terminal or the number is unknown. */
int mote_terminal_columns(int fd);

#endif
