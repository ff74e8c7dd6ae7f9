/* AdamW (Loshchilov and Hutter 2019) over a flat array of parameters. */
#ifndef MOTE_COMPILER_ADAMW_H
#define MOTE_COMPILER_ADAMW_H

#include <stddef.h>
#include <stdint.h>

typedef struct mote_adamw {
    float beta1, beta2, epsilon;
    float rate, decay;    /* learning rate of this step, decoupled weight decay */
    float gradient_scale; /* factor of every gradient, for clipping */
    uint64_t step;        /* number of this step, from 1 */
} mote_adamw;

/* Updates `count` parameters by one step, with gradient `g` and moments `m`, `v` (zero before the first step). */
void mote_adamw_update(const mote_adamw *adam, float *parameters, const float *g, float *m, float *v, size_t count);

#endif
