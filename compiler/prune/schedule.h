/* Pruning while training goes on: masks that are kept, and that grow by a schedule (Zhu and Gupta 2017). */
#ifndef MOTE_COMPILER_SCHEDULE_H
#define MOTE_COMPILER_SCHEDULE_H

#include "compiler/graph/executor.h"
#include "compiler/prune/prune.h"

typedef enum mote_prune_course { MOTE_PRUNE_CUBIC, MOTE_PRUNE_LINEAR, MOTE_PRUNE_COURSE_COUNT } mote_prune_course;

typedef struct mote_prune_schedule {
    double to;            /* sparsity of every matrix at the end, 0..1; 0: no more than the model has */
    uint32_t granularity; /* mote_pruned, not MOTE_UNPRUNED where `to` is not 0 */
    uint32_t method;      /* mote_prune_method */
    uint32_t course;      /* mote_prune_course: with t from 0 to 1 the part reached is 1 − (1 − t)³, or t */
    uint64_t begin, end;  /* steps: from the last dense one to the first of full sparsity */
    bool gated;           /* the gates of a GRU's recurrent matrix have parts that stay of their own: */
    double gates[3];      /* r, z, n: 0..1 */
    const char *layers;   /* fnmatch, of names of matrices; NULL: all of products but tables of tokens */
} mote_prune_schedule;

/* The part of the way to full sparsity at a step, 0..1. */
double mote_prune_progress(const mote_prune_schedule *schedule, uint64_t step);

/* Which parameters of an executor stay. */
typedef struct mote_pruner {
    mote_prune_schedule schedule;
    mote_graph *graph;         /* not owned: the model; told what its matrices are pruned as */
    mote_executor *executor;   /* not owned */
    const mote_source *source; /* not owned: the samples to train with; NULL where only magnitudes are looked at */
    uint8_t *keep;             /* [parameter_count], owned */
    float **importance;        /* per tensor, of matrices that take part; owned */
} mote_pruner;

/* Matrices that are pruned already keep their masks, whatever is scheduled. Scores but those by magnitude look at parts
 * of the samples. Errors: MOTE_E_USAGE a number out of range, a pattern that matches no matrix, gates without a GRU. On
 * failure there is nothing to free. */
bool mote_pruner_init(mote_pruner *p, const mote_prune_schedule *schedule, mote_graph *g, mote_executor *x,
                      const mote_source *source, mote_error *error);
void mote_pruner_free(mote_pruner *p);

/* After the parameters were updated, before the refresh: the weights worth least go when it is time, and what is gone
 * is 0. Errors: those of mote_activity_measure and mote_score. */
bool mote_pruner_step(mote_pruner *p, uint64_t step, mote_error *error);

/* Whether the sparsity still grows. */
bool mote_pruner_busy(const mote_pruner *p, uint64_t step);

#endif
