/* Losses of the training loop, with their gradients. */
#ifndef MOTE_COMPILER_CROSS_ENTROPY_H
#define MOTE_COMPILER_CROSS_ENTROPY_H

#include <stdint.h>

#include "base/error.h"

enum { MOTE_NO_TARGET = 0xffff }; /* target of a row that is ignored: loss and gradient 0 */

/* Returns Σ over rows of −ln softmax(logits[row])[targets[row]], in nats. Writes scale·(softmax − one-hot) to
 * `gradient` [rows, vocabulary] unless it is NULL. */
double mote_cross_entropy(const float *logits, const uint16_t *targets, uint32_t rows, uint32_t vocabulary, float scale,
                          float *gradient);

/* Adds the gradient of scale·T²·KL(teacher ‖ student) to `gradient`, both at temperature T:
 * scale·T·(softmax(logits/T) − softmax(teacher/T)). Distillation after Hinton, Vinyals and Dean 2015. Overwrites both
 * sets of logits. */
void mote_distill(float *logits, float *teacher, uint32_t rows, uint32_t vocabulary, float temperature, float scale,
                  float *gradient);

/* Fails unless the loss on a text is finite. An infinite or NaN loss cannot be compared with others. */
bool mote_loss_check(double loss, mote_error *error);

#endif
