/* A check before the libraries start. OpenBLAS, when it is loaded, starts a thread for each core, which maps a buffer;
 * without room for that the command would hang before main. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/room.h"

enum { STACK = 8 << 20 };

/* Returns the number in the first of these variables that is set, 0 if none is. The functions of the C library that
 * know the environment do not work yet. */
static int number_of(char **environment)
{
    static const char *const names[] = {"OPENBLAS_NUM_THREADS=", "GOTO_NUM_THREADS=", "OMP_NUM_THREADS="};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (char **entry = environment; *entry; entry++)
            if (strncmp(*entry, names[i], strlen(names[i])) == 0 && atoi(*entry + strlen(names[i])) > 0)
                return atoi(*entry + strlen(names[i]));
    return 0;
}

static void check_room(int argc, char **argv, char **environment)
{
    static const char message[] =
        "mote: not enough memory for the threads of OpenBLAS; raise the limit (ulimit -v), or "
        "set OPENBLAS_NUM_THREADS=1\n";
    cpu_set_t cores;
    const int available = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
    const int asked = number_of(environment), threads = asked && asked < available ? asked : available;
    (void)argc, (void)argv;
    if (mote_has_room(MOTE_BLAS_BUFFER + STACK, (unsigned)threads - 1))
        return;
    const ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
    (void)written; /* there is nowhere to report that it failed */
    _exit(MOTE_E_INTERNAL);
}

__attribute__((section(".preinit_array"), used)) static void (*const before_libraries)(int, char **,
                                                                                       char **) = check_room;
