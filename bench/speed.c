/* Tokens per second of one TinyLM on this machine: plain float C and the packed forms, greedy, one core. Prints
 * Markdown. Usage: speed SECONDS_PER_FIGURE */
#include <math.h>
#include <mote_text.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "compiler/graph/tinylm.h"
#include "compiler/pack/container.h"
#include "compiler/quantize/quantize.h"
#include "runtime/golden.h"
#include "runtime/kernels.h"

#define PLAIN_STEP plain_step_o3
#include "plain_gru.h"
void plain_step_fast(plain_gru *m, int token);

enum { VOCABULARY = 96, EMBED = 64 };

typedef struct contest {
    plain_gru plain;
    void (*plain_step)(plain_gru *m, int token);
    mote_session packed;
} contest;

static void stop(const char *what)
{
    fprintf(stderr, "bench/speed: %s\n", what);
    exit(1);
}

/* Returns processor time, which excludes that of other processes. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int plain_next(contest *c, int token)
{
    c->plain_step(&c->plain, token);
    int best = 0;
    for (int i = 1; i < c->plain.vocabulary; i++)
        if (c->plain.logits[i] > c->plain.logits[best])
            best = i;
    return best;
}

static int packed_next(contest *c, int token)
{
    mote_step(&c->packed, (uint32_t)token);
    return (int)mote_greedy(&c->packed);
}

/* Returns the best of five runs. */
static double tokens_per_second(contest *c, int (*next)(contest *, int), double seconds)
{
    double best = 0;
    for (int run = 0; run < 5; run++) {
        const double begin = now();
        long tokens = 0;
        int token = 1;
        double spent = 0;
        for (; spent < seconds / 5; spent = now() - begin)
            for (int i = 0; i < 100; i++, tokens++)
                token = next(c, token);
        best = fmax(best, (double)tokens / spent);
    }
    return best;
}

static const float *data(const mote_graph *g, const char *name)
{
    const int i = mote_graph_find(g, name);
    if (i < 0)
        stop(name);
    return g->tensors[i].data;
}

static plain_gru plain_of(const mote_graph *g, int dim)
{
    return (plain_gru){
        .vocabulary = VOCABULARY,
        .embed = EMBED,
        .dim = dim,
        .table = data(g, "embedding.weight"),
        .wx = data(g, "layer0.input.weight"),
        .bx = data(g, "layer0.input.bias"),
        .wh = data(g, "layer0.recurrent.weight"),
        .bh = data(g, "layer0.recurrent.bias"),
        .wo = data(g, "head.weight"),
        .bo = data(g, "head.bias"),
        .gx = calloc((size_t)dim * 3, sizeof(float)),
        .gh = calloc((size_t)dim * 3, sizeof(float)),
        .h = calloc((size_t)dim, sizeof(float)),
        .logits = calloc(VOCABULARY, sizeof(float)),
    };
}

/* Checks before timing that the logits of an int8 model agree with those of the plain one. */
static void check_same(contest *c)
{
    for (int i = 0; i < 50; i++) {
        c->plain_step(&c->plain, i * 7 % VOCABULARY);
        mote_step(&c->packed, (uint32_t)(i * 7 % VOCABULARY));
        for (int v = 0; v < VOCABULARY; v++)
            if (fabsf(c->plain.logits[v] - (float)mote_logits(&c->packed)[v] / 1024) > 0.05f)
                stop("the float model and the packed one differ");
    }
}

static void time_packed(contest *c, const mote_graph *g, const char *label, mote_scheme scheme, bool five, int dim,
                        double plain, double seconds)
{
    const mote_quantize_options options = {.weights = scheme,
                                           .head = MOTE_SCHEME_INT8,
                                           .embedding = MOTE_SCHEME_INT8,
                                           .granularity = MOTE_PER_ROW,
                                           .five_trits = five};
    static _Alignas(16) uint8_t arena[65536], state[65536];
    mote_graph packed;
    mote_bytes file;
    mote_model model;
    mote_error error = {0};
    if (!mote_graph_quantize(g, &options, &packed, &error) || !mote_graph_encode(&packed, &file, &error))
        stop(error.text);
    if (mote_open(&model, file.data, file.size) != MOTE_SUCCESS ||
        mote_start(&c->packed, &model, arena, sizeof arena, state, sizeof state) != MOTE_SUCCESS)
        stop("the packed model does not start");
    if (scheme == MOTE_SCHEME_INT8)
        check_same(c);
    const mote_kernels *kernels;
    for (uint32_t k = 0; (kernels = mote_kernels_at(k)) != NULL; k++) {
        c->packed.kernels = kernels;
        const double speed = tokens_per_second(c, packed_next, seconds);
        printf("| %d | %s, %s | %zu | %.0f | %.1f |\n", dim, label, kernels->name, file.size, speed, speed / plain);
    }
    free(file.data);
    mote_graph_free(&packed);
}

static void compare(int dim, double seconds)
{
    const mote_tinylm_shape shape = {VOCABULARY, EMBED, (uint32_t)dim, 1, false};
    mote_graph g;
    mote_error error = {0};
    if (!mote_tinylm_build(&g, &shape, 1, &error))
        stop(error.text);
    contest c = {.plain = plain_of(&g, dim), .plain_step = plain_step_o3};
    const size_t bytes = 4 * (size_t)(VOCABULARY * EMBED + 3 * dim * (EMBED + dim + 2) + VOCABULARY * (dim + 1));
    const double plain = tokens_per_second(&c, plain_next, seconds);
    printf("| %d | plain float C, -O3 | %zu | %.0f | 1.0 |\n", dim, bytes, plain);
    c.plain_step = plain_step_fast;
    const double fast = tokens_per_second(&c, plain_next, seconds);
    printf("| %d | plain float C, -Ofast -march=native | %zu | %.0f | %.1f |\n", dim, bytes, fast, fast / plain);
    for (int i = 0; i < dim; i++)
        c.plain.h[i] = 0;
    time_packed(&c, &g, "int8", MOTE_SCHEME_INT8, false, dim, plain, seconds);
    time_packed(&c, &g, "ternary, 2 bits", MOTE_SCHEME_TERNARY, false, dim, plain, seconds);
    time_packed(&c, &g, "ternary, 5 in a byte", MOTE_SCHEME_TERNARY, true, dim, plain, seconds);
    free(c.plain.gx), free(c.plain.gh), free(c.plain.h), free(c.plain.logits);
    mote_graph_free(&g);
}

int main(int argc, char **argv)
{
    const double seconds = argc > 1 ? atof(argv[1]) : 1;
    printf("| dim | TinyLM, 1 layer, embedding %d, %d tokens | bytes | tokens/s | to plain |\n", EMBED, VOCABULARY);
    printf("| --- | --- | --- | --- | --- |\n");
    compare(128, seconds);
    compare(256, seconds);
    return 0;
}
