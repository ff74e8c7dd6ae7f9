#include "plain_gru.h"

#include <math.h>

/* W (d,n) @ x (n,) + b (d,) -> y (d,) */
static void matmul(float *y, const float *w, const float *x, const float *b, int n, int d)
{
    for (int i = 0; i < d; i++) {
        float sum = b[i];
        for (int j = 0; j < n; j++)
            sum += w[i * n + j] * x[j];
        y[i] = sum;
    }
}

static float sigmoid(float x)
{
    return 1.0f / (1.0f + expf(-x));
}

void PLAIN_STEP(plain_gru *m, int token)
{
    const int d = m->dim;
    matmul(m->gx, m->wx, m->table + token * m->embed, m->bx, m->embed, 3 * d);
    matmul(m->gh, m->wh, m->h, m->bh, d, 3 * d);
    for (int i = 0; i < d; i++) {
        const float r = sigmoid(m->gx[i] + m->gh[i]), z = sigmoid(m->gx[d + i] + m->gh[d + i]);
        const float n = tanhf(m->gx[2 * d + i] + r * m->gh[2 * d + i]);
        m->h[i] = (1.0f - z) * n + z * m->h[i];
    }
    matmul(m->logits, m->wo, m->h, m->bo, d, m->vocabulary);
}
