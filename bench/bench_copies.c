/* Runs on the emulated ESP32-S3. Measures cycles of memcpy and of a copy by the vector unit, with data in SRAM and warm
 * code. Prints one line per size: bytes | memcpy | memcpy from 4 bytes past alignment | vector copy. Exits with 1 if
 * the bytes differ. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MAX_BYTES 1024

void copy(void *to, const void *from, uint32_t vectors);

static _Alignas(16) uint8_t from[MAX_BYTES + 16], to[MAX_BYTES];

static void by_libc(void *y, const void *x, uint32_t bytes)
{
    memcpy(y, x, bytes);
}

static void by_vectors(void *y, const void *x, uint32_t bytes)
{
    copy(y, x, bytes / 16);
}

static uint32_t cycles(void)
{
    uint32_t count;
    __asm__ volatile("rsr %0, ccount" : "=r"(count) : : "memory");
    return count;
}

static uint32_t measure(void (*run)(void *, const void *, uint32_t), const uint8_t *x, uint32_t bytes, int *differ)
{
    uint32_t took = 0;
    memset(to, 0, sizeof to);
#pragma GCC unroll 1 /* keeps one copy of the code, so that it is in the cache in the last round */
    for (int repeat = 0; repeat < 3; repeat++) {
        const uint32_t start = cycles();
        run(to, x, bytes);
        took = cycles() - start;
    }
    *differ |= memcmp(to, x, bytes) != 0;
    return took;
}

int main(void)
{
    int differ = 0;
    for (uint32_t i = 0; i < sizeof from; i++)
        from[i] = (uint8_t)(i * 37 + i / 256);
    for (uint32_t bytes = 16; bytes <= MAX_BYTES; bytes *= 2) {
        const uint32_t plain = measure(by_libc, from, bytes, &differ),
                       shifted = measure(by_libc, from + 4, bytes, &differ),
                       vector = measure(by_vectors, from, bytes, &differ);
        printf("%u|%u|%u|%u\n", (unsigned)bytes, (unsigned)plain, (unsigned)shifted, (unsigned)vector);
    }
    return differ;
}
