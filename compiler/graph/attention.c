/* ATTENTION over the last `context` tokens, w values per head. With q and k rotated by their positions,
 *     s_tj = q_t·k_j / √w     p_t = softmax over the keys j visible to t     y_t = Σ_j p_tj·v_j
 * Queries are processed in blocks of 32, transposed, as panels [w, 32]. Scores are panels [keys, 32]. Each product is a
 * product of rows with a panel. Backward recomputes the probabilities from the stored maximum and sum of each query. */
#include <math.h>
#include <string.h>

#include "compiler/graph/limits.h"
#include "compiler/graph/operator.h"
#include "compiler/graph/panel.h"
#include "compiler/graph/vector.h"

enum { BLOCK = MOTE_PANEL };
#define HIDDEN (-1e30f) /* score of a key that is masked for the query */

static bool cache_fits(const mote_graph *g, const mote_op *op, int cache, int scales, uint32_t width, uint32_t context,
                       mote_error *error)
{
    if (g->packed && (mote_op_input(g, op, cache)->dtype == MOTE_I8) != (op->inputs[scales] >= 0))
        return mote_fail(error, MOTE_E_FORMAT, "attention %s: an int8 cache has scales, others have not", op->name);
    return mote_expect(g, op, cache, context, width, MOTE_ACTIVATIONS_OF(g), error) &&
           mote_expect(g, op, scales, context, (uint32_t)op->params[MOTE_ATTENTION_KV_HEADS], MOTE_BIT(MOTE_I8), error);
}

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *outputs, mote_error *error)
{
    const int32_t heads = op->params[MOTE_ATTENTION_HEADS], kv_heads = op->params[MOTE_ATTENTION_KV_HEADS];
    const uint32_t dim = mote_op_input(g, op, MOTE_ATTENTION_Q)->dims[0],
                   context = mote_op_input(g, op, MOTE_ATTENTION_KEYS)->dims[0];
    const unsigned wide = MOTE_WIDE_OF(g);
    if (heads < 1 || kv_heads < 1 || heads % kv_heads != 0 || dim % (uint32_t)heads != 0)
        return mote_fail(error, MOTE_E_FORMAT, "attention %s: its heads do not divide its query", op->name);
    const uint32_t w = dim / (uint32_t)heads, kv = w * (uint32_t)kv_heads;
    if (w > MOTE_MOST_HEAD || context > MOTE_MOST_CONTEXT)
        return mote_fail(error, MOTE_E_FORMAT, "attention %s: heads of %u values or %u positions are too many",
                         op->name, w, context);
    if (op->inputs[MOTE_ATTENTION_ANGLES] >= 0 && w % 2 != 0)
        return mote_fail(error, MOTE_E_FORMAT, "attention %s: heads of %u values have no pairs to rotate", op->name, w);
    outputs[MOTE_ATTENTION_Y] = mote_vector_of(dim, wide);
    outputs[MOTE_ATTENTION_SCRATCH] = mote_vector_of(context, wide);
    return mote_expect(g, op, MOTE_ATTENTION_Q, dim, 0, wide, error) &&
           mote_expect(g, op, MOTE_ATTENTION_K, kv, 0, wide, error) &&
           mote_expect(g, op, MOTE_ATTENTION_V, kv, 0, wide, error) &&
           mote_expect(g, op, MOTE_ATTENTION_ANGLES, w / 2, 0, MOTE_BIT(MOTE_I32), error) &&
           cache_fits(g, op, MOTE_ATTENTION_KEYS, MOTE_ATTENTION_KEY_SCALES, kv, context, error) &&
           cache_fits(g, op, MOTE_ATTENTION_VALUES, MOTE_ATTENTION_VALUE_SCALES, kv, context, error);
}

/* Work buffers for one stream and key head. All but `kept`, cosine and sine are reused for the next one. */
typedef struct work {
    uint32_t heads, kv_heads, w, context, pairs;
    uint32_t old, keys;     /* number of keys of earlier calls, number of all keys */
    float *kept;            /* [streams, heads, blocks, 2, BLOCK]: per query the maximum score m and 1/Σ e^(s − m) */
    uint32_t padded_steps;  /* steps rounded up to whole blocks */
    float *cosine, *sine;   /* [pairs, padded steps] */
    float *key, *value;     /* [keys, w] */
    float *key_t, *value_t; /* [w, keys] */
    float *key_gradient;    /* [keys, padded w] */
    float *value_gradient;  /* [keys, padded w] */
    float *score, *score_gradient;       /* [keys, BLOCK] */
    float *query_t, *out_t, *gradient_t; /* [w, BLOCK] */
    float *query, *gradient;             /* [padded w / HALF_PANEL, BLOCK, HALF_PANEL] */
} work;

static size_t take(float **piece, float *base, size_t used, size_t count)
{
    *piece = base ? base + used : NULL;
    return used + (count + MOTE_LANES - 1) / MOTE_LANES * MOTE_LANES;
}

static uint32_t padded(uint32_t w)
{
    return (w + MOTE_HALF_PANEL - 1) / MOTE_HALF_PANEL * MOTE_HALF_PANEL;
}

static uint32_t blocks_of(uint32_t steps)
{
    return (steps + BLOCK - 1) / BLOCK;
}

/* Assigns all buffers from `base` for calls of up to `steps` steps and returns their number of floats. With a NULL base
 * it only counts. */
static size_t place(work *a, const mote_graph *g, const mote_op *op, uint32_t steps, uint32_t streams, float *base)
{
    *a = (work){.heads = (uint32_t)op->params[MOTE_ATTENTION_HEADS],
                .kv_heads = (uint32_t)op->params[MOTE_ATTENTION_KV_HEADS],
                .context = g->tensors[op->inputs[MOTE_ATTENTION_KEYS]].dims[0]};
    a->w = g->tensors[op->inputs[MOTE_ATTENTION_Q]].dims[0] / a->heads;
    a->pairs = op->inputs[MOTE_ATTENTION_ANGLES] >= 0 ? a->w / 2 : 0;
    a->padded_steps = blocks_of(steps) * BLOCK;
    const size_t keys = (size_t)a->context + steps, w = a->w, wide = padded(a->w);
    size_t used = take(&a->cosine, base, 0, (size_t)a->padded_steps * a->pairs);
    used = take(&a->sine, base, used, (size_t)a->padded_steps * a->pairs);
    used = take(&a->key, base, used, keys * w);
    used = take(&a->value, base, used, keys * w);
    used = take(&a->key_t, base, used, keys * w);
    used = take(&a->value_t, base, used, keys * w);
    used = take(&a->key_gradient, base, used, keys * wide);
    used = take(&a->value_gradient, base, used, keys * wide);
    used = take(&a->score, base, used, keys * BLOCK);
    used = take(&a->score_gradient, base, used, keys * BLOCK);
    used = take(&a->query_t, base, used, w * BLOCK);
    used = take(&a->out_t, base, used, w * BLOCK);
    used = take(&a->gradient_t, base, used, w * BLOCK);
    used = take(&a->query, base, used, wide * BLOCK);
    used = take(&a->gradient, base, used, wide * BLOCK);
    return take(&a->kept, base, used, (size_t)streams * a->heads * blocks_of(steps) * 2 * BLOCK);
}

static size_t scratch_size(const mote_graph *g, const mote_op *op, uint32_t steps, uint32_t streams)
{
    work a;
    return place(&a, g, op, steps, streams, NULL);
}

static work begin(const mote_pass *pass)
{
    work a;
    place(&a, pass->graph, pass->op, pass->steps, pass->streams, pass->scratch);
    a.old = !pass->state[0] ? 0 : pass->position < a.context ? pass->position : a.context - 1;
    a.keys = a.old + pass->steps;
    return a;
}

/* Computes cosine and sine of the rotary angles of the positions of this call. The phase is exact, in 2^-32 turns. */
static void find_angles(const mote_pass *pass, work *a)
{
    const int32_t *turns = a->pairs ? pass->graph->tensors[pass->op->inputs[MOTE_ATTENTION_ANGLES]].data : NULL;
    for (uint32_t i = 0; i < a->pairs; i++)
        for (uint32_t t = 0; t < pass->steps; t++) {
            const uint32_t phase = (pass->position + t) * (uint32_t)turns[i];
            const float radians = (float)(int32_t)phase * (float)(6.28318530717958647692 * 0x1p-32);
            a->cosine[(size_t)i * a->padded_steps + t] = cosf(radians);
            a->sine[(size_t)i * a->padded_steps + t] = sinf(radians);
        }
}

/* Rotates the pairs of a panel [w, BLOCK] by the angles in `cosine` and `sine` (`stride` floats from row to row), by
 * the negative angles if `direction` is −1. */
MOTE_CLONES static void turn(float *restrict panel, const float *restrict cosine, const float *restrict sine,
                             size_t stride, float direction, uint32_t pairs)
{
    for (uint32_t p = 0; p < pairs; p++, cosine += stride, sine += stride, panel += (size_t)2 * BLOCK)
        for (size_t i = 0; i < BLOCK; i++) {
            const float c = cosine[i], s = sine[i] * direction, x = panel[i], y = panel[BLOCK + i];
            panel[i] = x * c - y * s;
            panel[BLOCK + i] = x * s + y * c;
        }
}

static void turn_panel(float *panel, const work *a, uint32_t first, float direction)
{
    turn(panel, a->cosine + first, a->sine + first, a->padded_steps, direction, a->pairs);
}

/* Writes `count` rows of w values, times scale, to the columns of panel [w, BLOCK]. Zeroes its other columns. */
static void gather(float *restrict panel, const float *restrict rows, size_t stride, uint32_t count, uint32_t w,
                   float scale)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t d = 0; d < w; d++)
            panel[(size_t)d * BLOCK + i] = rows[i * stride + d] * scale;
    for (uint32_t d = 0; count < BLOCK && d < w; d++)
        memset(panel + (size_t)d * BLOCK + count, 0, (BLOCK - count) * sizeof *panel);
}

/* Adds the columns of a panel, times scale, to `count` rows: the inverse layout of gather. */
static void scatter(float *restrict rows, size_t stride, const float *restrict panel, uint32_t count, uint32_t w,
                    float scale)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t d = 0; d < w; d++)
            rows[i * stride + d] += panel[(size_t)d * BLOCK + i] * scale;
}

/* Returns the index of `column`, the first of a head, in row (t, stream) of activations of `width` columns. The next
 * step is width·streams elements further. */
static size_t at(const mote_pass *pass, uint32_t t, uint32_t stream, uint32_t width, uint32_t column)
{
    return ((size_t)t * pass->streams + stream) * width + column;
}

static void transpose(float *to, const float *from, uint32_t rows, uint32_t columns)
{
    for (uint32_t i = 0; i < rows; i++)
        for (uint32_t j = 0; j < columns; j++)
            to[(size_t)j * rows + i] = from[(size_t)i * columns + j];
}

/* Rotates one block of this call's keys, from step `first` on, into `key`. */
static void turn_keys(const mote_pass *pass, work *a, uint32_t stream, uint32_t head, uint32_t first)
{
    const uint32_t w = a->w, width = a->kv_heads * w;
    const uint32_t count = pass->steps - first < BLOCK ? pass->steps - first : BLOCK;
    gather(a->query_t, pass->in[MOTE_ATTENTION_K] + at(pass, first, stream, width, head * w),
           (size_t)pass->streams * width, count, w, 1);
    turn_panel(a->query_t, a, first, 1);
    float *rows = a->key + (size_t)(a->old + first) * w;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t d = 0; d < w; d++)
            rows[(size_t)i * w + d] = a->query_t[(size_t)d * BLOCK + i];
}

/* Collects keys and values of one head in the order of their positions: the cached ones, then those of this call.
 * Writes the latter to the cache. */
static void gather_keys(const mote_pass *pass, work *a, uint32_t stream, uint32_t head)
{
    const uint32_t w = a->w, width = a->kv_heads * w;
    const size_t size = w * sizeof(float), cache = (size_t)stream * a->context * width + head * w;
    for (uint32_t i = 0; i < a->old; i++) {
        const size_t slot = cache + (size_t)((pass->position - a->old + i) % a->context) * width;
        memcpy(a->key + (size_t)i * w, pass->state[0] + slot, size);
        memcpy(a->value + (size_t)i * w, pass->state[1] + slot, size);
    }
    for (uint32_t first = 0; first < pass->steps; first += BLOCK)
        turn_keys(pass, a, stream, head, first);
    for (uint32_t t = 0; t < pass->steps; t++) {
        const size_t from = (size_t)(a->old + t) * w;
        memcpy(a->value + from, pass->in[MOTE_ATTENTION_V] + at(pass, t, stream, width, head * w), size);
        if (!pass->state[0])
            continue;
        const size_t slot = cache + (size_t)((pass->position + t) % a->context) * width;
        memcpy(pass->state[0] + slot, a->key + from, size);
        memcpy(pass->state[1] + slot, a->value + from, size);
    }
}

/* A block of queries of one head: steps first..first + count − 1, and the range of keys that are visible to any of
 * them. */
typedef struct block {
    uint32_t stream, head, first, count;
    uint32_t from, keys;
    float *best, *inverse; /* maxima and inverse sums, [BLOCK] each, in `kept` */
} block;

static block block_of(const mote_pass *pass, const work *a, uint32_t stream, uint32_t head, uint32_t first)
{
    block b = {.stream = stream, .head = head, .first = first};
    b.count = pass->steps - first < BLOCK ? pass->steps - first : BLOCK;
    const uint32_t self = a->old + first; /* index of the first query's own key */
    b.from = self + 1 > a->context ? self + 1 - a->context : 0;
    b.keys = self + b.count - b.from;
    const size_t index = ((size_t)stream * a->heads + head) * blocks_of(pass->steps) + first / BLOCK;
    b.best = a->kept + index * 2 * BLOCK;
    b.inverse = b.best + BLOCK;
    return b;
}

/* Masks scores in rows from..to − 1. Row j is key b.from + j, column i is query first + i. A query sees `context` keys,
 * the last of which is its own. */
MOTE_CLONES static void hide_rows(float *score, uint32_t from, uint32_t to, int32_t self, int32_t context)
{
    for (uint32_t j = from; j < to; j++)
        for (int32_t i = 0; i < BLOCK; i++) {
            const int32_t back = self + i - (int32_t)j;
            float *s = &score[(size_t)j * BLOCK + (size_t)i];
            *s = back < 0 || back >= context ? HIDDEN : *s;
        }
}

static void find_scores(const mote_pass *pass, work *a, const block *b)
{
    const uint32_t w = a->w, width = a->heads * w;
    gather(a->query_t, pass->in[MOTE_ATTENTION_Q] + at(pass, b->first, b->stream, width, b->head * w),
           (size_t)pass->streams * width, b->count, w, 1 / sqrtf((float)w));
    turn_panel(a->query_t, a, b->first, 1);
    mote_panel_product(a->score, BLOCK, a->key + (size_t)b->from * w, w, a->query_t, b->keys, w, BLOCK, false);
    const uint32_t self = a->old + b->first - b->from;
    const uint32_t cut = self + b->count > a->context ? self + b->count - a->context : 0;
    hide_rows(a->score, 0, cut < b->keys ? cut : b->keys, (int32_t)self, (int32_t)a->context);
    hide_rows(a->score, self + 1 < b->keys ? self + 1 : b->keys, b->keys, (int32_t)self, (int32_t)a->context);
}

/* Replaces each score s by e^(s − best) and writes the inverse of the sum of each query. */
MOTE_CLONES static void soften(float *restrict score, uint32_t keys, float *restrict best, float *restrict inverse)
{
    float sum[BLOCK] = {0};
    memcpy(best, score, BLOCK * sizeof(float));
    for (uint32_t j = 1; j < keys; j++)
        for (size_t i = 0; i < BLOCK; i++)
            best[i] = score[(size_t)j * BLOCK + i] > best[i] ? score[(size_t)j * BLOCK + i] : best[i];
    for (uint32_t j = 0; j < keys; j++)
        for (size_t i = 0; i < BLOCK; i++) {
            const float s = score[(size_t)j * BLOCK + i], e = mote_exp(s - best[i]);
            sum[i] += score[(size_t)j * BLOCK + i] = s > HIDDEN ? e : 0;
        }
    for (size_t i = 0; i < BLOCK; i++)
        inverse[i] = sum[i] > 0 ? 1 / sum[i] : 0;
}

static void attend(const mote_pass *pass, work *a, const block *b)
{
    const uint32_t w = a->w, width = a->heads * w;
    find_scores(pass, a, b);
    soften(a->score, b->keys, b->best, b->inverse);
    mote_panel_product(a->out_t, BLOCK, a->value_t + b->from, a->keys, a->score, w, b->keys, BLOCK, false);
    for (uint32_t i = 0; i < b->count; i++) {
        float *y = pass->out[MOTE_ATTENTION_Y] + at(pass, b->first + i, b->stream, width, b->head * w);
        for (uint32_t d = 0; d < w; d++)
            y[d] = a->out_t[(size_t)d * BLOCK + i] * b->inverse[i];
    }
}

static void forward(const mote_pass *pass)
{
    work a = begin(pass);
    const uint32_t group = a.heads / a.kv_heads;
    find_angles(pass, &a);
    for (uint32_t stream = 0; stream < pass->streams; stream++)
        for (uint32_t head = 0; head < a.heads; head++) {
            if (head % group == 0) {
                gather_keys(pass, &a, stream, head / group);
                transpose(a.value_t, a.value, a.keys, a.w);
            }
            for (uint32_t first = 0; first < pass->steps; first += BLOCK) {
                const block b = block_of(pass, &a, stream, head, first);
                attend(pass, &a, &b);
            }
        }
}

/* Transposes a panel [w, BLOCK] to rows in panels of MOTE_HALF_PANEL columns, padded with zeros. */
static void untranspose(float *restrict rows, const float *restrict panel, uint32_t w)
{
    for (uint32_t first = 0; first < w; first += MOTE_HALF_PANEL)
        for (uint32_t i = 0; i < BLOCK; i++)
            for (uint32_t d = first; d < first + MOTE_HALF_PANEL; d++)
                *rows++ = d < w ? panel[(size_t)d * BLOCK + i] : 0;
}

/* Collects dy and y as panels, and dy and the queries as rows. */
static void gather_gradient(const mote_pass *pass, work *a, const block *b)
{
    const uint32_t w = a->w, width = a->heads * w;
    const size_t row = at(pass, b->first, b->stream, width, b->head * w), stride = (size_t)pass->streams * width;
    gather(a->gradient_t, pass->out_grad[MOTE_ATTENTION_Y] + row, stride, b->count, w, 1);
    gather(a->out_t, pass->out[MOTE_ATTENTION_Y] + row, stride, b->count, w, 1);
    untranspose(a->gradient, a->gradient_t, w);
    untranspose(a->query, a->query_t, w);
}

/* Replaces scores by probabilities p, and the gradients dp of the probabilities by those of the scores,
 * p·(dp − Σ dy·y). */
MOTE_CLONES static void soften_gradient(float *restrict score, float *restrict gradient, uint32_t keys,
                                        const float *restrict best, const float *restrict inverse,
                                        const float *restrict dy, const float *restrict y, uint32_t w)
{
    float level[BLOCK] = {0};
    for (uint32_t d = 0; d < w; d++)
        for (size_t i = 0; i < BLOCK; i++)
            level[i] += dy[(size_t)d * BLOCK + i] * y[(size_t)d * BLOCK + i];
    for (uint32_t j = 0; j < keys; j++)
        for (size_t i = 0; i < BLOCK; i++) {
            const size_t place = (size_t)j * BLOCK + i;
            const float e = mote_exp(score[place] - best[i]) * inverse[i], p = score[place] > HIDDEN ? e : 0;
            score[place] = p;
            gradient[place] = p * (gradient[place] - level[i]);
        }
}

static void attend_backward(const mote_pass *pass, work *a, const block *b)
{
    const uint32_t w = a->w, wide = padded(w), width = a->heads * w;
    find_scores(pass, a, b);
    gather_gradient(pass, a, b);
    mote_panel_product(a->score_gradient, BLOCK, a->value + (size_t)b->from * w, w, a->gradient_t, b->keys, w, BLOCK,
                       false);
    soften_gradient(a->score, a->score_gradient, b->keys, b->best, b->inverse, a->gradient_t, a->out_t, w);
    for (uint32_t d = 0; d < wide; d += MOTE_HALF_PANEL) {
        const size_t panel = (size_t)d * BLOCK, rows = (size_t)b->from * wide + d;
        mote_panel_product(a->value_gradient + rows, wide, a->score, BLOCK, a->gradient + panel, b->keys, BLOCK,
                           MOTE_HALF_PANEL, true);
        mote_panel_product(a->key_gradient + rows, wide, a->score_gradient, BLOCK, a->query + panel, b->keys, BLOCK,
                           MOTE_HALF_PANEL, true);
    }
    mote_panel_product(a->gradient_t, BLOCK, a->key_t + b->from, a->keys, a->score_gradient, w, b->keys, BLOCK, false);
    turn_panel(a->gradient_t, a, b->first, -1);
    scatter(pass->in_grad[MOTE_ATTENTION_Q] + at(pass, b->first, b->stream, width, b->head * w),
            (size_t)pass->streams * width, a->gradient_t, b->count, w, 1 / sqrtf((float)w));
}

static void begin_gradients(const mote_pass *pass, work *a, uint32_t stream, uint32_t head)
{
    const size_t size = (size_t)a->keys * padded(a->w) * sizeof(float);
    gather_keys(pass, a, stream, head);
    transpose(a->key_t, a->key, a->keys, a->w);
    memset(a->key_gradient, 0, size);
    memset(a->value_gradient, 0, size);
}

static void add_key_gradients(const mote_pass *pass, work *a, uint32_t stream, uint32_t head)
{
    const uint32_t w = a->w, wide = padded(w), width = a->kv_heads * w;
    for (uint32_t first = 0; first < pass->steps; first += BLOCK) {
        const uint32_t count = pass->steps - first < BLOCK ? pass->steps - first : BLOCK;
        const size_t from = (size_t)(a->old + first) * wide;
        gather(a->gradient_t, a->key_gradient + from, wide, count, w, 1);
        turn_panel(a->gradient_t, a, first, -1);
        scatter(pass->in_grad[MOTE_ATTENTION_K] + at(pass, first, stream, width, head * w),
                (size_t)pass->streams * width, a->gradient_t, count, w, 1);
        for (uint32_t i = 0; i < count; i++)
            mote_accumulate(pass->in_grad[MOTE_ATTENTION_V] + at(pass, first + i, stream, width, head * w),
                            a->value_gradient + from + (size_t)i * wide, w);
    }
}

/* Requires that the call began its sequences at position 0. */
static void backward(const mote_pass *pass)
{
    work a = begin(pass);
    const uint32_t group = a.heads / a.kv_heads;
    for (uint32_t stream = 0; stream < pass->streams; stream++)
        for (uint32_t head = 0; head < a.heads; head++) {
            if (head % group == 0)
                begin_gradients(pass, &a, stream, head / group);
            for (uint32_t first = 0; first < pass->steps; first += BLOCK) {
                const block b = block_of(pass, &a, stream, head, first);
                attend_backward(pass, &a, &b);
            }
            if (head % group == group - 1)
                add_key_gradients(pass, &a, stream, head / group);
        }
}

const mote_operator mote_operator_attention = {
    .infer = infer, .scratch = scratch_size, .forward = forward, .backward = backward};
