/* Samples that a network is trained, calibrated and measured with: where they come from, and the order in which they
 * are read. */
#ifndef MOTE_COMPILER_SOURCE_H
#define MOTE_COMPILER_SOURCE_H

#include "compiler/graph/graph.h"
#include "compiler/task/task.h"

#define MOTE_START  (SIZE_MAX - 1) /* in place of an input: what a sequence begins with, a start token or zeros */
#define MOTE_ABSENT SIZE_MAX       /* in place of a target */

/* What a row of a batch is made of: numbers of samples. */
typedef struct mote_sample_row {
    size_t input, target;
} mote_sample_row;

/* Rows of samples, as tensors. */
typedef struct mote_batch {
    void **inputs; /* per input of the network: [rows, its shape], of its type */
    void *targets; /* as the source's task has them; NULL where there is none */
    uint32_t rows;
    bool begins;   /* a sequence begins with the first row */
    uint32_t lead; /* rows at its beginning that are no sample, but begin a sequence */
} mote_batch;

/* A list of samples, of one network's inputs and perhaps a target. Read only, so that several threads may fill batches
 * from it. */
typedef struct mote_source mote_source;
struct mote_source {
    size_t first, count;   /* a stretch of all samples: see mote_source_part */
    size_t sequence;       /* so many samples are one sequence, in time, 1 where each is by itself; 0: all are one */
    bool last_counts;      /* of every sequence only the last sample has a target */
    size_t least;          /* fewer samples say nothing about ranges */
    bool is_text;          /* a sample is a token, and the target of the token before it */
    uint16_t start;        /* of a text: the token that begins a sequence */
    const mote_task *task; /* what its targets are good for; NULL where there are none */
    const void *data;      /* not owned */
    /* Fills inputs and targets of a batch with room for the rows. Numbers of samples count from `first`. */
    void (*fill)(const mote_source *s, const mote_sample_row *rows, uint32_t count, mote_batch *batch);
};

/* `count` tokens, each below the vocabulary, for the language model `g`, whose tokenizer says how sequences begin. */
mote_source mote_text_source(const mote_graph *g, const uint16_t *tokens, size_t count);

/* At most `count` samples from sample `first` on; of sequences, whole ones. */
mote_source mote_source_part(const mote_source *s, size_t first, size_t count);

/* Fails, and says why, when the network cannot read such samples. */
bool mote_source_fits(const mote_source *s, const mote_graph *g, mote_error *error);

/* Fails when there are fewer samples than say anything about ranges. */
bool mote_source_enough(const mote_source *s, mote_error *error);

/* How many rows are read at once: `most` of a text, fewer of samples of a large network. */
uint32_t mote_source_window(const mote_source *s, const mote_graph *g, uint32_t most);

/* Room for `rows` rows of the source's samples. To be freed also after a failure. */
bool mote_batch_init(mote_batch *b, const mote_graph *g, const mote_source *s, uint32_t rows, mote_error *error);
void mote_batch_free(mote_batch *b);

/* How a text is read; other samples simply come one after another, sequence by sequence. */
typedef enum mote_reading {
    MOTE_READ_ON, /* from its first token to its last. A window that would go beyond the length of a sequence begins
                     one */
    MOTE_READ_TARGETS, /* the same, but for the last token, which is only a target */
    MOTE_READ_FED,     /* sequences begin with the start token, a batch of its own; every token is an input */
    MOTE_READ_SCORED, /* sequences begin with the start token; every token is a target, the last of a sequence only that
                       */
} mote_reading;

/* Reads a source from beginning to end, in one stream. */
typedef struct mote_walk {
    const mote_source *source; /* not owned */
    mote_reading reading;
    size_t sequence; /* rows of a sequence at most; of a text 0 for any number */
    uint32_t window; /* rows of a batch at most */
    size_t next, position, read;
    mote_sample_row *rows;
    mote_batch batch;
} mote_walk;

/* Errors: those of mote_source_fits. To be freed also after a failure. */
bool mote_walk_init(mote_walk *w, const mote_source *s, const mote_graph *g, mote_reading reading, size_t sequence,
                    uint32_t window, mote_error *error);
void mote_walk_free(mote_walk *w);
void mote_walk_rewind(mote_walk *w);
/* The next batch, valid until the next call; NULL after the last. */
const mote_batch *mote_walk_next(mote_walk *w);

#endif
