/* Backends of the simulation. A backend copies the window to the memory of the chip, runs the program `elf` to its end
 * and copies the window back. */
#ifndef MOTE_SIM_BACKEND_H
#define MOTE_SIM_BACKEND_H

#include "sim/sim.h"

typedef bool mote_sim_backend(const mote_sim_chip *chip, const char *elf, mote_bytes model,
                              const mote_sim_options *options, mote_sim_result *result, mote_error *error);
mote_sim_backend mote_sim_on_xtensa, mote_sim_on_qemu;

/* Finds the program for a chip, which is built and installed with the tool. */
enum { MOTE_SIM_PATH = 4096 };
bool mote_sim_find_program(const mote_sim_chip *chip, char path[MOTE_SIM_PATH], mote_error *error);

/* Allocates the window and stores the request in it. */
bool mote_sim_prepare(const mote_sim_options *options, mote_sim_result *result, mote_error *error);

/* Returns the bytes of the window that hold the request. */
size_t mote_sim_prepared(const mote_sim_result *result);

mote_code mote_sim_code(mote_status refusal); /* error code for a status with which the runtime refused a model */

#endif
