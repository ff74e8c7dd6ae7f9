/* libFuzzer target: the file of a foreign tokenizer gives a valid section, with which both encoders agree, or it is
 * refused with a message. The first byte of the input selects the format, the next one the size of a text at the end.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/token/encoder.h"
#include "compiler/token/token.h"
#include "runtime/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef bool reader(const mote_bytes *file, mote_bytes *section, mote_error *error);

static void *copy_of(const uint8_t *data, size_t size)
{
    void *copy = malloc(size + !size);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    return copy;
}

static volatile uint8_t last_byte; /* so that the bytes of tokens are read */

/* Encodes a text as the compiler and as the device does, and decodes every token. */
static void encode(const mote_tokenizer *t, const uint8_t *text, size_t size)
{
    mote_token_list list = {0};
    mote_error error = {0};
    uint16_t tokens[512];
    if (!mote_encode_text(t, text, size, &list, &error))
        abort();
    const int32_t count = mote_tokenizer_encode(t, text, size, tokens, sizeof tokens / sizeof *tokens);
    if (count >= 0 &&
        ((size_t)count != list.count || (count && memcmp(tokens, list.tokens, list.count * sizeof *tokens) != 0)))
        abort();
    for (size_t i = 0, bytes; i < list.count; i++) {
        const uint8_t *decoded =
            mote_tokenizer_decode(t, i ? list.tokens[i - 1] : MOTE_NO_INDEX, list.tokens[i], &bytes);
        for (size_t k = 0; k < bytes; k++)
            last_byte = decoded[k];
    }
    free(list.tokens);
}

/* A section that can be written as a tokenizer.bin is one that can be read. */
static void write_back(const mote_tokenizer *t)
{
    mote_bytes file, section;
    mote_error error = {0};
    if (!mote_llama2c_tokenizer_write(t, &file, &error))
        return;
    if (!mote_llama2c_tokenizer_read(&file, &section, &error))
        abort();
    free(section.data);
    free(file.data);
}

static void read_with(reader *read, const uint8_t *data, size_t size, const uint8_t *text, size_t text_size)
{
    mote_error error = {0};
    mote_bytes section, file = {copy_of(data, size), size};
    uint8_t *copy = copy_of(text, text_size);
    if (read(&file, &section, &error)) {
        if (!mote_tokenizer_fits(section.data, (uint32_t)section.size))
            abort();
        encode((const void *)section.data, copy, text_size);
        write_back((const void *)section.data);
        free(section.data);
    } else if (!error.code || !error.text[0]) {
        abort();
    }
    free(copy);
    free(file.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static reader *const readers[] = {mote_tokenizer_json_read, mote_sentencepiece_read, mote_llama2c_tokenizer_read};
    if (size < 2)
        return 0;
    const size_t rest = size - 2, text = data[1] < rest ? data[1] : rest;
    read_with(readers[data[0] % 3], data + 2, rest - text, data + 2 + rest - text, text);
    return 0;
}
