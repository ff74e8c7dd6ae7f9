/* Tests the placement planner against every subset, a placed model against the model in place, and the advice on
 * settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <mote_text.h>

#include "compiler/graph/tinylm.h"
#include "compiler/pack/container.h"
#include "compiler/plan/placement.h"
#include "compiler/quantize/quantize.h"
#include "runtime/model.h"
#include "runtime/place.h"

static mote_bytes packed_model(mote_tinylm_shape shape, mote_scheme weights)
{
    const mote_quantize_options options = {
        .weights = weights, .head = MOTE_SCHEME_INT8, .embedding = MOTE_SCHEME_INT8, .granularity = MOTE_PER_ROW};
    mote_graph g, packed;
    mote_error error;
    mote_bytes file;
    assert_true(mote_tinylm_build(&g, &shape, 3, &error));
    assert_true(mote_graph_quantize(&g, &options, &packed, &error));
    assert_true(mote_graph_encode(&packed, &file, &error));
    mote_graph_free(&g);
    mote_graph_free(&packed);
    return file;
}

/* Returns the most lines of 32 bytes that a token reads from a set of constants within `budget`, by trying all sets. */
static uint64_t best_by_trying(const mote_model *m, uint64_t budget)
{
    uint64_t sizes[24], lines[24], best = 0;
    int count = 0;
    for (uint32_t i = 0; i < mote_header_of(m)->tensor_count; i++) {
        const mote_tensor_record *t = mote_record(m, i);
        if (t->role != MOTE_CONSTANT)
            continue;
        assert_in_range(count, 0, 17);
        sizes[count] = (t->size + 15u) / 16 * 16;
        const bool table = t->rank == 2 && t->dims[0] == mote_vocabulary(m) && count == 0;
        lines[count++] = ((table ? t->size / t->dims[0] : t->size) + 31) / 32;
    }
    for (uint32_t set = 0; set < 1u << count; set++) {
        uint64_t size = 0, value = 0;
        for (int i = 0; i < count; i++)
            if (set >> i & 1) {
                size += sizes[i];
                value += lines[i];
            }
        if (size <= budget && value > best)
            best = value;
    }
    return best;
}

static uint64_t lines_of(const mote_model *m, const mote_placement *p)
{
    uint64_t lines = 0;
    for (uint32_t i = 0; i < p->count; i++)
        lines += (mote_bytes_read(m, p->tensors[i]) + 31) / 32;
    return lines;
}

static void moves_the_most(void **state)
{
    (void)state;
    const mote_tinylm_shape shapes[] = {{30, 8, 24, 1, false}, {50, 20, 12, 2, false}, {9, 40, 16, 1, false}};
    for (size_t k = 0; k < 3; k++) {
        mote_bytes file = packed_model(shapes[k], k == 1 ? MOTE_SCHEME_TERNARY : MOTE_SCHEME_INT8);
        mote_model m;
        mote_error error;
        assert_int_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
        const uint64_t tables = mote_place_tensors_size(&m, NULL, 0);
        for (uint64_t budget = 0; budget < file.size + 300; budget += 211) {
            mote_placement p;
            assert_true(mote_plan_placement(&m, MOTE_AS_PLANNED, budget, &p, &error));
            assert_true(p.bytes <= budget);
            assert_int_equal(p.tables, budget >= tables);
            if (p.tables)
                assert_int_equal(lines_of(&m, &p), best_by_trying(&m, budget - tables));
            mote_placement_free(&p);
        }
        free(file.data);
    }
}

static void run(mote_model *m, int16_t *logits)
{
    const size_t arena_size = mote_arena_size(m), state_size = mote_state_size(m);
    void *arena = aligned_alloc(16, arena_size), *kept = aligned_alloc(16, state_size);
    mote_session s;
    assert_int_equal(mote_start(&s, m, arena, arena_size, kept, state_size), MOTE_SUCCESS);
    for (uint32_t i = 0; i < 6; i++)
        mote_step(&s, i % mote_vocabulary(m));
    memcpy(logits, mote_logits(&s), mote_vocabulary(m) * sizeof *logits);
    free(arena);
    free(kept);
}

/* Overwrites the header, tensors, operators and pools of the file. */
static void spoil_tables(const mote_model *m, uint8_t *file)
{
    const mote_header h = *mote_header_of(m);
    memset(file + h.tensor_offset, 0x5a, h.tensor_count * sizeof(mote_tensor_record));
    memset(file + h.op_offset, 0x5a, h.op_count * sizeof(mote_op_record));
    memset(file + h.operand_offset, 0x5a, h.operand_count * sizeof(uint16_t));
    memset(file + h.word_offset, 0x5a, h.word_count * sizeof(uint32_t));
    memset(file, 0x5a, sizeof h);
}

/* A copied table or constant is read from its copy: overwriting the original in the file changes nothing. */
static void placed_says_the_same(void **state)
{
    (void)state;
    for (int every = 1; every <= 3; every++) {
        mote_bytes file = packed_model((mote_tinylm_shape){40, 24, 32, 2, false}, MOTE_SCHEME_TERNARY);
        mote_model m;
        int16_t before[40], after[40];
        uint16_t tensors[64];
        size_t count = 0;
        assert_int_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
        run(&m, before);
        for (uint16_t i = 0; i < mote_header_of(&m)->tensor_count; i++)
            if (mote_record(&m, i)->role == MOTE_CONSTANT && i % every == 0)
                tensors[count++] = i;
        const size_t size = mote_place_tensors_size(&m, tensors, count);
        uint8_t *sram = aligned_alloc(16, size);
        size_t used;
        const mote_model whole = m;
        assert_int_equal(mote_place_tensors(&m, sram + 8, size, tensors, count, &used), MOTE_BAD_ALIGNMENT);
        assert_int_equal(used, 0);
        assert_int_equal(mote_place_tensors(&m, sram, size, tensors, count, &used), MOTE_SUCCESS);
        assert_int_equal(used, size);
        for (size_t i = 0; i < count; i++) {
            const mote_tensor_record *t = mote_record(&whole, tensors[i]);
            memset(file.data + t->offset, 0x5a, t->size);
        }
        spoil_tables(&whole, file.data);
        run(&m, after);
        assert_memory_equal(before, after, sizeof before);
        free(sram);
        free(file.data);
    }
}

/* With too little room for all, constants are copied in the order of the list, those that do not fit are skipped, and
 * the output stays the same. */
static void copies_as_much_as_fits(void **state)
{
    (void)state;
    mote_bytes file = packed_model((mote_tinylm_shape){40, 24, 32, 2, false}, MOTE_SCHEME_INT8);
    mote_model opened;
    int16_t before[40], after[40];
    uint16_t tensors[64];
    size_t count = 0;
    assert_int_equal(mote_open(&opened, file.data, file.size), MOTE_SUCCESS);
    run(&opened, before);
    for (uint32_t i = mote_header_of(&opened)->tensor_count; i-- > 0;)
        tensors[count++] = (uint16_t)i; /* includes activations and states, which are skipped */
    const size_t tables = mote_place_tensors_size(&opened, NULL, 0);
    const size_t all = mote_place_tensors_size(&opened, tensors, count);
    for (size_t size = 0; size <= all; size += size == all ? 1 : all - size < 400 ? all - size : 400) {
        uint8_t *sram = aligned_alloc(16, (size + 15) / 16 * 16 + 16);
        mote_model m = opened;
        size_t used, expected = size < tables ? 0 : tables;
        assert_int_equal(mote_place_tensors(&m, sram, size, tensors, count, &used), MOTE_SUCCESS);
        for (size_t i = 0; expected && i < count; i++) {
            const mote_tensor_record *t = mote_record(&opened, tensors[i]);
            const size_t bytes = (t->size + 15u) / 16 * 16;
            const bool fits = t->role == MOTE_CONSTANT && bytes <= size - expected;
            assert_int_equal(mote_record(&m, tensors[i])->role, fits ? MOTE_PLACED : t->role);
            expected += fits ? bytes : 0;
        }
        assert_int_equal(used, expected);
        assert_true(expected || (m.header == opened.header && m.tensors == opened.tensors));
        run(&m, after);
        assert_memory_equal(before, after, sizeof before);
        free(sram);
    }
    free(file.data);
}

/* The advice names the first setting that is small enough, and the size that it gives. */
static void advice_holds(void **state)
{
    (void)state;
    mote_bytes large = packed_model((mote_tinylm_shape){40, 64, 64, 1, false}, MOTE_SCHEME_INT8);
    mote_bytes small = packed_model((mote_tinylm_shape){40, 64, 64, 1, false}, MOTE_SCHEME_TERNARY);
    mote_model m;
    char advice[MOTE_ADVICE], expected[MOTE_ADVICE];
    assert_int_equal(mote_open(&m, large.data, large.size), MOTE_SUCCESS);
    snprintf(expected, sizeof expected, "quantize --weights ternary would give about %zu bytes", small.size);
    assert_string_equal(mote_smaller_setting(&m, large.size - 1, advice), expected);
    assert_non_null(strstr(mote_smaller_setting(&m, small.size - 1, advice), "--trits 5"));
    assert_non_null(strstr(mote_smaller_setting(&m, 1000, advice), "train a smaller one"));
    free(large.data);
    free(small.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_the_most),
        cmocka_unit_test(placed_says_the_same),
        cmocka_unit_test(copies_as_much_as_fits),
        cmocka_unit_test(advice_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
