/* ATTENTION: causal attention of one token over the last `context` tokens, whose keys and values are in two caches:
 *
 *     q, k rotated by position·turns    keys[slot], values[slot] = k, v    slot = position mod context
 *     p = softmax(q·keys)    y = Σ p·values
 *
 * turns are the rotary angles per position in 2^-32 turns, one for each pair of elements. A cache is int16, or int8
 * with a scale for each token and head: a byte 16·e + f that means (16 + f)·2^(e − 4) units of the stored values.
 * Scales restricted to powers of two would add as much error as all other rounding together. params:
 * MOTE_ATTENTION_HEADS, MOTE_ATTENTION_KV_HEADS, MOTE_ATTENTION_SCORE, MOTE_ATTENTION_SCORE_SHIFT. */
#include "../memory.h"
#include "../requantize.h"
#include "ops.h"
#include "sine.h"

#define MAX_WIDTH   256   /* width of a head: q·k fits 31 bits with an int8 cache, 39 with an int16 cache */
#define MAX_CONTEXT 32768 /* Σ p·v fits 32 bits */

typedef struct shape {
    uint32_t heads, kv_heads, width, context;
} shape;

static shape shape_of(const mote_model *m, const uint16_t *operands, const int32_t *params)
{
    const uint32_t heads = (uint32_t)params[MOTE_ATTENTION_HEADS];
    return (shape){heads, (uint32_t)params[MOTE_ATTENTION_KV_HEADS],
                   mote_record(m, operands[MOTE_ATTENTION_Q])->dims[0] / heads,
                   mote_record(m, operands[MOTE_ATTENTION_KEYS])->dims[0]};
}

/* Checks types and shapes of a cache and its scales, which only an int8 cache has. */
static int cache_fits(const mote_model *m, uint32_t cache, uint32_t scales, const shape *s)
{
    const mote_dtype dtype = mote_record(m, cache)->dtype;
    if (scales == MOTE_NO_INDEX ? dtype != MOTE_I16
                                : dtype != MOTE_I8 || !mote_is(m, scales, MOTE_I8, s->context, s->kv_heads))
        return 0;
    return mote_is(m, cache, dtype, s->context, s->kv_heads * s->width);
}

static int turns_fit(const mote_model *m, uint32_t turns, uint32_t width)
{
    return turns == MOTE_NO_INDEX || (width % 2 == 0 && mote_is(m, turns, MOTE_I32, width / 2, 0));
}

static int fits(const mote_model *m, const mote_op_view *op)
{
    const int32_t *params = op->params;
    if (!mote_in_range(params[MOTE_ATTENTION_HEADS], 1, UINT16_MAX) ||
        !mote_in_range(params[MOTE_ATTENTION_KV_HEADS], 1, params[MOTE_ATTENTION_HEADS]) ||
        params[MOTE_ATTENTION_HEADS] % params[MOTE_ATTENTION_KV_HEADS] != 0)
        return 0;
    const shape s = shape_of(m, op->inputs, op->params);
    const uint32_t d = s.heads * s.width, kv = s.kv_heads * s.width, y = op->outputs[MOTE_ATTENTION_Y],
                   scratch = op->outputs[MOTE_ATTENTION_SCRATCH];
    return mote_in_range((int32_t)s.width, 1, MAX_WIDTH) && s.context <= MAX_CONTEXT &&
           mote_in_range(params[MOTE_ATTENTION_SCORE], 1, 32767) &&
           mote_in_range(params[MOTE_ATTENTION_SCORE_SHIFT], 8, 30) &&
           mote_is(m, op->inputs[MOTE_ATTENTION_Q], MOTE_I16, d, 0) &&
           mote_is(m, op->inputs[MOTE_ATTENTION_K], MOTE_I16, kv, 0) &&
           mote_is(m, op->inputs[MOTE_ATTENTION_V], MOTE_I16, kv, 0) &&
           turns_fit(m, op->inputs[MOTE_ATTENTION_ANGLES], s.width) &&
           cache_fits(m, op->inputs[MOTE_ATTENTION_KEYS], op->inputs[MOTE_ATTENTION_KEY_SCALES], &s) &&
           cache_fits(m, op->inputs[MOTE_ATTENTION_VALUES], op->inputs[MOTE_ATTENTION_VALUE_SCALES], &s) &&
           mote_is(m, y, MOTE_I16, d, 0) && mote_is(m, scratch, MOTE_I16, s.context, 0);
}

static uint64_t work(const mote_model *m, const mote_op_view *op)
{
    return (uint64_t)mote_record(m, op->inputs[MOTE_ATTENTION_KEYS])->dims[0] *
           mote_record(m, op->inputs[MOTE_ATTENTION_Q])->dims[0];
}

typedef struct cache {
    int8_t *codes;   /* int8 cache [context, kv_heads·width], or NULL */
    int16_t *wide;   /* int16 cache of the same shape, or NULL */
    uint8_t *scales; /* [context, kv_heads], scales of codes */
} cache;

static cache cache_of(const mote_session *s, uint32_t tensor, uint32_t scales)
{
    void *data = mote_data_mutable(s, tensor);
    if (scales == MOTE_NO_INDEX)
        return (cache){.wide = data};
    return (cache){.codes = data, .scales = mote_data_mutable(s, scales)};
}

/* (16 + f)·2^(e − 4) */
typedef struct scale {
    int32_t sixteenths; /* 16 + f */
    uint32_t exponent;  /* e */
} scale;

/* Rotates pair (2i, 2i + 1) of each head by position·turns[i]; copies if turns is NULL. |x·cos| + |x·sin| <=
 * 2^15·√2·2^15 fits 31 bits. */
static void rotate(int16_t *to, const int16_t *from, uint32_t heads, uint32_t width, const uint32_t *turns,
                   uint32_t position)
{
    if (!turns) {
        memcpy(to, from, heads * width * sizeof *to);
        return;
    }
    for (uint32_t i = 0; i < width; i += 2) {
        const uint32_t phase = position * turns[i / 2];
        const int32_t sine = mote_sine(phase), cosine = mote_cosine(phase);
        for (uint32_t at = i; at < heads * width; at += width) {
            const int32_t a = from[at], b = from[at + 1];
            to[at] = (int16_t)mote_clamp16((a * cosine - b * sine + 16384) >> 15);
            to[at + 1] = (int16_t)mote_clamp16((a * sine + b * cosine + 16384) >> 15);
        }
    }
}

/* Returns the least scale with which no code exceeds 127. */
static scale scale_of(const int16_t *x, uint32_t width)
{
    int32_t peak = 0;
    scale s = {16, 0};
    for (uint32_t i = 0; i < width; i++)
        peak = x[i] > peak ? x[i] : -x[i] > peak ? -x[i] : peak;
    while ((127 * 31 << s.exponent) < 16 * peak)
        s.exponent++;
    while ((127 * s.sixteenths << s.exponent) < 16 * peak)
        s.sixteenths++;
    return s;
}

static void store_codes(const cache *c, uint32_t row, uint32_t width, const int16_t *x)
{
    const scale s = scale_of(x, width);
    const int32_t inverse = (1 << 19) / s.sixteenths;
    for (uint32_t i = 0; i < width; i++)
        c->codes[row * width + i] = (int8_t)mote_clamp8(mote_round(x[i] * inverse, 15 + s.exponent));
    c->scales[row] = (uint8_t)(s.exponent << 4 | (uint32_t)(s.sixteenths - 16));
}

static void store(const cache *c, const shape *s, uint32_t slot, const int16_t *x)
{
    const uint32_t first = slot * s->kv_heads;
    if (c->wide)
        memcpy(c->wide + first * s->width, x, s->kv_heads * s->width * sizeof *x);
    else
        for (uint32_t head = 0; head < s->kv_heads; head++)
            store_codes(c, first + head, s->width, x + head * s->width);
}

/* Describes the rows of a cache that belong to one head, from the first on. */
static mote_attention_head over(const cache *c, const shape *s, uint32_t kv_head)
{
    return (mote_attention_head){.codes = c->codes ? c->codes + kv_head * s->width : NULL,
                                 .wide = c->wide ? c->wide + kv_head * s->width : NULL,
                                 .scales = c->scales ? c->scales + kv_head : NULL,
                                 .width = s->width,
                                 .stride = s->kv_heads * s->width,
                                 .scale_stride = s->kv_heads};
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const shape sh = shape_of(s->model, operands, params);
    const cache keys = cache_of(s, operands[MOTE_ATTENTION_KEYS], operands[MOTE_ATTENTION_KEY_SCALES]);
    const cache values = cache_of(s, operands[MOTE_ATTENTION_VALUES], operands[MOTE_ATTENTION_VALUE_SCALES]);
    const uint32_t *turns = mote_constant(s->model, operands[MOTE_ATTENTION_ANGLES]);
    const uint32_t slot = s->position % sh.context;
    const uint32_t count = s->position < sh.context ? s->position + 1 : sh.context;
    int16_t *y = mote_data_mutable(s, operands[MOTE_OUT(ATTENTION, Y)]),
            *scores = mote_data_mutable(s, operands[MOTE_OUT(ATTENTION, SCRATCH)]);
    rotate(y, mote_data(s, operands[MOTE_ATTENTION_K]), sh.kv_heads, sh.width, turns, s->position);
    store(&keys, &sh, slot, y);
    store(&values, &sh, slot, mote_data(s, operands[MOTE_ATTENTION_V]));
    rotate(y, mote_data(s, operands[MOTE_ATTENTION_Q]), sh.heads, sh.width, turns, s->position);
    for (uint32_t head = 0; head < sh.heads; head++, y += sh.width) {
        const uint32_t kv_head = head / (sh.heads / sh.kv_heads);
        mote_attention_head look = over(&keys, &sh, kv_head), mix = over(&values, &sh, kv_head);
        look.q = mix.y = y;
        look.scores = mix.scores = scores;
        look.count = mix.count = count;
        look.shift = params[MOTE_ATTENTION_SCORE_SHIFT];
        look.factor = params[MOTE_ATTENTION_SCORE];
        s->kernels->attention_scores(&look);
        s->kernels->softmax(scores, count);
        s->kernels->attention_mix(&mix);
    }
}

const mote_op_kind mote_op_attention = {
    .fits = fits,
    .run = run,
    .work = work,
};
