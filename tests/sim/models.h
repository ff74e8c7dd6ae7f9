/* Helpers of tests: small packed models. */
#ifndef TESTS_SIM_MODELS_H
#define TESTS_SIM_MODELS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/graph/tinylm.h"
#include "compiler/graph/transformer.h"
#include "compiler/pack/container.h"
#include "compiler/pack/lay_out.h"
#include "compiler/quantize/quantize.h"
#include "sim/sim.h"

enum form { ROWS, LANES, BLOCKS, FIVE_TRITS };

/* Empties three of four 1x16 blocks of every matrix except the embedding table. */
static inline void thin_out(mote_graph *g)
{
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_tensor *t = &g->tensors[i];
        if (t->role != MOTE_CONSTANT || t->rank != 2 || strstr(t->name, "embedding"))
            continue;
        for (uint32_t k = 0; k < t->dims[0] * t->dims[1]; k++)
            if ((k / t->dims[1] * 3 + k % t->dims[1] / 16) % 4)
                ((float *)t->data)[k] = 0;
    }
}

static inline void lay_out(mote_graph *packed, enum form form)
{
    if (form == LANES || form == BLOCKS)
        assert_true(mote_graph_lay_out_as(packed, form == LANES ? MOTE_LANES16 : MOTE_BLOCKS16, NULL));
}

static inline mote_bytes packed_model(mote_tinylm_shape shape, mote_scheme weights, enum form form)
{
    const mote_quantize_options options = {
        .weights = weights,
        .head = MOTE_SCHEME_INT8,
        .embedding = MOTE_SCHEME_INT8,
        .granularity = form == FIVE_TRITS ? MOTE_POW2_TENSOR : MOTE_PER_ROW,
        .five_trits = form == FIVE_TRITS,
    };
    mote_graph g, packed;
    mote_error error;
    mote_bytes file;
    assert_true(mote_tinylm_build(&g, &shape, 11, &error));
    if (form == BLOCKS)
        thin_out(&g);
    assert_true(mote_graph_quantize(&g, &options, &packed, &error));
    lay_out(&packed, form);
    assert_true(mote_graph_encode(&packed, &file, &error));
    mote_graph_free(&g);
    mote_graph_free(&packed);
    return file;
}

/* Returns a shape with heads of 8 columns, two for each key head, a feed-forward width that is no multiple of a vector,
 * and a window of 16. */
static inline mote_transformer_shape small_transformer(void)
{
    mote_transformer_shape shape = MOTE_TRANSFORMER_DEFAULTS;
    shape.vocabulary = 90, shape.dim = 32, shape.layers = 2, shape.heads = 4, shape.kv_heads = 2;
    shape.hidden = 44, shape.context = 16, shape.tied = true;
    return shape;
}

static inline mote_bytes packed_transformer(mote_transformer_shape shape, mote_scheme weights, bool int16_cache,
                                            enum form form)
{
    const mote_quantize_options options = {.weights = weights,
                                           .head = MOTE_SCHEME_INT8,
                                           .embedding = MOTE_SCHEME_INT8,
                                           .granularity = MOTE_PER_ROW,
                                           .int16_cache = int16_cache};
    mote_graph g, packed;
    mote_error error;
    mote_bytes file;
    assert_true(mote_transformer_build(&g, &shape, 11, &error));
    if (form == BLOCKS)
        thin_out(&g);
    if (!mote_graph_quantize(&g, &options, &packed, &error))
        fail_msg("%s", error.text);
    lay_out(&packed, form);
    assert_true(mote_graph_encode(&packed, &file, &error));
    mote_graph_free(&g);
    mote_graph_free(&packed);
    return file;
}

/* Selects the programs of this build instead of installed ones. */
static inline void use_built_programs(void)
{
    setenv("MOTE_SIM_DIR", MOTE_SIM_PROGRAMS, 1);
}

static inline bool can_run(const mote_sim_chip *chip)
{
    char path[4096];
    snprintf(path, sizeof path, MOTE_SIM_PROGRAMS "/%s.elf", chip->name);
    if (access(path, R_OK) != 0) {
        print_message("SKIPPED: %s, the program of %s, not present\n", path, chip->name);
        return false;
    }
    if (!chip->xtensa && system("command -v qemu-system-riscv32 >/dev/null") != 0) {
        print_message("SKIPPED: qemu-system-riscv32 not present\n");
        return false;
    }
    return true;
}

static inline mote_sim_options talk(const char *prompt, uint32_t tokens)
{
    mote_sim_options o = {
        .prompt = prompt, .output_count = tokens, .sampler = mote_sampler_init(5), .trace = true, .timeout = 900};
    o.sampler.temperature = 50000;
    o.sampler.top_k = 20;
    o.sampler.top_p = 62000;
    return o;
}

#endif
