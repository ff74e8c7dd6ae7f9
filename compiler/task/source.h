/* Samples to train, calibrate and measure a network with: their origin, and the order in which they are read. */
#ifndef MOTE_COMPILER_SOURCE_H
#define MOTE_COMPILER_SOURCE_H

#include "compiler/graph/graph.h"
#include "compiler/task/task.h"

#define MOTE_START  (SIZE_MAX - 1) /* in place of an input: the start of a sequence, a start token or zeros */
#define MOTE_ABSENT SIZE_MAX       /* in place of a target */

/* The numbers of the samples that make a row of a batch. */
typedef struct mote_sample_row {
    size_t input, target;
} mote_sample_row;

/* Rows of samples, as tensors. */
typedef struct mote_batch {
    void **inputs; /* per input of the network: [rows, its shape], of its type */
    void *targets; /* as the source's task needs them; NULL if there is no task */
    uint32_t rows;
    bool begins;   /* the first row begins a sequence */
    uint32_t lead; /* rows at the beginning that are no samples but begin a sequence */
} mote_batch;

/* A list of samples: inputs of one network, and optionally targets. Read only, so several threads may fill batches from
 * it. */
typedef struct mote_source mote_source;
struct mote_source {
    size_t first, count; /* part of all samples, see mote_source_part */
    size_t sequence;     /* samples per sequence, in time order; 1: samples are independent; 0: all are one sequence */
    bool last_counts;    /* only the last sample of every sequence has a target */
    size_t least;        /* fewest samples that suffice for ranges */
    bool is_text;        /* a sample is a token, which is also the target of the token before it */
    uint16_t start;      /* for a text: the token that begins a sequence */
    const mote_task *task; /* task of the targets; NULL if there are none */
    const void *data;      /* not owned */
    /* Fills inputs and targets of a batch that has room for the rows. Sample numbers count from `first`. */
    void (*fill)(const mote_source *s, const mote_sample_row *rows, uint32_t count, mote_batch *batch);
};

/* Returns a source of `count` tokens, each below the vocabulary, for the language model `g`. Its tokenizer gives the
 * start token. */
mote_source mote_text_source(const mote_graph *g, const uint16_t *tokens, size_t count);

/* Returns a part of at most `count` samples from sample `first` on. A source of sequences is cut into whole sequences,
 * at least one. */
mote_source mote_source_part(const mote_source *s, size_t first, size_t count);

/* Fails, with the reason, if the network cannot read such samples. */
bool mote_source_fits(const mote_source *s, const mote_graph *g, mote_error *error);

/* Fails if there are too few samples for ranges. */
bool mote_source_enough(const mote_source *s, mote_error *error);

/* Returns the number of rows to read at once: `most` for a text, fewer for samples of a large network. */
uint32_t mote_source_window(const mote_source *s, const mote_graph *g, uint32_t most);

/* Allocates a batch for `rows` rows of the source's samples. Free it also after a failure. */
bool mote_batch_init(mote_batch *b, const mote_graph *g, const mote_source *s, uint32_t rows, mote_error *error);
void mote_batch_free(mote_batch *b);

/* Order in which a text is read. Other samples come one after another, sequence by sequence. */
typedef enum mote_reading {
    MOTE_READ_ON, /* from the first token to the last; a window that would exceed the length of a sequence begins a new
                     one */
    MOTE_READ_TARGETS, /* the same without the last token, which is only a target */
    MOTE_READ_FED,     /* sequences begin with the start token, in a batch of its own; every token is an input */
    MOTE_READ_SCORED,  /* sequences begin with the start token; every token is a target; the last of a sequence is no
                          input */
} mote_reading;

/* Reads a source from beginning to end, in one stream. */
typedef struct mote_walk {
    const mote_source *source; /* not owned */
    mote_reading reading;
    size_t sequence; /* most rows of a sequence; for a text, 0: no limit */
    uint32_t window; /* most rows of a batch */
    size_t next, position, read;
    mote_sample_row *rows;
    mote_batch batch;
} mote_walk;

/* Errors: those of mote_source_fits. Free the walk also after a failure. */
bool mote_walk_init(mote_walk *w, const mote_source *s, const mote_graph *g, mote_reading reading, size_t sequence,
                    uint32_t window, mote_error *error);
void mote_walk_free(mote_walk *w);
void mote_walk_rewind(mote_walk *w);
/* Returns the next batch, valid until the next call; NULL after the last. */
const mote_batch *mote_walk_next(mote_walk *w);

#endif
