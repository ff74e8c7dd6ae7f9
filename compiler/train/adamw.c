#include "compiler/train/adamw.h"

#include <math.h>

#include "compiler/graph/vector.h"

typedef struct coefficients {
    float gradient_scale, beta1, beta2, correction2, epsilon, rate, keep;
} coefficients;

MOTE_CLONES static void update(coefficients c, float *restrict w, const float *restrict g, float *restrict m,
                               float *restrict v, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float gradient = g[i] * c.gradient_scale;
        m[i] = c.beta1 * m[i] + (1 - c.beta1) * gradient;
        v[i] = c.beta2 * v[i] + (1 - c.beta2) * gradient * gradient;
        w[i] = c.keep * w[i] - c.rate * m[i] / (sqrtf(v[i] * c.correction2) + c.epsilon);
    }
}

void mote_adamw_update(const mote_adamw *adam, float *parameters, const float *g, float *m, float *v, size_t count)
{
    double correction1 = 1 - pow((double)adam->beta1, (double)adam->step);
    double correction2 = 1 - pow((double)adam->beta2, (double)adam->step);
    coefficients c = {
        .gradient_scale = adam->gradient_scale,
        .beta1 = adam->beta1,
        .beta2 = adam->beta2,
        .correction2 = (float)(1 / correction2),
        .epsilon = adam->epsilon,
        .rate = (float)((double)adam->rate / correction1),
        .keep = 1 - adam->rate * adam->decay,
    };
    update(c, parameters, g, m, v, count);
}
