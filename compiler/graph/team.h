/* A pool of threads that wait for work. Each call runs one function on all workers and returns when all are done. */
#ifndef MOTE_COMPILER_TEAM_H
#define MOTE_COMPILER_TEAM_H

#include <stdint.h>

#include "base/error.h"

typedef struct mote_team mote_team;

/* Creates `size` workers, 1..64, including the caller. Returns NULL and sets `error` if threads cannot be started. */
mote_team *mote_team_new(uint32_t size, mote_error *error);
void mote_team_free(mote_team *team);
uint32_t mote_team_size(const mote_team *team);

/* Runs work(context, i) for each worker i. The caller is worker 0. */
void mote_team_run(mote_team *team, void (*work)(void *context, uint32_t worker), void *context);

#endif
