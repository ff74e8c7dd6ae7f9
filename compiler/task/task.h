/* What a network is to do, and how well it does it: a loss, with its gradient, and counts for people to read. */
#ifndef MOTE_COMPILER_TASK_H
#define MOTE_COMPILER_TASK_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Targets are those of a batch (compiler/task/source.h): one row for each row of the output. */
typedef struct mote_task {
    const char *name;
    const char *unit; /* of the mean loss */
    bool chooses;     /* targets are uint16_t, the index of the right output, MOTE_NO_TARGET where a row counts for
                         nothing; else float [outputs], the first NaN where a row counts for nothing */
    /* Σ of the loss over the rows that count. y [rows, outputs] may not change. `gradient` [rows, outputs] becomes
     * scale·∂loss/∂y; NULL when not wanted. */
    double (*loss)(const float *y, const void *targets, uint32_t rows, uint32_t outputs, float scale, float *gradient);
} mote_task;

extern const mote_task mote_task_nats;           /* the next token: cross-entropy */
extern const mote_task mote_task_classification; /* one of several classes: cross-entropy, accuracy, confusion */
extern const mote_task mote_task_regression;     /* values: mean squared error */

size_t mote_task_target_size(const mote_task *task, uint32_t outputs); /* bytes of one row's target */
/* How many of the targets count. */
uint32_t mote_task_counted(const mote_task *task, const void *targets, uint32_t rows, uint32_t outputs);

/* A sum over batches. */
typedef struct mote_tally {
    const mote_task *task;
    uint32_t outputs;
    double loss;
    uint64_t rows, correct; /* those that count; of tasks that choose, those whose largest output is the right one */
    uint64_t *confusion;    /* [right, chosen], owned; NULL where not asked for */
} mote_tally;

/* `confusion`: keep a confusion matrix, of at most MOTE_MOST_CLASSES outputs. On failure there is nothing to free. */
enum { MOTE_MOST_CLASSES = 1024 };
bool mote_tally_init(mote_tally *s, const mote_task *task, uint32_t outputs, bool confusion, mote_error *error);
void mote_tally_free(mote_tally *s);
void mote_tally_add(mote_tally *s, const float *y, const void *targets, uint32_t rows);

/* The mean loss. Fails when there was nothing to score, or when it is infinite or undefined: such a loss decides
 * nothing. */
bool mote_tally_loss(const mote_tally *s, double *loss, mote_error *error);
double mote_tally_accuracy(const mote_tally *s); /* 0..1 */

#endif
