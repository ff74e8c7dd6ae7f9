/* Compares a dot product of 16-byte vectors with the same in C. Exits with the number of lengths for which they
 * differ. */
#include <stdint.h>
#include <stdio.h>

int32_t dot_s8(const int8_t *x, const int8_t *w, int count);

static int32_t dot_c(const int8_t *x, const int8_t *w, int count)
{
    int32_t sum = 0;
    for (int i = 0; i < count; i++)
        sum += x[i] * w[i];
    return sum;
}

#ifndef __XTENSA__
int32_t dot_s8(const int8_t *x, const int8_t *w, int count)
{
    return dot_c(x, w, count);
}
#endif

static int8_t x[1024] __attribute__((aligned(16))), w[1024] __attribute__((aligned(16)));

int main(void)
{
    int wrong = 0;
    for (int i = 0; i < 1024; i++) {
        x[i] = (int8_t)(i * 37 + 11);
        w[i] = (int8_t)(i * i * 3 - 128);
    }
    for (int count = 16; count <= 1024; count *= 2) {
        int32_t vector = dot_s8(x, w, count), scalar = dot_c(x, w, count);
        wrong += vector != scalar;
        printf("%d: %d\n", count, (int)vector);
    }
    return wrong;
}
