/* Sampling in integers, without extra memory. Tokens are ordered by descending score and, for equal scores, by
 * ascending token. Instead of sorting, each limit (top_k, then top_p of the remaining tokens) is a cut in this order,
 * found by summing weights by distance from the best score. */
#include "sample.h"

#include "kernels.h"
#include "ops/exp2.h"

#define STEP_BITS 6 /* bits of the distance found at a time; 3·STEP_BITS covers its 16 bits */
#define STEPS     (1u << STEP_BITS)
#define ALL       16 /* shift that puts every distance into the first step */

/* The tokens whose distance from the best score is below `distance`, and those at `distance` up to token `last`. */
typedef struct cut {
    uint32_t distance, last;
} cut;

typedef struct scores {
    const int16_t *values;
    uint32_t count, excluded;
    int32_t best;  /* highest score */
    uint32_t one;  /* the best score has the weight 2^one; count·2^one is below 2^32 */
    uint32_t rate; /* a token at distance d from the best has the weight 2^(one - d·rate/2^25) */
} scores;

/* Returns 32 random bits: xoroshiro64** (Blackman and Vigna), chosen because it uses 32-bit arithmetic. */
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

/* The finalizer of MurmurHash3, so that similar seeds give unrelated sequences. */
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

/* Adds the weight of each token of `c` at a distance of at least `from` to the sum of its step. Steps are 2^shift
 * distances wide and start at `from`; only the first STEPS are summed. Stops at the token with which a sum reaches
 * `limit` and returns it, or returns the number of tokens. */
static uint32_t add_up(const scores *s, const cut *c, uint32_t from, uint32_t shift, uint32_t limit,
                       uint32_t *restrict sums)
{
    const uint32_t edge = c->distance - from, reach = edge >> shift < STEPS ? edge : (STEPS << shift) - 1;
    const int16_t *values = s->values;
    const int32_t begin = s->best - (int32_t)from;
    const uint32_t count = s->count;
    uint32_t i = 0;
    for (; i < count; i++) {
        const uint32_t beyond = (uint32_t)(begin - values[i]);
        if (beyond <= reach && i != s->excluded && (beyond < edge || i <= c->last) &&
            (sums[beyond >> shift] += mote_exp2(s->one, (from + beyond) * s->rate >> 9)) >= limit)
            break;
    }
    return i;
}

/* Narrows `c` to the fewest best tokens whose weights sum to at least `target` and returns that sum. The weights of all
 * its tokens must reach `target`. Finds STEP_BITS bits of the distance at a time. */
static uint32_t narrow(const scores *s, cut *c, uint32_t target)
{
    uint32_t from = 0, mass = 0;
    for (uint32_t shift = 3 * STEP_BITS; shift > 0;) {
        uint32_t sums[STEPS] = {0}, step = 0;
        shift -= STEP_BITS;
        add_up(s, c, from, shift, UINT32_MAX, sums);
        for (; step < STEPS - 1 && mass + sums[step] < target; step++)
            mass += sums[step];
        from += step << shift;
    }
    if (from < c->distance)
        *c = (cut){from, s->count};
    c->last = add_up(s, c, from, ALL, target, &mass);
    return mass;
}

/* Adds up the weights of the tokens of `c` until they reach `limit`. Returns the token with which they do, else count;
 * *sum gets what was added. The loop is that of every token of every score, so it keeps everything in registers: a
 * range ends at the excluded token, and after c->last, from where on tokens at c->distance do not count. */
static uint32_t add_all(const scores *s, const cut *c, uint32_t limit, uint32_t *sum)
{
    const int32_t best = s->best;
    const uint32_t rate = s->rate, down = 30 - s->one;
    uint32_t total = 0, i = 0;
    while (i < s->count) {
        const uint32_t near = c->distance + (i <= c->last);
        uint32_t end = i <= s->excluded && s->excluded < s->count ? s->excluded : s->count;
        if (i <= c->last && c->last < end)
            end = c->last + 1;
        for (; i < end; i++) {
            const uint32_t distance = (uint32_t)(best - s->values[i]);
            if (distance < near && (total += mote_exp2_down(down, distance * rate >> 9)) >= limit)
                return i;
        }
        i += i == s->excluded;
    }
    *sum = total;
    return s->count;
}

uint32_t mote_sample_scores(const mote_kernels *kernels, const int16_t *values, uint32_t count, uint32_t excluded,
                            mote_sampler *sampler)
{
    const uint32_t best = kernels->argmax(values, count, excluded);
    if (sampler->temperature == 0 || best == excluded)
        return best;
    scores s = {values, count, excluded, values[best], 30, 0};
    while (1u << s.one > UINT32_MAX / count)
        s.one--;
    cut c = {UINT16_MAX, count};
    if (sampler->top_k > 0 && sampler->top_k < count)
        narrow(&s, &c, sampler->top_k << s.one);
    s.rate = 3098164009u / sampler->temperature; /* log2(e) · 2^16 · 2^9 / 1024 / T */
    /* Distance from which on weights are 0. */
    const uint32_t far = s.rate ? ((s.one + 1) << 25) / s.rate : UINT16_MAX;
    if (far < c.distance)
        c = (cut){far, count};
    uint32_t total = 0;
    add_all(&s, &c, UINT32_MAX, &total);
    if (sampler->top_p < 65536)
        total = narrow(&s, &c, (uint32_t)((uint64_t)total * sampler->top_p >> 16));
    return add_all(&s, &c, 1 + (uint32_t)((uint64_t)random32(&sampler->rng) * total >> 32), &total);
}
