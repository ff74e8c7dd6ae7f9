#include "compiler/task/task.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/graph/cross_entropy.h"

static double choose_loss(const float *y, const void *targets, uint32_t rows, uint32_t outputs, float scale,
                          float *gradient)
{
    return mote_cross_entropy(y, targets, rows, outputs, scale, gradient);
}

/* Squared error of a row: the mean over its outputs of (y − target)². */
static double squared_error(const float *y, const void *targets, uint32_t rows, uint32_t outputs, float scale,
                            float *gradient)
{
    const float *wanted = targets;
    double sum = 0;
    for (size_t i = 0; i < rows; i++, y += outputs, wanted += outputs) {
        const bool counts = !isnan(wanted[0]);
        for (size_t j = 0; j < outputs; j++) {
            const float error = counts ? y[j] - wanted[j] : 0;
            sum += (double)error * (double)error;
            if (gradient)
                gradient[i * outputs + j] = 2 * scale / (float)outputs * error;
        }
    }
    return sum / outputs;
}

const mote_task mote_task_nats = {"nats", "nats/token", true, choose_loss};
const mote_task mote_task_classification = {"classification", "nats/sample", true, choose_loss};
const mote_task mote_task_regression = {"regression", "squared error", false, squared_error};

size_t mote_task_target_size(const mote_task *task, uint32_t outputs)
{
    return task->chooses ? sizeof(uint16_t) : outputs * sizeof(float);
}

uint32_t mote_task_counted(const mote_task *task, const void *targets, uint32_t rows, uint32_t outputs)
{
    const uint16_t *chosen = targets;
    const float *wanted = targets;
    uint32_t count = 0;
    for (size_t i = 0; i < rows; i++)
        count += task->chooses ? chosen[i] != MOTE_NO_TARGET : !isnan(wanted[i * outputs]);
    return count;
}

bool mote_tally_init(mote_tally *s, const mote_task *task, uint32_t outputs, bool confusion, mote_error *error)
{
    *s = (mote_tally){.task = task, .outputs = outputs};
    if (!confusion || !task->chooses || outputs > MOTE_MOST_CLASSES)
        return true;
    s->confusion = calloc((size_t)outputs * outputs, sizeof *s->confusion);
    return s->confusion || mote_fail(error, MOTE_E_INTERNAL, "no memory for a matrix of %u classes", outputs);
}

void mote_tally_free(mote_tally *s)
{
    free(s->confusion);
    *s = (mote_tally){0};
}

static uint32_t largest(const float *y, uint32_t count)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++)
        if (y[i] > y[best])
            best = i;
    return best;
}

void mote_tally_add(mote_tally *s, const float *y, const void *targets, uint32_t rows)
{
    const uint16_t *right = targets;
    s->loss += s->task->loss(y, targets, rows, s->outputs, 0, NULL);
    s->rows += mote_task_counted(s->task, targets, rows, s->outputs);
    for (uint32_t i = 0; s->task->chooses && i < rows; i++) {
        if (right[i] == MOTE_NO_TARGET)
            continue;
        const uint32_t chosen = largest(y + (size_t)i * s->outputs, s->outputs);
        s->correct += chosen == right[i];
        if (s->confusion)
            s->confusion[(size_t)right[i] * s->outputs + chosen]++;
    }
}

bool mote_tally_loss(const mote_tally *s, double *loss, mote_error *error)
{
    if (!s->rows)
        return mote_fail(error, MOTE_E_FORMAT, "there is nothing to score: no sample has a target");
    *loss = s->loss / (double)s->rows;
    return mote_loss_check(*loss, error);
}

double mote_tally_accuracy(const mote_tally *s)
{
    return s->rows ? (double)s->correct / (double)s->rows : 0;
}
