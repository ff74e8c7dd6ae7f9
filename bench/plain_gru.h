/* A TinyLM in plain float C, for comparison: straightforward code that is not tuned for a chip. */
#ifndef MOTE_BENCH_PLAIN_GRU_H
#define MOTE_BENCH_PLAIN_GRU_H

typedef struct plain_gru {
    int vocabulary, embed, dim;
    const float *table;   /* [vocabulary, embed] */
    const float *wx, *bx; /* [3·dim, embed], [3·dim] */
    const float *wh, *bh; /* [3·dim, dim], [3·dim] */
    const float *wo, *bo; /* [vocabulary, dim], [vocabulary] */
    float *gx, *gh, *h, *logits;
} plain_gru;

void PLAIN_STEP(plain_gru *m, int token);

#endif
