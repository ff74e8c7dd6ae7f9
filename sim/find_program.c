#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/backend.h"

/* Folders of the programs relative to the command: in a build folder, and as installed. */
static const char *const places[] = {"sim", "../share/mote/sim"};

static bool folder_of_this_program(char folder[MOTE_SIM_PATH])
{
    char path[MOTE_SIM_PATH];
    const ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    if (size < 0)
        return false;
    path[size] = '\0';
    return snprintf(folder, MOTE_SIM_PATH, "%s", dirname(path)) < MOTE_SIM_PATH;
}

static bool readable(char path[MOTE_SIM_PATH], const char *folder, const char *place, const char *chip)
{
    return snprintf(path, MOTE_SIM_PATH, "%s/%s/%s.elf", folder, place, chip) < MOTE_SIM_PATH &&
           access(path, R_OK) == 0;
}

bool mote_sim_find_program(const mote_sim_chip *chip, char path[MOTE_SIM_PATH], mote_error *error)
{
    char folder[MOTE_SIM_PATH];
    const char *set = getenv("MOTE_SIM_DIR");
    if (set && readable(path, set, ".", chip->name))
        return true;
    if (!set && folder_of_this_program(folder))
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
            if (readable(path, folder, places[i], chip->name))
                return true;
    return mote_fail(error, MOTE_E_UNSUPPORTED,
                     "the program for %s (%s.elf) is not installed: Mote was built without its cross-compiler; apt-get "
                     "install %s, build again, or set MOTE_SIM_DIR to the folder that has it",
                     chip->name, chip->name,
                     chip->xtensa ? "gcc-xtensa-lx106 picolibc-xtensa-lx106-elf"
                                  : "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf");
}
