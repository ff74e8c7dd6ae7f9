/* Sampling in integers, without memory: instead of sorting, each limit (top_k, then top_p of what is left) is a cut in
 * the order "higher score first, among equals the lower token first", found by bisection over the score. */
#include "sample.h"

#include "kernels.h"
#include "model.h"
#include "ops/exp2.h"

typedef struct cut { /* tokens above `level`, and at `level` up to token `last` */
    int32_t level;
    uint32_t last;
} cut;

typedef struct scores {
    const int16_t *values;
    uint32_t count, excluded;
    int32_t best; /* highest score */
    uint32_t one; /* the best score weighs 2^one; count times that is below 2^32 */
} scores;

/* 32 random bits: xoroshiro64** (Blackman and Vigna), for its 32-bit arithmetic. */
static uint32_t random32(uint64_t *rng)
{
    uint32_t a = (uint32_t)*rng, b = (uint32_t)(*rng >> 32);
    const uint32_t mixed = a * 0x9e3779bbu;
    const uint32_t result = (mixed << 5 | mixed >> 27) * 5;
    b ^= a;
    a = (a << 26 | a >> 6) ^ b ^ b << 9;
    b = b << 13 | b >> 19;
    *rng = (uint64_t)b << 32 | a;
    return result;
}

/* The finaliser of MurmurHash3, so that neighbouring seeds begin apart. */
static uint32_t mix32(uint32_t v)
{
    v = (v ^ v >> 16) * 0x85ebca6bu;
    v = (v ^ v >> 13) * 0xc2b2ae35u;
    return v ^ v >> 16;
}

mote_sampler mote_sampler_init(uint64_t seed)
{
    const uint32_t low = mix32((uint32_t)seed), high = mix32((uint32_t)(seed >> 32) ^ 0x9e3779b9u) ^ low;
    const uint64_t rng = (uint64_t)high << 32 | low;
    return (mote_sampler){.rng = rng ? rng : 1, .temperature = 65536, .top_p = 65536};
}

/* The distance to the best beyond which a token weighs nothing. */
static uint32_t horizon(uint32_t rate)
{
    return rate ? (31u << 25) / rate : UINT32_MAX;
}

/* exp of a token's distance to the best at 2^9/rate of the temperature; rate 0 gives all tokens the best's weight.
 * rate = log2(e) · 2^16 · 2^9 / 1024 / T. `far` = horizon(rate), so that a loop divides once. */
static uint32_t weight(const scores *s, uint32_t token, uint32_t rate, uint32_t far)
{
    const uint32_t distance = (uint32_t)(s->best - s->values[token]);
    return distance > far ? 0 : mote_exp2(s->one, distance * rate >> 9);
}

static int contains(const scores *s, const cut *c, uint32_t token)
{
    const int32_t v = s->values[token];
    return token != s->excluded && (v > c->level || (v == c->level && token <= c->last));
}

static uint32_t mass(const scores *s, const cut *c, uint32_t rate)
{
    const uint32_t far = horizon(rate);
    uint32_t sum = 0;
    for (uint32_t i = 0; i < s->count; i++)
        if (contains(s, c, i))
            sum += weight(s, i, rate, far);
    return sum;
}

/* The fewest best tokens of `c` whose weights reach `target`, which the whole of `c` does. */
static cut narrow(const scores *s, const cut *c, uint32_t rate, uint32_t target)
{
    int32_t low = c->level, high = s->best;
    while (low < high) {
        const int32_t middle = low + (high - low + 1) / 2;
        const cut trial = {middle, s->count};
        if (mass(s, &trial, rate) >= target)
            low = middle;
        else
            high = middle - 1;
    }
    const cut above = {low + 1, s->count};
    const uint32_t far = horizon(rate);
    uint32_t sum = mass(s, &above, rate);
    for (uint32_t i = 0; i < s->count; i++)
        if (s->values[i] == low && contains(s, c, i) && (sum += weight(s, i, rate, far)) >= target)
            return (cut){low, i};
    return *c;
}

static uint32_t draw(const scores *s, const cut *c, uint32_t rate, uint32_t total, uint64_t *rng)
{
    const uint32_t far = horizon(rate);
    uint32_t left = (uint32_t)((uint64_t)random32(rng) * total >> 32);
    for (uint32_t i = 0; i < s->count; i++) {
        if (!contains(s, c, i))
            continue;
        const uint32_t w = weight(s, i, rate, far);
        if (left < w)
            return i;
        left -= w;
    }
    return 0;
}

uint32_t mote_sample_scores(const mote_kernels *kernels, const int16_t *values, uint32_t count, uint32_t excluded,
                            mote_sampler *sampler)
{
    const uint32_t best = kernels->argmax(values, count, excluded);
    if (sampler->temperature == 0 || best == excluded)
        return best;
    scores s = {values, count, excluded, values[best], 30};
    while (1u << s.one > UINT32_MAX / count)
        s.one--;
    const uint32_t rate = 3098164009u / sampler->temperature;
    cut c = {INT16_MIN, count};
    if (sampler->top_k > 0 && sampler->top_k < count)
        c = narrow(&s, &c, 0, sampler->top_k << s.one);
    uint32_t total = mass(&s, &c, rate);
    if (sampler->top_p < 65536) {
        c = narrow(&s, &c, rate, (uint32_t)((uint64_t)total * sampler->top_p >> 16));
        total = mass(&s, &c, rate);
    }
    return draw(&s, &c, rate, total, &sampler->rng);
}

uint32_t mote_sample(mote_session *s, mote_sampler *sampler)
{
    return mote_sample_scores(s->kernels, mote_logits(s), s->model->vocabulary, mote_unknown_token(s->model), sampler);
}
