/* Results of `mote sim` for one model on one chip, as text and as JSON. */
#ifndef MOTE_CLI_SIM_REPORT_H
#define MOTE_CLI_SIM_REPORT_H

#include <jansson.h>

#include "sim/sim.h"

enum { MOTE_SIM_PC_KERNELS = 4 }; /* maximum number of kernel tables on a PC; the portable one is first */

typedef struct mote_sim_report {
    const char *path;
    const mote_sim_chip *on;
    const mote_sim_options *options;
    mote_bytes file;
    mote_model model; /* open on `file` */
    mote_sim_result chip, pc[MOTE_SIM_PC_KERNELS];
    const char *kernels[MOTE_SIM_PC_KERNELS]; /* names of the kernel tables */
    int kernel_count;
    mote_sim_difference difference; /* set if options->trace */
} mote_sim_report;

/* Returns true if all digests are equal and no difference was found. */
bool mote_sim_report_agrees(const mote_sim_report *r);

void mote_sim_report_print(const mote_sim_report *r);
void mote_sim_report_print_beside(const mote_sim_report *a, const mote_sim_report *b);
json_t *mote_sim_report_json(const mote_sim_report *r);

#endif
