/* Measures the time of a maximum flow through dense layers: 577 nodes in each of 4 layers are a million edges. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "compiler/graph/random.h"
#include "compiler/prune/mincut.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Edges between layers have capacities of 16 bits, those at source and sink of `ends` bits. With wide ends the minimum
 * cut is between layers, with narrow ends at source or sink. */
static void measure(uint32_t width, uint32_t layers, int ends)
{
    mote_random random = {1};
    const size_t count = (size_t)(layers - 1) * width * width + 2 * (size_t)width;
    mote_flow_edge *edges = malloc(count * sizeof *edges), *e = edges;
    if (!edges)
        exit(1);
    for (uint32_t i = 0; i < width; i++) {
        *e++ = (mote_flow_edge){layers * width, i, (int64_t)(mote_random_bits(&random) >> (64 - ends))};
        *e++ = (mote_flow_edge){(layers - 1) * width + i, layers * width + 1,
                                (int64_t)(mote_random_bits(&random) >> (64 - ends))};
    }
    for (uint32_t l = 0; l + 1 < layers; l++)
        for (uint32_t i = 0; i < width * width; i++)
            *e++ = (mote_flow_edge){l * width + i / width, (l + 1) * width + i % width,
                                    (int64_t)(mote_random_bits(&random) >> 48)};
    const mote_flow_network n = {layers * width + 2, layers * width, layers * width + 1, count, edges};
    mote_flow flow;
    const double start = now();
    if (!mote_flow_solve(&n, &flow, NULL))
        exit(1);
    printf("| %u of %u nodes, %s ends | %zu | %.2f |\n", layers, width,
           ends < 25   ? "narrow"
           : ends < 26 ? "equal"
                       : "wide",
           count, now() - start);
    mote_flow_free(&flow);
    free(edges);
}

int main(void)
{
    static const int ends[] = {20, 25, 40};
    printf("| layers | edges | seconds |\n| --- | --- | --- |\n");
    for (int i = 0; i < 3; i++) {
        measure(577, 4, ends[i]);
        measure(100, 101, ends[i]);
        measure(1000, 2, ends[i]);
    }
    return 0;
}
