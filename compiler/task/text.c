/* Text as samples: one token per sample. */
#include "compiler/graph/cross_entropy.h"
#include "compiler/task/source.h"
#include "runtime/model.h"

enum { LEAST = 128 };

static void fill(const mote_source *s, const mote_sample_row *rows, uint32_t count, mote_batch *b)
{
    const uint16_t *tokens = (const uint16_t *)s->data + s->first;
    uint16_t *ids = b->inputs[0], *targets = b->targets;
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = rows[i].input == MOTE_START ? s->start : tokens[rows[i].input];
        targets[i] = rows[i].target == MOTE_ABSENT ? MOTE_NO_TARGET : tokens[rows[i].target];
    }
}

mote_source mote_text_source(const mote_graph *g, const uint16_t *tokens, size_t count)
{
    const mote_tokenizer *t = (const void *)g->tokenizer;
    return (mote_source){.count = count,
                         .least = LEAST,
                         .is_text = true,
                         .start = t ? t->start : 0,
                         .task = &mote_task_nats,
                         .data = tokens,
                         .fill = fill};
}
