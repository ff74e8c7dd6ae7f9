#ifndef MOTE_RUNTIME_SAMPLE_H
#define MOTE_RUNTIME_SAMPLE_H

#include <mote_text.h>

#include "kernels.h"

/* Draws a token from `count` scores in units of 1/1024 nat, 1 <= count < 65535. Never draws `excluded`, unless it is
 * the only token; MOTE_NO_INDEX excludes none. The scores have the alignment that argmax needs (kernels.h). mote_sample
 * calls this with the logits of a session. */
uint32_t mote_sample_scores(const mote_kernels *kernels, const int16_t *scores, uint32_t count, uint32_t excluded,
                            mote_sampler *sampler);

uint32_t mote_unknown_token(const mote_model *m); /* the token that is never drawn; MOTE_NO_INDEX if there is none */

#endif
