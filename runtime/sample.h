#ifndef MOTE_RUNTIME_SAMPLE_H
#define MOTE_RUNTIME_SAMPLE_H

#include <mote_text.h>

#include "kernels.h"

/* Draws from `count` scores in units of 1/1024 nat, 1 <= count < 65535. Never draws `excluded` (MOTE_NO_INDEX: all may
 * be drawn) unless it is the only token. The scores are aligned as the kernels demand. mote_sample is this on a
 * session's logits. */
uint32_t mote_sample_scores(const mote_kernels *kernels, const int16_t *scores, uint32_t count, uint32_t excluded,
                            mote_sampler *sampler);

uint32_t mote_unknown_token(const mote_model *m); /* never drawn; MOTE_NO_INDEX when there is none */

#endif
