/* Semihosting: system calls that the host serves for `simcall`.
 *
 * a2 names the call, a3..a5 hold its arguments; the result goes to a2 (-1 on failure) and the error number to a3.
 *
 *   1 exit(status)               3 read(fd, buffer, size)      4 write(fd, buffer, size)
 *   5 open(path, flags, mode)    6 close(fd)                  19 lseek(fd, offset, whence)
 *   1000 argc()               1001 argv_size()              1002 argv(buffer)
 *
 * Flags and error numbers are those of Linux. argv(buffer) fills argv_size() bytes with the pointers, a NULL, and the
 * strings they point to.
 *
 * Policy for files: none may be opened until the host gives a folder with mote_xt_semihost_files. Then a program may
 * read, write and create regular files in and below that folder. A path is relative to it, without "..", and must not
 * contain a symbolic link; otherwise the call fails with EACCES. At most MOTE_XT_FILES are open at a time. Descriptors
 * 0, 1 and 2 are the standard streams. */
#ifndef MOTE_XTENSA_SEMIHOST_H
#define MOTE_XTENSA_SEMIHOST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "xtensa/emu/machine.h"

#define MOTE_XT_FILES 16

typedef struct mote_xt_semihost {
    int argc;
    char **argv;          /* borrowed; argv[0] is the program's name */
    int folder;           /* descriptor of the folder whose files may be opened; -1: none may */
    FILE *in, *out, *err; /* borrowed; a NULL `in` is at its end, a NULL output discards everything */
    int exit_code;
    int open[MOTE_XT_FILES]; /* host descriptors; -1 when free */
    /* Called before the host writes to the program's memory; may be NULL. */
    void (*before_store)(void *context, uint32_t address, uint32_t size);
    void *context;
} mote_xt_semihost;

void mote_xt_semihost_open(mote_xt_semihost *h, int argc, char **argv);
void mote_xt_semihost_close(mote_xt_semihost *h); /* closes the folder and the files left open */

/* Lets the program open files in and below `folder`. Errors: MOTE_E_INPUT it is no folder or cannot be opened. */
bool mote_xt_semihost_files(mote_xt_semihost *h, const char *folder, mote_error *error);

/* Serves one call, for mote_xt_hooks.syscall. Returns false when the program asked to exit. */
bool mote_xt_semihost_call(mote_xt_semihost *h, mote_xt_machine *m);

#endif
