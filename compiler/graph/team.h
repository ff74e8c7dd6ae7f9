/* Threads that wait for the next piece of work: each does its part of it, and the call returns when all have. */
#ifndef MOTE_COMPILER_TEAM_H
#define MOTE_COMPILER_TEAM_H

#include <stdint.h>

#include "base/error.h"

typedef struct mote_team mote_team;

/* `size` workers, 1..64, the caller among them. NULL, with `error` filled, when threads cannot be had. */
mote_team *mote_team_new(uint32_t size, mote_error *error);
void mote_team_free(mote_team *team);
uint32_t mote_team_size(const mote_team *team);

/* Runs work(context, i) for each worker i, the caller being 0. */
void mote_team_run(mote_team *team, void (*work)(void *context, uint32_t worker), void *context);

#endif
