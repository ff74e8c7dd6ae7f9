#include "model.h"

/* Without a tokenizer tokens are bytes. */

uint32_t mote_token_of_byte(const mote_model *m, uint8_t byte)
{
    const mote_byte_tokenizer *t = m->tokenizer;
    if (t)
        return t->to_token[byte];
    return byte < m->vocabulary ? byte : 0;
}

uint8_t mote_byte_of_token(const mote_model *m, uint32_t token)
{
    const mote_byte_tokenizer *t = m->tokenizer;
    if (token >= 256 || token >= m->vocabulary)
        return '?';
    return t ? t->to_byte[token] : (uint8_t)token;
}

uint32_t mote_start_token(const mote_model *m)
{
    const mote_byte_tokenizer *t = m->tokenizer;
    return t ? t->start : 0;
}
