#include "compiler/plan/models.h"

#include <string.h>

const mote_chip_model mote_chip_models[MOTE_CHIP_MODELS] = {
#define MODEL(name, part, tokens, width, inner, depth, q, kv, positions)                                               \
    {name,                                                                                                             \
     part,                                                                                                             \
     {.vocabulary = tokens,                                                                                            \
      .dim = width,                                                                                                    \
      .hidden = inner,                                                                                                 \
      .layers = depth,                                                                                                 \
      .heads = q,                                                                                                      \
      .kv_heads = kv,                                                                                                  \
      .context = positions,                                                                                            \
      .theta = 10000,                                                                                                  \
      .epsilon = 1e-5f}},
#include "chip/models.def"
#undef MODEL
};

const mote_chip *mote_chip_of(const mote_chip_model *model)
{
    int i = 0;
    while (strcmp(mote_chips[i].name, model->part) != 0)
        i++;
    return &mote_chips[i];
}
