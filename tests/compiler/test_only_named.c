/* Tests that operators are selected by name, not by bits of a mask: an opcode beyond 32 or 64 is selected like any
 * other. The table of 100 operators is built as in runtime/operators.c. */
#define MOTE_ONLY_OPERATORS
#define MOTE_WITH_LATE   1
#define MOTE_WITH_LATEST 1
#define MOTE_WITH_GRU    1
#define MOTE_WITH_ZERO   0

#include "tests/compiler/packed.h"

#include "runtime/kernels.h"

enum { OP_FIRST = 0, OP_GRU = 31, OP_LATE = 32, OP_OTHER = 33, OP_ZERO = 63, OP_LATER = 64, OP_LATEST = 99, COUNT };

static const char chosen;

#define ENTRY(ID) [OP_##ID] = MOTE_IF_OPERATOR(ID, &chosen)

static const char *const table[COUNT] = {ENTRY(FIRST), ENTRY(GRU),   ENTRY(LATE),  ENTRY(OTHER),
                                         ENTRY(ZERO),  ENTRY(LATER), ENTRY(LATEST)};

static void named_ones_are_there(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(table[i] != NULL, i == OP_GRU || i == OP_LATE || i == OP_LATEST);
}

/* The preprocessor can test for an operator too. */
static void as_constants(void **state)
{
    (void)state;
    enum { LATE = MOTE_HAS_OPERATOR(LATE), LATER = MOTE_HAS_OPERATOR(LATER) };
    assert_int_equal(LATE, 1);
    assert_int_equal(LATER, 0);
#if !MOTE_HAS_OPERATOR(LATEST) || MOTE_HAS_OPERATOR(FIRST)
    fail();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(named_ones_are_there), cmocka_unit_test(as_constants)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
