/* Sampling options, shared by `mote run` and `mote sim`. docs/BENCHMARKS.md has the measurement behind the defaults. */
#ifndef MOTE_CLI_SAMPLING_H
#define MOTE_CLI_SAMPLING_H

#include <mote_text.h>

#include "cli/options.h"

typedef struct mote_sampling {
    double temperature, top_p;
    long top_k, seed;
} mote_sampling;

#define MOTE_SAMPLING_DEFAULT                                                                                          \
    {                                                                                                                  \
        .temperature = 0.6, .top_p = 1, .top_k = 0, .seed = 1                                                          \
    }

/* Rows of an option table that set the fields of `s`, a mote_sampling. */
#define MOTE_SAMPLING_OPTIONS(s)                                                                                       \
    {.name = "temperature",                                                                                            \
     .letter = 't',                                                                                                    \
     .kind = MOTE_OPTION_REAL,                                                                                         \
     .target = &(s).temperature,                                                                                       \
     .argument = "T",                                                                                                  \
     .max = 1000,                                                                                                      \
     .help = "0 always takes the likeliest, more is bolder; default: 0.6"},                                            \
        {.name = "top-k",                                                                                              \
         .kind = MOTE_OPTION_INT,                                                                                      \
         .target = &(s).top_k,                                                                                         \
         .argument = "K",                                                                                              \
         .max = 65535,                                                                                                 \
         .help = "draw among the K likeliest only; default: 0, all"},                                                  \
        {.name = "top-p",                                                                                              \
         .kind = MOTE_OPTION_REAL,                                                                                     \
         .target = &(s).top_p,                                                                                         \
         .argument = "P",                                                                                              \
         .max = 1,                                                                                                     \
         .help = "draw among the fewest likeliest that together reach P; default: 1, all"},                            \
    {                                                                                                                  \
        .name = "seed", .letter = 's', .kind = MOTE_OPTION_INT, .target = &(s).seed, .argument = "N",                  \
        .help = "the same seed gives the same text, here and on a chip; default: 1"                                    \
    }

mote_sampler mote_sampler_of(const mote_sampling *s);

#endif
