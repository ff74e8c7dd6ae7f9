/* Tasks of a network: a loss with its gradient, and counts that report how well the task is done. */
#ifndef MOTE_COMPILER_TASK_H
#define MOTE_COMPILER_TASK_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A task. Targets are those of a batch (compiler/task/source.h), one row for each row of the output. */
typedef struct mote_task {
    const char *name;
    const char *unit; /* unit of the mean loss */
    bool chooses; /* targets are uint16_t, the index of the right output, MOTE_NO_TARGET for a row that does not count;
                     else float [outputs], the first NaN for a row that does not count */
    /* Returns the sum of the loss over the rows that count. Must not change y [rows, outputs]. Sets `gradient` [rows,
     * outputs] to scale·∂loss/∂y, unless it is NULL. */
    double (*loss)(const float *y, const void *targets, uint32_t rows, uint32_t outputs, float scale, float *gradient);
} mote_task;

extern const mote_task mote_task_nats;           /* the next token: cross-entropy */
extern const mote_task mote_task_classification; /* one of several classes: cross-entropy, accuracy, confusion */
extern const mote_task mote_task_regression;     /* values: mean squared error */

size_t mote_task_target_size(const mote_task *task, uint32_t outputs); /* bytes of one row's target */
/* Returns the number of targets that count. */
uint32_t mote_task_counted(const mote_task *task, const void *targets, uint32_t rows, uint32_t outputs);

/* Sums over batches. */
typedef struct mote_tally {
    const mote_task *task;
    uint32_t outputs;
    double loss;
    uint64_t rows, correct; /* rows that count; rows whose largest output is the right one, if the task chooses */
    uint64_t *confusion;    /* [right, chosen], owned; NULL if not asked for */
} mote_tally;

/* Begins a tally. With `confusion`, keeps a confusion matrix if the task chooses among at most MOTE_MOST_CLASSES
 * outputs. On failure there is nothing to free. */
enum { MOTE_MOST_CLASSES = 1024 };
bool mote_tally_init(mote_tally *s, const mote_task *task, uint32_t outputs, bool confusion, mote_error *error);
void mote_tally_free(mote_tally *s);
void mote_tally_add(mote_tally *s, const float *y, const void *targets, uint32_t rows);

/* Computes the mean loss. Fails if nothing was scored, or if the loss is infinite or undefined. */
bool mote_tally_loss(const mote_tally *s, double *loss, mote_error *error);
double mote_tally_accuracy(const mote_tally *s); /* 0..1 */

#endif
