/* Backend for RISC-V: runs the program on QEMU's virt board. The board's memory is a memory file that this process maps
 * too. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/backend.h"

extern char **environ;

#define RAM_START 0x80000000u
#define RAM_SIZE  (96u << 20)
#define LOOK      0.1 /* seconds between progress reports */

_Static_assert(MOTE_SIM_WINDOW_RISCV - RAM_START <= RAM_SIZE - MOTE_SIM_WINDOW_SIZE, "the window lies in the memory");

static bool spawn(const char *cpu, const char *elf, int memory, pid_t *child, mote_error *error)
{
    char backing[128];
    snprintf(backing, sizeof backing, "memory-backend-file,id=ram,size=%u,mem-path=/proc/self/fd/%d,share=on", RAM_SIZE,
             memory);
    char size[16];
    snprintf(size, sizeof size, "%uM", RAM_SIZE >> 20);
    const char *const arguments[] = {
        "qemu-system-riscv32",
        "-machine",
        "virt,memory-backend=ram",
        "-object",
        backing,
        "-m",
        size,
        "-cpu",
        cpu,
        "-bios",
        "none",
        "-display",
        "none",
        "-monitor",
        "none",
        "-serial",
        "none",
        "-parallel",
        "none",
        "-nodefaults",
        "-icount",
        "shift=0",
        "-kernel",
        elf,
        NULL,
    };
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    const int failed = posix_spawnp(child, arguments[0], &actions, NULL, (char *const *)arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed == ENOENT)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "qemu-system-riscv32 not found; apt-get install qemu-system-misc");
    return !failed || mote_fail(error, MOTE_E_INTERNAL, "cannot start qemu-system-riscv32: %s", strerror(failed));
}

/* Waits for the child until the timeout, then kills it. Returns true if it ended by itself. */
static bool wait_for(pid_t child, const mote_sim_options *o, const volatile uint32_t *fed)
{
    const int handle = pidfd_open(child, 0);
    struct pollfd end = {handle, POLLIN, 0};
    int ready = 0;
    for (double left = o->timeout; ready == 0 && left > 0; left -= LOOK) {
        do
            ready = poll(&end, 1, (int)((left < LOOK ? left : LOOK) * 1000));
        while (ready < 0 && errno == EINTR);
        if (o->progress)
            o->progress(o->context, *fed);
    }
    if (ready != 1)
        kill(child, SIGKILL);
    if (handle >= 0)
        close(handle);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    return ready == 1;
}

static bool run(const mote_sim_chip *chip, const char *elf, mote_bytes model, const mote_sim_options *o, int memory,
                uint8_t *ram, mote_sim_result *result, mote_error *error)
{
    uint8_t *window = ram + (MOTE_SIM_WINDOW_RISCV - RAM_START);
    memcpy(ram + (chip->flash - RAM_START), model.data, model.size);
    memcpy(window, result->window, mote_sim_prepared(result));
    pid_t child;
    if (!spawn(chip->cpu, elf, memory, &child, error))
        return false;
    if (!wait_for(child, o, &((const mote_sim_box *)window)->reply.fed))
        return mote_fail(error, MOTE_E_MISMATCH, "the program on %s did not end within %g seconds; raise --timeout",
                         chip->name, o->timeout);
    memcpy(result->window, window, MOTE_SIM_WINDOW_SIZE);
    return true;
}

bool mote_sim_on_qemu(const mote_sim_chip *chip, const char *elf, mote_bytes model, const mote_sim_options *o,
                      mote_sim_result *result, mote_error *error)
{
    const int memory = memfd_create("mote-sim", 0);
    void *ram = MAP_FAILED;
    if (memory >= 0 && ftruncate(memory, RAM_SIZE) == 0)
        ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    const bool ok = ram != MAP_FAILED
                        ? run(chip, elf, model, o, memory, ram, result, error)
                        : mote_fail(error, MOTE_E_INTERNAL, "no memory for the simulated chip: %s", strerror(errno));
    if (ram != MAP_FAILED)
        munmap(ram, RAM_SIZE);
    if (memory >= 0)
        close(memory);
    return ok;
}
