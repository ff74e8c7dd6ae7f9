/* Helpers of tests: small packed models in memory. */
#ifndef MOTE_TESTS_PACKED_H
#define MOTE_TESTS_PACKED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <mote_text.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/tinylm.h"
#include "compiler/pack/container.h"
#include "compiler/quantize/quantize.h"
#include "runtime/crc32.h"

/* Makes a tokenizer with the first `vocabulary` − 1 letters from 'a' on, and one token for all other bytes. */
static inline void letters_tokenizer(mote_byte_tokenizer *t, uint16_t vocabulary)
{
    memset(t, 0, sizeof *t);
    t->vocabulary = vocabulary;
    t->unknown = (uint16_t)(vocabulary - 1);
    for (int i = 0; i < 256; i++)
        t->to_token[i] = t->unknown;
    for (uint16_t i = 0; i + 1 < vocabulary; i++) {
        t->to_token['a' + i] = i;
        t->to_byte[i] = (uint8_t)('a' + i);
    }
    t->to_byte[t->unknown] = '?';
}

static inline void float_model(mote_graph *g, const mote_tinylm_shape *shape)
{
    mote_error error = {0};
    assert_true(mote_tinylm_build(g, shape, 5, &error));
    if (shape->vocabulary < 27) {
        mote_byte_tokenizer letters;
        letters_tokenizer(&letters, (uint16_t)shape->vocabulary);
        assert_true(mote_graph_set_tokenizer(g, &letters, sizeof letters));
    }
    assert_true(mote_graph_set_meta(g, "name", "small"));
}

static inline mote_bytes encoded(const mote_graph *g)
{
    mote_error error = {0};
    mote_bytes file;
    if (!mote_graph_encode(g, &file, &error))
        fail_msg("%s", error.text);
    return file;
}

static inline mote_bytes packed_file(const mote_tinylm_shape *shape, const mote_quantize_options *options)
{
    mote_graph g, packed;
    mote_error error = {0};
    float_model(&g, shape);
    if (!mote_graph_quantize(&g, options, &packed, &error))
        fail_msg("%s", error.text);
    mote_bytes file = encoded(&packed);
    mote_graph_free(&g);
    mote_graph_free(&packed);
    return file;
}

/* Allocates memory that is aligned to 16 bytes and of exactly this size, so that AddressSanitizer detects any access
 * past the end. */
static inline void *exact_memory(size_t size)
{
    void *p = NULL;
    assert_int_equal(posix_memalign(&p, 16, size), 0);
    return p;
}

static inline void seal(uint8_t *file, size_t size)
{
    uint32_t crc = mote_crc32(0, file + 16, size - 16);
    memcpy(file + 12, &crc, sizeof crc);
}

typedef struct opened {
    mote_model model;
    mote_session session;
    void *arena, *state;
} opened;

static inline void start_exactly(opened *o)
{
    o->arena = exact_memory(mote_arena_size(&o->model));
    o->state = exact_memory(mote_state_size(&o->model));
    assert_int_equal(
        mote_start(&o->session, &o->model, o->arena, mote_arena_size(&o->model), o->state, mote_state_size(&o->model)),
        MOTE_SUCCESS);
}

static inline void stop(opened *o)
{
    free(o->arena), free(o->state);
}

/* A packed model and its session. */
typedef struct running {
    mote_bytes file;
    mote_model model;
    mote_session session;
    void *arena, *state;
} running;

static inline void open_packed(running *r, const mote_graph *g)
{
    r->file = encoded(g);
    assert_int_equal(mote_open(&r->model, r->file.data, r->file.size), MOTE_SUCCESS);
    r->arena = aligned_alloc(16, mote_arena_size(&r->model));
    r->state = aligned_alloc(16, mote_state_size(&r->model));
    assert_int_equal(
        mote_start(&r->session, &r->model, r->arena, mote_arena_size(&r->model), r->state, mote_state_size(&r->model)),
        MOTE_SUCCESS);
}

static inline void close_packed(running *r)
{
    free(r->file.data), free(r->arena), free(r->state);
}

#endif
