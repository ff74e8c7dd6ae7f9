/* Tests of the plan of the arena. A run is played with the names of values in place of their bytes. */
#include "tests/compiler/packed.h"

#include "compiler/plan/arena.h"

static uint32_t rng = 7;

static uint32_t random_below(uint32_t n)
{
    rng = rng * 1664525u + 1013904223u;
    return (rng >> 8) % n;
}

enum { MOST = 40, ARENA = 1 << 16 };

/* A random packed graph. Only sizes, roles and traits matter here: the operators need not fit their operands. */
static void random_network(mote_graph *g, int ops)
{
    static const mote_opcode kinds[] = {MOTE_OP_RESHAPE, MOTE_OP_RESCALE, MOTE_OP_SCALED_ADD, MOTE_OP_SUB,
                                        MOTE_OP_CONV,    MOTE_OP_ADD,     MOTE_OP_TRANSPOSE};
    int tensors[2 * MOST], count = 0;
    char name[16];
    mote_graph_init(g);
    g->packed = true;
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "in%d", i);
        tensors[count++] = mote_graph_tensor(g, name, MOTE_I8, MOTE_INPUT, 1, (uint32_t[]){16 * (1 + random_below(4))});
    }
    for (int i = 0; i < ops; i++) {
        const mote_opcode kind = kinds[random_below(sizeof kinds / sizeof kinds[0])];
        const int x = tensors[random_below((uint32_t)count)], b = tensors[random_below((uint32_t)count)];
        const uint32_t size =
            mote_operator_of(kind)->traits & MOTE_TRAIT_VIEW ? g->tensors[x].dims[0] : 16 * (1 + random_below(4));
        snprintf(name, sizeof name, "t%d", i);
        const mote_role role = random_below(5) == 0 || i + 1 == ops ? MOTE_OUTPUT : MOTE_ACTIVATION;
        const int y = mote_graph_tensor(g, name, MOTE_I8, role, 1, &size), inputs[] = {x, b};
        const bool two = mote_operator_of(kind)->input_count == 2;
        assert_true(mote_graph_op(g, name, kind, two ? 2 : 1, inputs, 1, &y) >= 0);
        tensors[count++] = y;
    }
}

/* Each byte of the arena holds the number of the value that was written there last. */
static void play(const mote_graph *g)
{
    static int arena[ARENA];
    int value[MOST * 2 + 2];
    memset(arena, -1, sizeof arena);
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_tensor *t = &g->tensors[i];
        value[i] = i;
        assert_true(t->offset + t->dims[0] <= g->arena_size && g->arena_size <= ARENA);
        for (uint32_t k = 0; t->role == MOTE_INPUT && k < t->dims[0]; k++)
            arena[t->offset + k] = i;
    }
    for (int o = 0; o <= g->op_count; o++) {
        const mote_op *op = o < g->op_count ? &g->ops[o] : NULL;
        for (int i = 0; i < g->tensor_count; i++) {
            bool read = !op && g->tensors[i].role == MOTE_OUTPUT;
            for (int k = 0; op && k < op->input_count; k++)
                read = read || op->inputs[k] == i;
            for (uint32_t k = 0; read && k < g->tensors[i].dims[0]; k++)
                assert_int_equal(arena[g->tensors[i].offset + k], value[i]);
        }
        if (!op)
            return;
        const int y = op->outputs[0];
        if (mote_op_has(op, MOTE_TRAIT_VIEW))
            value[y] = value[op->inputs[0]];
        for (int k = 0; k < op->input_count; k++) { /* in place only where the trait allows, else apart */
            const mote_tensor *x = op->inputs[k] < 0 ? NULL : &g->tensors[op->inputs[k]];
            const bool apart = !x || x->offset + x->dims[0] <= g->tensors[y].offset ||
                               g->tensors[y].offset + g->tensors[y].dims[0] <= x->offset;
            assert_true(apart || (mote_op_has(op, MOTE_TRAIT_IN_PLACE) && x->offset == g->tensors[y].offset &&
                                  x->dims[0] == g->tensors[y].dims[0]));
        }
        for (uint32_t k = 0; k < g->tensors[y].dims[0]; k++)
            arena[g->tensors[y].offset + k] = value[y];
    }
}

static void every_value_lasts_until_it_is_read(void **state)
{
    (void)state;
    for (int trial = 0; trial < 3000; trial++) {
        mote_graph g;
        mote_error error;
        random_network(&g, 1 + (int)random_below(MOST - 1));
        if (!mote_graph_plan(&g, &error))
            fail_msg("%s", error.text);
        play(&g);
        mote_graph_free(&g);
    }
}

/* A chain: an input, its view, two operators in place, and a convolution to an output of another size. */
static void a_chain_in_place_takes_one_tensor(void **state)
{
    (void)state;
    static const mote_opcode kinds[] = {MOTE_OP_RESHAPE, MOTE_OP_RESCALE, MOTE_OP_SUB, MOTE_OP_CONV};
    mote_graph g;
    mote_error error;
    mote_graph_init(&g);
    g.packed = true;
    int x = mote_graph_tensor(&g, "in", MOTE_I8, MOTE_INPUT, 1, (uint32_t[]){640});
    for (int i = 0; i < 4; i++) {
        const char *name = (const char *[]){"a", "b", "c", "out"}[i];
        const int y = mote_graph_tensor(&g, name, MOTE_I8, i == 3 ? MOTE_OUTPUT : MOTE_ACTIVATION, 1,
                                        (uint32_t[]){i == 3 ? 32 : 640});
        assert_true(mote_graph_op(&g, name, kinds[i], 1, &x, 1, &y) >= 0);
        x = y;
    }
    assert_true(mote_graph_plan(&g, &error));
    assert_int_equal(g.arena_size, 640 + 32);
    mote_graph_free(&g);
}

/* Lifetimes for which placing the largest first leaves a gap. The least arena is 96 bytes. */
static void another_order_closes_gaps(void **state)
{
    (void)state;
    uint32_t used;
    mote_lifetime items[] = {{48, 2, 3, 0}, {32, 0, 2, 0}, {32, 3, 5, 0}, {48, 5, 6, 0}, {16, 0, 6, 0}, {32, 4, 5, 0}};
    assert_true(mote_place_items(items, 6, &used, NULL));
    uint32_t most = 0;
    for (int time = 0; time < 7; time++) {
        uint32_t alive = 0;
        for (int i = 0; i < 6; i++)
            alive += items[i].first <= time && time <= items[i].last ? items[i].size : 0;
        most = alive > most ? alive : most;
    }
    assert_int_equal(used, most);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_lasts_until_it_is_read),
        cmocka_unit_test(a_chain_in_place_takes_one_tensor),
        cmocka_unit_test(another_order_closes_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
