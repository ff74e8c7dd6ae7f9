#include "compiler/graph/cross_entropy.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "compiler/graph/vector.h"

/* Computes p = softmax(x/T) for temperature T. Returns ln Σ exp(x/T − max/T) and writes the maximum of x/T to *top. */
MOTE_CLONES static float softmax(float *p, const float *x, uint32_t count, float temperature, float *top)
{
    float inverse = 1 / temperature, most = x[0], sum = 0;
    for (uint32_t j = 1; j < count; j++)
        most = x[j] > most ? x[j] : most;
    for (uint32_t j = 0; j < count; j++)
        p[j] = mote_exp((x[j] - most) * inverse);
    for (uint32_t j = 0; j < count; j++)
        sum += p[j];
    float normal = 1 / sum;
    for (uint32_t j = 0; j < count; j++)
        p[j] *= normal;
    *top = most * inverse;
    return logf(sum < 1 ? 1 : sum); /* the sum is at least 1: its largest term is 1 */
}

/* Returns ln Σ exp(x) without storing the terms. */
static double log_sum(const float *x, uint32_t count)
{
    float most = x[0], sum = 0;
    for (uint32_t j = 1; j < count; j++)
        most = x[j] > most ? x[j] : most;
    for (uint32_t j = 0; j < count; j++)
        sum += mote_exp(x[j] - most);
    return (double)most + (double)logf(sum < 1 ? 1 : sum);
}

MOTE_CLONES static void scale_row(float *row, uint32_t count, float scale)
{
    for (uint32_t j = 0; j < count; j++)
        row[j] *= scale;
}

double mote_cross_entropy(const float *logits, const uint16_t *targets, uint32_t rows, uint32_t vocabulary, float scale,
                          float *gradient)
{
    double loss = 0;
    for (uint32_t i = 0; i < rows; i++) {
        const float *x = logits + (size_t)i * vocabulary;
        if (targets[i] == MOTE_NO_TARGET) {
            if (gradient)
                memset(gradient + (size_t)i * vocabulary, 0, vocabulary * sizeof(float));
            continue;
        }
        if (!gradient) {
            loss += log_sum(x, vocabulary) - (double)x[targets[i]];
            continue;
        }
        float *row = gradient + (size_t)i * vocabulary, top;
        float sum = softmax(row, x, vocabulary, 1, &top);
        loss += (double)(sum + top - x[targets[i]]);
        scale_row(row, vocabulary, scale);
        row[targets[i]] -= scale;
    }
    return loss;
}

MOTE_CLONES static void subtract(float *a, const float *b, uint32_t count)
{
    for (uint32_t j = 0; j < count; j++)
        a[j] -= b[j];
}

MOTE_CLONES static void add_scaled(float *to, const float *from, uint32_t count, float scale)
{
    for (uint32_t j = 0; j < count; j++)
        to[j] += scale * from[j];
}

void mote_distill(float *logits, float *teacher, uint32_t rows, uint32_t vocabulary, float temperature, float scale,
                  float *gradient)
{
    for (uint32_t i = 0; i < rows; i++) {
        size_t at = (size_t)i * vocabulary;
        float top;
        softmax(logits + at, logits + at, vocabulary, temperature, &top);
        softmax(teacher + at, teacher + at, vocabulary, temperature, &top);
        subtract(logits + at, teacher + at, vocabulary);
        add_scaled(gradient + at, logits + at, vocabulary, scale * temperature);
    }
}

bool mote_loss_check(double loss, mote_error *error)
{
    return isfinite(loss) || mote_fail(error, MOTE_E_FORMAT,
                                       "the model's loss on the text is infinite or undefined: its weights, or what "
                                       "it computes of them, are too large");
}
