/* Prunes during training: keeps masks and grows them by a schedule (Zhu and Gupta 2017). */
#ifndef MOTE_COMPILER_SCHEDULE_H
#define MOTE_COMPILER_SCHEDULE_H

#include "compiler/graph/executor.h"
#include "compiler/prune/prune.h"

typedef enum mote_prune_course { MOTE_PRUNE_CUBIC, MOTE_PRUNE_LINEAR, MOTE_PRUNE_COURSE_COUNT } mote_prune_course;

typedef struct mote_prune_schedule {
    double to;            /* sparsity of every matrix at the end, 0..1; 0: no more than the model has */
    uint32_t granularity; /* mote_pruned; not MOTE_UNPRUNED if `to` is not 0 */
    uint32_t method;      /* mote_prune_method */
    uint32_t course; /* mote_prune_course: with t from 0 to 1, the fraction of `to` reached is 1 − (1 − t)³, or t */
    uint64_t begin, end; /* the last dense step, and the first step of full sparsity */
    bool gated;          /* the gates of a GRU's recurrent matrix have fractions of their own */
    double gates[3];     /* r, z, n: fraction of weights that stay, 0..1 */
    const char *layers; /* for fnmatch, against names of matrices; NULL: all matrices of products except token tables */
} mote_prune_schedule;

/* Returns the fraction of full sparsity at a step, 0..1. */
double mote_prune_progress(const mote_prune_schedule *schedule, uint64_t step);

/* State of pruning: the parameters of an executor that stay. */
typedef struct mote_pruner {
    mote_prune_schedule schedule;
    mote_graph *graph;         /* not owned: the model; updated with the granularity of its masks */
    mote_executor *executor;   /* not owned */
    const mote_source *source; /* not owned: training samples; NULL if scored by magnitude */
    uint8_t *keep;             /* [parameter_count], owned */
    float **importance;        /* per tensor, for matrices that take part; owned */
} mote_pruner;

/* Prepares pruning. Matrices that are pruned already keep their masks under any schedule. All scores except magnitude
 * use parts of the samples. Errors: MOTE_E_USAGE a number out of range, a pattern that matches no matrix, gates without
 * a GRU. On failure there is nothing to free. */
bool mote_pruner_init(mote_pruner *p, const mote_prune_schedule *schedule, mote_graph *g, mote_executor *x,
                      const mote_source *source, mote_error *error);
void mote_pruner_free(mote_pruner *p);

/* Prunes the weights of least importance if the step is due, and sets pruned weights to 0. Call after an update of the
 * parameters and before the refresh. Errors: those of mote_activity_measure and mote_score. */
bool mote_pruner_step(mote_pruner *p, uint64_t step, mote_error *error);

/* True while the sparsity still grows. */
bool mote_pruner_busy(const mote_pruner *p, uint64_t step);

#endif
