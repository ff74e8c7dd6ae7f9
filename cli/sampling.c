#include "cli/sampling.h"

static uint32_t in_65536ths(double value)
{
    return (uint32_t)(value * 65536 + 0.5);
}

mote_sampler mote_sampler_of(const mote_sampling *s)
{
    mote_sampler sampler = mote_sampler_init((uint64_t)s->seed);
    sampler.temperature = in_65536ths(s->temperature);
    sampler.top_k = (uint32_t)s->top_k;
    sampler.top_p = in_65536ths(s->top_p);
    return sampler;
}
