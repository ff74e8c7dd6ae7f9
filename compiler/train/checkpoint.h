/* OUT.resume: the checkpoint of a run that was stopped or killed. */
#ifndef MOTE_COMPILER_CHECKPOINT_H
#define MOTE_COMPILER_CHECKPOINT_H

#include "compiler/train/trainer.h"

bool mote_checkpoint_save(mote_trainer *t, mote_error *error);
/* mote_checkpoint_options reads the options of a stopped run, before its trainer is made. MOTE_E_USAGE if an option
 * that is not the default differs from the stopped run's. mote_checkpoint_restore then reads its position and arrays
 * into the trainer. */
bool mote_checkpoint_options(const mote_graph *saved, mote_train_options *options, mote_error *error);
bool mote_checkpoint_restore(mote_trainer *t, const mote_graph *saved, mote_error *error);

#endif
