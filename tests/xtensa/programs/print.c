/* Integers in every format of printf, division with every combination of signs, 64-bit arithmetic, and the
 * arguments. */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>

static void divide(int a, int b)
{
    printf("%d / %d = %d rest %d\n", a, b, a / b, a % b);
    printf("%u / %u = %u rest %u\n", (unsigned)a, (unsigned)b, (unsigned)a / (unsigned)b, (unsigned)a % (unsigned)b);
}

static void wide(int64_t a, int64_t b)
{
    int64_t values[] = {a * b, a / b, a % b, (int64_t)((uint64_t)a / (uint64_t)b),
                        (int64_t)((uint64_t)a % (uint64_t)b)};
    for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++)
        printf("%08x%08x ", (unsigned)((uint64_t)values[i] >> 32), (unsigned)values[i]);
    printf("\n");
}

int main(int argc, char **argv)
{
    static const int numbers[] = {0, 1, -1, 7, -7, 12345, INT_MAX, INT_MIN + 1};
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        printf("[%d] [%6d] [%-6d] [%06d] [%+d] [%x] [%#X] [%o] [%u]\n", numbers[i], numbers[i], numbers[i], numbers[i],
               numbers[i], (unsigned)numbers[i], (unsigned)numbers[i], (unsigned)numbers[i], (unsigned)numbers[i]);
        for (unsigned j = 1; j < sizeof numbers / sizeof numbers[0]; j++) {
            divide(numbers[i], numbers[j]);
            wide((int64_t)numbers[i] * 1000003, (int64_t)numbers[j] * 77777);
        }
    }
    for (int i = 1; i < argc; i++)
        printf("%d: %s|%5.3s|%c\n", i, argv[i], argv[i], argv[i][0]);
    return argc;
}
