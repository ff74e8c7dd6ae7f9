/* Runs on the emulated ESP32-S3. Measures cycles of its kernels and of the portable C compiled for it, for whole calls
 * with requantization, with data in SRAM and warm code. Prints one line per case: what | rows | columns | portable
 * cycles | kernel cycles. Exits with 1 if the bytes differ. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "runtime/esp32s3/esp32s3.h"
#include "runtime/ops/lanes16.h"
#include "runtime/ops/sigmoid.h"

#define MAX_ROWS    384
#define MAX_COLUMNS 256

static _Alignas(16) uint8_t weights[MAX_ROWS / 16 * (48 + 16 * MAX_COLUMNS) + 32];
static _Alignas(16) int8_t x[MAX_COLUMNS];
static _Alignas(16) int16_t multiplier[MAX_ROWS], y[MAX_ROWS], want[MAX_ROWS], gates[2][3 * MAX_COLUMNS];
static int32_t bias[MAX_ROWS];

static uint32_t random_bits(void)
{
    static uint32_t seed = 1;
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static uint32_t cycles(void)
{
    uint32_t count;
    __asm__ volatile("rsr %0, ccount" : "=r"(count) : : "memory");
    return count;
}

static uint32_t time_gemv(void (*gemv)(const mote_gemv *), const mote_gemv *g)
{
    uint32_t took = 0;
#pragma GCC unroll 1 /* keeps one copy of the code, so that it is in the cache in the last round */
    for (int repeat = 0; repeat < 3; repeat++) {
        const uint32_t start = cycles();
        gemv(g);
        took = cycles() - start;
    }
    return took;
}

/* Pads the rows with weights of 0. */
static void fill_up_ternary(uint32_t rows, uint32_t columns)
{
    const uint32_t groups = (columns + 63) / 64;
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t c = columns; c < 64 * groups; c++) {
            uint8_t *byte = weights + (r * groups + c / 64) * 16 + c % 16;
            *byte = (uint8_t)((*byte & ~(3u << c / 16 % 4 * 2)) | 1u << c / 16 % 4 * 2);
        }
}

/* Fills the weights with small values, so that the bound of the lanes holds, and with valid codes only. */
static void fill(mote_dtype dtype, uint32_t rows, uint32_t columns)
{
    const size_t whole = (dtype == MOTE_I16 ? 2 : 1) * (size_t)rows * columns;
    const int lanes = dtype == MOTE_I8 || dtype == MOTE_TERNARY2;
    const size_t first = lanes ? mote_lanes16_weights(rows) : 0;
    const size_t size = lanes ? mote_lanes16_size(dtype, rows, columns) : whole;
    memset(weights, 0, sizeof weights);
    for (size_t i = first; i < size; i++) {
        const uint32_t r = random_bits();
        weights[i] = (uint8_t)(dtype == MOTE_TERNARY2 ? r & (r & 0x100 ? 0x55 : 0xaa) : (r & 31) - 16);
    }
    if (dtype == MOTE_TERNARY2 && columns % 64 != 0)
        fill_up_ternary(rows, columns);
    for (uint32_t c = 0; c < columns; c++)
        x[c] = (int8_t)(random_bits() % 255 - 127);
    for (uint32_t r = 0; r < rows; r++)
        multiplier[r] = (int16_t)(16384 + random_bits() % 16384);
}

typedef struct problem {
    const char *what;
    mote_layout layout;
    mote_dtype dtype;
    uint32_t rows, columns, narrow, scaled;
    int32_t shift, gain;
} problem;

static const problem problems[] = {
    {"int8, a power of two, to int8", MOTE_LANES16, MOTE_I8, 64, 64, 1, 0, 8, 0},
    {"int8, a power of two, to int8", MOTE_LANES16, MOTE_I8, 256, 256, 1, 0, 9, 0},
    {"int8, multiplier a row, to int8", MOTE_LANES16, MOTE_I8, 64, 64, 1, 1, 4, 8},
    {"int8, multiplier a row, to int8", MOTE_LANES16, MOTE_I8, 256, 256, 1, 1, 4, 8},
    {"int8, multiplier a row, to int16", MOTE_LANES16, MOTE_I8, 64, 64, 0, 1, 4, 2},
    {"int8, multiplier a row, to int16", MOTE_LANES16, MOTE_I8, 256, 256, 0, 1, 4, 2},
    {"int8, multiplier a row, to int16", MOTE_LANES16, MOTE_I8, 65, 128, 0, 1, 4, 2},
    {"ternary, a power of two, to int8", MOTE_LANES16, MOTE_TERNARY2, 256, 256, 1, 0, 6, 0},
    {"ternary, multiplier a row, to int16", MOTE_LANES16, MOTE_TERNARY2, 64, 64, 0, 1, 1, 2},
    {"ternary, multiplier a row, to int16", MOTE_LANES16, MOTE_TERNARY2, 256, 256, 0, 1, 1, 2},
    {"ternary, multiplier a row, to int16", MOTE_LANES16, MOTE_TERNARY2, 384, 128, 0, 1, 1, 2},
    {"int8, any bound, multiplier a row, to int16", MOTE_ROWS, MOTE_I8, 64, 64, 0, 1, 4, 2},
    {"int8, any bound, multiplier a row, to int16", MOTE_ROWS, MOTE_I8, 256, 256, 0, 1, 4, 2},
    {"int16, multiplier a row, to int16", MOTE_ROWS, MOTE_I16, 128, 128, 0, 1, 9, 2},
    {"int4, multiplier a row, to int16", MOTE_ROWS, MOTE_I4, 64, 64, 0, 1, 4, 2},
    {"int4, multiplier a row, to int16", MOTE_ROWS, MOTE_I4, 256, 256, 0, 1, 4, 2},
    {"ternary in rows, multiplier a row, to int16", MOTE_ROWS, MOTE_TERNARY2, 256, 256, 0, 1, 1, 2},
    {"binary, multiplier a row, to int16", MOTE_ROWS, MOTE_BINARY, 64, 64, 0, 1, 1, 2},
    {"binary, multiplier a row, to int16", MOTE_ROWS, MOTE_BINARY, 256, 256, 0, 1, 1, 2},
    {"int16 by MAC16, multiplier a row, to int16", MOTE_ROWS, MOTE_I16, 128, 124, 0, 1, 9, 2},
    {"int8, rows that fill no vector, to int16", MOTE_ROWS, MOTE_I8, 96, 72, 0, 1, 4, 2},
    {"ternary in rows that fill no vector, to int16", MOTE_ROWS, MOTE_TERNARY2, 256, 252, 0, 1, 1, 2},
};

static int bench_gemv(const problem *p)
{
    mote_gemv g = {.weights = weights,
                   .x = x,
                   .out.bias = bias,
                   .out.multiplier = p->scaled ? multiplier : NULL,
                   .out.y = want,
                   .rows = p->rows,
                   .columns = p->columns,
                   .out.shift = p->shift,
                   .out.gain = p->gain,
                   .out.narrow = p->narrow};
    fill(p->dtype, p->rows, p->columns);
    const uint32_t portable = time_gemv(mote_portable_kernels.gemv[MOTE_ROWS][p->dtype], &g);
    g.out.bias = p->layout == MOTE_LANES16 ? NULL : bias;
    mote_portable_kernels.gemv[p->layout][p->dtype](&g);
    g.out.y = y;
    const uint32_t kernel = time_gemv(mote_esp32s3_kernels.gemv[p->layout][p->dtype], &g);
    printf("%s|%u|%u|%u|%u\n", p->what, (unsigned)p->rows, (unsigned)p->columns, (unsigned)portable, (unsigned)kernel);
    return memcmp(y, want, p->rows * (p->narrow ? 1 : 2)) != 0;
}

static int bench_gates(uint32_t d)
{
    int16_t *state[2] = {y, want};
    static _Alignas(16) int8_t state8[2][MAX_COLUMNS];
    uint32_t took[2] = {0, 0};
    for (uint32_t i = 0; i < 3 * d; i++)
        gates[0][i] = (int16_t)(random_bits() % 8192 - 4096), gates[1][i] = (int16_t)(random_bits() % 8192 - 4096);
    memset(y, 0, sizeof y);
    memset(want, 0, sizeof want);
    for (int k = 0; k < 2; k++) {
        const mote_kernels *kernels = k ? &mote_portable_kernels : &mote_esp32s3_kernels;
#pragma GCC unroll 1
        for (int repeat = 0; repeat < 3; repeat++) {
            const uint32_t start = cycles();
            kernels->gru_gates(gates[0], gates[1], state[k], state8[k], d);
            took[k] = cycles() - start;
        }
    }
    printf("gates of a GRU|%u|1|%u|%u\n", (unsigned)d, (unsigned)took[1], (unsigned)took[0]);
    return memcmp(y, want, 2 * d) != 0 || memcmp(state8[0], state8[1], d) != 0;
}

static int bench_add(uint32_t count, uint32_t narrow)
{
    int16_t *sum[2] = {y, want};
    uint32_t took[2] = {0, 0};
    for (uint32_t i = 0; i < count; i++)
        gates[0][i] = (int16_t)random_bits(), gates[1][i] = (int16_t)random_bits();
    for (int k = 0; k < 2; k++) {
        const mote_kernels *kernels = k ? &mote_portable_kernels : &mote_esp32s3_kernels;
#pragma GCC unroll 1
        for (int repeat = 0; repeat < 3; repeat++) {
            const uint32_t start = cycles();
            kernels->add(gates[0], gates[1], sum[k], count, narrow);
            took[k] = cycles() - start;
        }
    }
    printf("saturating add, int%d|%u|1|%u|%u\n", narrow ? 8 : 16, (unsigned)count, (unsigned)took[1],
           (unsigned)took[0]);
    return memcmp(y, want, (narrow ? 1 : 2) * count) != 0;
}

/* best: index of the highest score. */
static int bench_argmax(const char *what, uint32_t count, uint32_t best, uint32_t excluded)
{
    uint32_t took[2] = {0, 0}, found[2] = {0, 0};
    for (uint32_t i = 0; i < count; i++)
        gates[0][i] = (int16_t)(random_bits() % 8192 - 4096);
    gates[0][best] = 5000;
    for (int k = 0; k < 2; k++) {
        const mote_kernels *kernels = k ? &mote_portable_kernels : &mote_esp32s3_kernels;
#pragma GCC unroll 1
        for (int repeat = 0; repeat < 3; repeat++) {
            const uint32_t start = cycles();
            found[k] = kernels->argmax(gates[0], count, excluded);
            took[k] = cycles() - start;
        }
    }
    printf("%s|%u|1|%u|%u\n", what, (unsigned)count, (unsigned)took[1], (unsigned)took[0]);
    return found[0] != found[1];
}

/* One call of one kernel, for vector kernels and the steps of attention. */
typedef struct vector_case {
    const char *what;
    uint32_t count, width;
    void (*run)(const mote_kernels *kernels, const struct vector_case *c, int16_t *y);
} vector_case;

static void run_mul(const mote_kernels *kernels, const vector_case *c, int16_t *to)
{
    kernels->mul(gates[0], gates[1], to, c->count, 9);
}

static void run_quantize(const mote_kernels *kernels, const vector_case *c, int16_t *to)
{
    kernels->quantize(gates[0], (int8_t *)to, c->count, 16256, 22);
}

static void run_peak(const mote_kernels *kernels, const vector_case *c, int16_t *to)
{
    to[0] = (int16_t)kernels->peak(gates[0], c->count);
}

static void run_rescale(const mote_kernels *kernels, const vector_case *c, int16_t *to)
{
    memcpy(to, gates[0], c->count * sizeof *to);
    kernels->rescale(to, c->count, 20000, 14);
}

static void run_silu(const mote_kernels *kernels, const vector_case *c, int16_t *to)
{
    kernels->activate(gates[0], to, c->count, mote_sigmoid_table, 0, 2);
}

static mote_attention_head head_of(const vector_case *c, int16_t *scores, int16_t *to)
{
    return (mote_attention_head){.q = gates[0],
                                 .codes = (const int8_t *)weights,
                                 .scales = weights,
                                 .scores = scores,
                                 .y = to,
                                 .width = c->width,
                                 .stride = c->width,
                                 .scale_stride = 1,
                                 .count = c->count,
                                 .shift = 14,
                                 .factor = 9000};
}

static void run_scores(const mote_kernels *kernels, const vector_case *c, int16_t *to)
{
    const mote_attention_head a = head_of(c, to, NULL);
    kernels->attention_scores(&a);
}

static void run_softmax(const mote_kernels *kernels, const vector_case *c, int16_t *to)
{
    memcpy(to, gates[1], c->count * sizeof *to);
    kernels->softmax(to, c->count);
}

static void run_mix(const mote_kernels *kernels, const vector_case *c, int16_t *to)
{
    static _Alignas(16) int16_t scores[MAX_COLUMNS];
    for (uint32_t t = 0; t < c->count; t++)
        scores[t] = (int16_t)(32768 / c->count);
    const mote_attention_head a = head_of(c, scores, to);
    kernels->attention_mix(&a);
}

static const vector_case vector_cases[] = {
    {"product of int16", 128, 1, run_mul},
    {"int16 to int8", 128, 1, run_quantize},
    {"largest size of int16", 128, 1, run_peak},
    {"int16 by a factor, and a copy", 128, 1, run_rescale},
    {"SiLU", 128, 1, run_silu},
    {"attention: scores of a head of 8", 256, 8, run_scores},
    {"attention: scores of a head of 64", 256, 64, run_scores},
    {"attention: softmax, and a copy", 256, 1, run_softmax},
    {"attention: mix of a head of 8", 256, 8, run_mix},
    {"attention: mix of a head of 64", 256, 64, run_mix},
};

static int bench_vector(const vector_case *c)
{
    int16_t *to[2] = {y, want};
    uint32_t took[2] = {0, 0};
    for (uint32_t i = 0; i < MAX_COLUMNS; i++)
        gates[0][i] = (int16_t)random_bits(), gates[1][i] = (int16_t)(random_bits() % 4096);
    memset(y, 0, sizeof y);
    memset(want, 0, sizeof want);
    for (int k = 0; k < 2; k++) {
        const mote_kernels *kernels = k ? &mote_portable_kernels : &mote_esp32s3_kernels;
#pragma GCC unroll 1
        for (int repeat = 0; repeat < 3; repeat++) {
            const uint32_t start = cycles();
            c->run(kernels, c, to[k]);
            took[k] = cycles() - start;
        }
    }
    printf("%s|%u|1|%u|%u\n", c->what, (unsigned)c->count, (unsigned)took[1], (unsigned)took[0]);
    return memcmp(y, want, c->count * (c->run == run_quantize ? 1u : 2u)) != 0;
}

int main(void)
{
    int differ = 0;
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++)
        differ |= bench_gemv(&problems[i]);
    differ |= bench_gates(128);
    differ |= bench_add(128, 1) | bench_add(128, 0) | bench_add(125, 0);
    for (size_t i = 0; i < sizeof vector_cases / sizeof *vector_cases; i++)
        differ |= bench_vector(&vector_cases[i]);
    differ |= bench_argmax("argmax, the best in the middle", 80, 40, 1);
    differ |= bench_argmax("argmax, the best in the middle", 256, 128, 1);
    differ |= bench_argmax("argmax, the best at the end", 256, 255, 1);
    differ |= bench_argmax("argmax, the best excluded", 256, 1, 1);
    return differ;
}
