/* Losses of the training loop, with their gradients. */
#ifndef MOTE_COMPILER_CROSS_ENTROPY_H
#define MOTE_COMPILER_CROSS_ENTROPY_H

#include <stdint.h>

#include "base/error.h"

enum { MOTE_NO_TARGET = 0xffff }; /* a row with this target counts for nothing */

/* Σ over rows of −ln softmax(logits[row])[targets[row]], in nats. `gradient` [rows, vocabulary] becomes
 * scale·(softmax − one-hot); NULL when not wanted. */
double mote_cross_entropy(const float *logits, const uint16_t *targets, uint32_t rows, uint32_t vocabulary, float scale,
                          float *gradient);

/* Distillation (Hinton, Vinyals and Dean 2015): adds to `gradient` that of scale·T²·KL(teacher ‖ student), both
 * softened by temperature T: scale·T·(softmax(logits/T) − softmax(teacher/T)). Overwrites both sets of logits. */
void mote_distill(float *logits, float *teacher, uint32_t rows, uint32_t vocabulary, float temperature, float scale,
                  float *gradient);

/* Fails unless a loss on a text is a number: one that is infinite or undefined decides nothing. */
bool mote_loss_check(double loss, mote_error *error);

#endif
