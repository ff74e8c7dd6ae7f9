/* Tests of maximum flows: against every cut of small networks; flow = cut and conservation on large ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/graph/random.h"
#include "compiler/prune/mincut.h"

static int64_t cut_of(const mote_flow_network *n, const bool *side)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n->edge_count; i++)
        if (side[n->edges[i].from] && !side[n->edges[i].to])
            sum += n->edges[i].capacity;
    return sum;
}

/* Returns the smallest capacity of all 2^(nodes−2) cuts with the source on one side and the sink on the other. */
static int64_t cheapest_cut(const mote_flow_network *n)
{
    int64_t best = INT64_MAX;
    for (uint32_t set = 0; set < 1u << n->nodes; set++) {
        bool side[16];
        if (!(set >> n->source & 1) || (set >> n->sink & 1))
            continue;
        for (uint32_t v = 0; v < n->nodes; v++)
            side[v] = set >> v & 1;
        const int64_t cut = cut_of(n, side);
        best = cut < best ? cut : best;
    }
    return best;
}

/* Checks that the flow is within the capacities and conserved at every node except source and sink, that its value is
 * the same at both, and that the cut has that value. */
static void check_flow(const mote_flow_network *n, const mote_flow *flow)
{
    int64_t *net = calloc(n->nodes, sizeof *net);
    assert_non_null(net);
    for (size_t i = 0; i < n->edge_count; i++) {
        assert_true(flow->edge[i] >= 0 && flow->edge[i] <= n->edges[i].capacity);
        net[n->edges[i].from] -= flow->edge[i];
        net[n->edges[i].to] += flow->edge[i];
    }
    for (uint32_t v = 0; v < n->nodes; v++)
        assert_true(net[v] == (v == n->source ? -flow->value : v == n->sink ? flow->value : 0));
    free(net);
    assert_true(flow->source_side[n->source] && !flow->source_side[n->sink]);
    assert_true(cut_of(n, flow->source_side) == flow->value);
}

static void test_small_networks(void **state)
{
    (void)state;
    mote_random random = {7};
    for (int trial = 0; trial < 2000; trial++) {
        mote_flow_edge edges[40];
        const uint32_t nodes = 2 + (uint32_t)(mote_random_bits(&random) % 9);
        const size_t count = mote_random_bits(&random) % 41;
        const uint64_t most = trial % 3 == 0 ? 2 : trial % 3 == 1 ? 20 : (uint64_t)1 << 50;
        for (size_t i = 0; i < count; i++) /* loops, several edges between two nodes, and capacities of 0 among them */
            edges[i] = (mote_flow_edge){(uint32_t)(mote_random_bits(&random) % nodes),
                                        (uint32_t)(mote_random_bits(&random) % nodes),
                                        (int64_t)(mote_random_bits(&random) % most)};
        const uint32_t source = (uint32_t)(mote_random_bits(&random) % nodes);
        const mote_flow_network n = {nodes, source, (source + 1) % nodes, count, edges};
        mote_flow flow;
        assert_true(mote_flow_solve(&n, &flow, NULL));
        assert_true(flow.value == cheapest_cut(&n));
        check_flow(&n, &flow);
        mote_flow_free(&flow);
    }
}

/* Makes a network of dense layers, with a source before the first and a sink after the last. */
static mote_flow_edge *layered(uint32_t width, uint32_t layers, uint64_t seed, mote_flow_network *n)
{
    mote_random random = {seed};
    const size_t count = (size_t)(layers - 1) * width * width + 2 * (size_t)width;
    mote_flow_edge *edges = malloc(count * sizeof *edges), *e = edges;
    assert_non_null(edges);
    for (uint32_t i = 0; i < width; i++) {
        *e++ = (mote_flow_edge){layers * width, i, (int64_t)(mote_random_bits(&random) >> 34)};
        *e++ =
            (mote_flow_edge){(layers - 1) * width + i, layers * width + 1, (int64_t)(mote_random_bits(&random) >> 34)};
    }
    for (uint32_t l = 0; l + 1 < layers; l++)
        for (uint32_t i = 0; i < width * width; i++)
            *e++ = (mote_flow_edge){l * width + i / width, (l + 1) * width + i % width,
                                    (int64_t)(mote_random_bits(&random) >> 40)};
    *n = (mote_flow_network){layers * width + 2, layers * width, layers * width + 1, count, edges};
    return edges;
}

static void test_large_networks(void **state)
{
    (void)state;
    static const uint32_t shapes[][2] = {{100, 4}, {30, 20}, {1, 1000}, {200, 2}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        mote_flow_network n;
        mote_flow flow;
        mote_flow_edge *edges = layered(shapes[i][0], shapes[i][1], i, &n);
        assert_true(mote_flow_solve(&n, &flow, NULL));
        assert_true(flow.value > 0);
        check_flow(&n, &flow);
        mote_flow_free(&flow);
        free(edges);
    }
}

/* A grid has long distances, over which excess must flow back. */
static void test_grid(void **state)
{
    (void)state;
    enum { SIDE = 60 };
    mote_random random = {3};
    mote_flow_edge *edges = malloc(4 * SIDE * SIDE * sizeof *edges);
    assert_non_null(edges);
    size_t count = 0;
    for (uint32_t y = 0; y < SIDE; y++)
        for (uint32_t x = 0; x < SIDE; x++)
            for (int k = 0; k < 4; k++) {
                const uint32_t to = k == 0   ? y * SIDE + x + 1
                                    : k == 1 ? y * SIDE + x - 1
                                             : (y + (k == 2 ? 1 : -1u)) * SIDE + x;
                if ((k == 0 && x == SIDE - 1) || (k == 1 && x == 0) || to >= SIDE * SIDE)
                    continue;
                edges[count++] = (mote_flow_edge){y * SIDE + x, to, (int64_t)(mote_random_bits(&random) % 1000)};
            }
    const mote_flow_network n = {SIDE * SIDE, 0, SIDE * SIDE - 1, count, edges};
    mote_flow flow;
    assert_true(mote_flow_solve(&n, &flow, NULL));
    check_flow(&n, &flow);
    mote_flow_free(&flow);
    free(edges);
}

static void test_refusals(void **state)
{
    (void)state;
    const struct {
        mote_flow_edge edge;
        uint32_t source, sink;
    } wrong[] = {{{0, 3, 1}, 0, 1}, {{3, 0, 1}, 0, 1}, {{0, 1, -1}, 0, 1}, {{0, 1, 1}, 1, 1}, {{0, 1, 1}, 3, 1}};
    mote_flow flow;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        mote_error error = {0};
        const mote_flow_network n = {3, wrong[i].source, wrong[i].sink, 1, &wrong[i].edge};
        assert_false(mote_flow_solve(&n, &flow, &error));
        assert_int_equal(error.code, MOTE_E_FORMAT);
    }
    const mote_flow_edge huge[] = {{0, 1, INT64_MAX}, {0, 1, 1}};
    assert_false(mote_flow_solve(&(mote_flow_network){2, 0, 1, 2, huge}, &flow, NULL));
    assert_true(mote_flow_solve(&(mote_flow_network){2, 0, 1, 1, huge}, &flow, NULL));
    assert_true(flow.value == INT64_MAX);
    mote_flow_free(&flow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_networks),
        cmocka_unit_test(test_large_networks),
        cmocka_unit_test(test_grid),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
