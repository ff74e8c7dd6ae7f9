/* `mote tokenizer`: trains, converts and shows tokenizers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/json.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "compiler/token/encoder.h"
#include "compiler/token/token.h"
#include "runtime/tokenizer.h"

#define LARGEST_TEXT ((size_t)1 << 30)

typedef struct request {
    const char *out, *from, *encode;
    long vocabulary;
    bool all_bytes, show, json, llama2c;
    char **operands;
    int operand_count;
} request;

static const mote_tokenizer *head_of(const mote_bytes *section)
{
    return (const void *)section->data;
}

/* Prints a text with escapes for line breaks and control characters; leaves UTF-8 unchanged. */
static void print_escaped(const uint8_t *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const uint8_t c = text[i];
        if (c == '\n' || c == '\\' || c == '"')
            printf("\\%c", c == '\n' ? 'n' : c);
        else if (c < ' ' || c == 127 || (c >= 128 && size == 1))
            printf("\\x%02x", c);
        else
            putchar(c);
    }
}

static void print_token(const mote_tokenizer *t, uint32_t token)
{
    size_t size;
    const uint8_t *text = mote_tokenizer_decode(t, MOTE_NO_INDEX, token, &size);
    putchar('"');
    print_escaped(text, size);
    putchar('"');
}

static void show(const mote_tokenizer *t)
{
    const bool pairs = t->kind == MOTE_TOKENIZER_BPE;
    const mote_bpe bpe = pairs ? mote_bpe_of(t) : (mote_bpe){0};
    printf("%6s  %6s  text\n", "token", "rank");
    for (uint32_t i = 0; i < t->vocabulary; i++) {
        printf("%6u  %6d  ", i, pairs ? bpe.ranks[i] : 0);
        print_token(t, i);
        printf("%s%s\n", i == t->unknown ? "  unknown" : "",
               i == t->start                  ? "  start"
               : pairs && i == bpe.head->stop ? "  stop"
                                              : "");
    }
}

static json_t *json_of_hex(const uint8_t *bytes, size_t size)
{
    char text[2 * MOTE_TOKEN_SIZE + 1] = "";
    for (size_t i = 0; i < size; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return json_string(text);
}

/* Returns a token as JSON: `bytes` in hexadecimal, because not every token is valid UTF-8, and `text` if it is. */
static json_t *json_of_token(const mote_tokenizer *t, uint32_t token, uint32_t rank)
{
    size_t size;
    const uint8_t *bytes = mote_tokenizer_decode(t, MOTE_NO_INDEX, token, &size);
    json_t *object = json_pack("{s:I, s:I, s:o}", "token", (json_int_t)token, "rank", (json_int_t)rank, "bytes",
                               json_of_hex(bytes, size));
    json_object_set_new(object, "text", json_stringn((const char *)bytes, size));
    return object;
}

static json_t *json_of_special(uint32_t token)
{
    return token == MOTE_NO_INDEX ? json_null() : json_integer(token);
}

static void show_json(const mote_tokenizer *t)
{
    const bool pairs = t->kind == MOTE_TOKENIZER_BPE;
    const mote_bpe bpe = pairs ? mote_bpe_of(t) : (mote_bpe){0};
    json_t *tokens = json_array();
    for (uint32_t i = 0; i < t->vocabulary; i++)
        json_array_append_new(tokens, json_of_token(t, i, pairs ? bpe.ranks[i] : 0));
    mote_json_print(json_pack("{s:i, s:o, s:o, s:o, s:o}", "vocabulary", t->vocabulary, "unknown",
                              json_of_special(t->unknown), "start", json_of_special(t->start), "stop",
                              json_of_special(pairs ? bpe.head->stop : MOTE_NO_INDEX), "tokens", tokens),
                    JSON_INDENT(2));
}

static bool show_encoded(const mote_tokenizer *t, const char *text, bool json, mote_error *error)
{
    mote_token_list list = {0};
    if (!mote_encode_text(t, (const uint8_t *)text, strlen(text), &list, error))
        return false;
    json_t *ids = json ? json_array() : NULL;
    for (size_t i = 0; i < list.count; i++) {
        if (json) {
            json_array_append_new(ids, json_integer(list.tokens[i]));
            continue;
        }
        printf("%6u  ", list.tokens[i]);
        print_token(t, list.tokens[i]);
        putchar('\n');
    }
    if (json)
        mote_json_print(ids, 0);
    free(list.tokens);
    return true;
}

static bool inspect(const request *r, mote_error *error)
{
    mote_bytes section;
    if (r->operand_count != 1)
        return mote_fail(error, MOTE_E_USAGE, "--show and --encode need the file of one tokenizer");
    if (r->json && r->show && r->encode)
        return mote_fail(error, MOTE_E_USAGE, "--json prints one answer; use --show or --encode");
    if (!mote_tokenizer_load(r->operands[0], &section, error))
        return false;
    if (r->show)
        (r->json ? show_json : show)(head_of(&section));
    const bool done = !r->encode || show_encoded(head_of(&section), r->encode, r->json, error);
    free(section.data);
    return done;
}

static bool save(const request *r, const mote_bytes *section, mote_error *error)
{
    mote_bytes file = *section;
    if (r->llama2c && !mote_llama2c_tokenizer_write(head_of(section), &file, error))
        return false;
    const bool saved = mote_file_write(r->out, file.data, file.size, error);
    if (r->llama2c)
        free(file.data);
    return saved;
}

/* Prints the size of the tokenizer and, with a text, its bytes per token. */
static void report(const request *r, const mote_bytes *section, size_t text_size, size_t token_count)
{
    const mote_tokenizer *t = head_of(section);
    const double each = token_count ? (double)text_size / (double)token_count : 0;
    if (r->json) {
        json_t *all = json_pack("{s:o, s:i, s:I}", "tokenizer", mote_json_text(r->out), "vocabulary", t->vocabulary,
                                "section_bytes", (json_int_t)section->size);
        if (text_size)
            json_object_update_new(all, json_pack("{s:I, s:I, s:f}", "text_bytes", (json_int_t)text_size, "tokens",
                                                  (json_int_t)token_count, "bytes_per_token", each));
        mote_json_print(all, JSON_INDENT(2));
        return;
    }
    printf("%s: %u tokens, %zu bytes in a model\n", r->out, t->vocabulary, section->size);
    if (text_size)
        printf("%zu bytes of text are %zu tokens: %.3f bytes per token\n", text_size, token_count, each);
}

static bool convert(const request *r, mote_error *error)
{
    mote_bytes section;
    if (r->operand_count)
        return mote_fail(error, MOTE_E_USAGE, "--from converts a tokenizer and learns nothing; leave out %s",
                         r->operands[0]);
    if (!mote_tokenizer_load(r->from, &section, error))
        return false;
    const bool saved = save(r, &section, error);
    if (saved)
        report(r, &section, 0, 0);
    free(section.data);
    return saved;
}

/* Reads the texts one after another into one buffer. */
static bool read_texts(const request *r, mote_bytes *all, mote_error *error)
{
    *all = (mote_bytes){0};
    for (int i = 0; i < r->operand_count; i++) {
        mote_bytes text;
        if (!mote_file_read(r->operands[i], LARGEST_TEXT - all->size, &text, error))
            return false;
        if (!text.size) {
            free(text.data);
            return mote_fail(error, MOTE_E_FORMAT, "%s is empty", r->operands[i]);
        }
        uint8_t *joined = realloc(all->data, all->size + text.size);
        if (joined) {
            memcpy(joined + all->size, text.data, text.size);
            *all = (mote_bytes){joined, all->size + text.size};
        }
        free(text.data);
        if (!joined)
            return mote_fail(error, MOTE_E_INTERNAL, "no memory for %zu bytes of text", all->size);
    }
    return true;
}

static bool learn_from(const request *r, const mote_bytes *text, mote_error *error)
{
    const mote_learn_options options = {(uint32_t)r->vocabulary, r->all_bytes, r->llama2c};
    mote_bytes section;
    mote_token_list list = {0};
    if (!mote_bpe_learn(text->data, text->size, &options, &section, error))
        return false;
    const bool done =
        mote_encode_text(head_of(&section), text->data, text->size, &list, error) && save(r, &section, error);
    if (done)
        report(r, &section, text->size, list.count);
    free(list.tokens);
    free(section.data);
    return done;
}

static bool learn(const request *r, mote_error *error)
{
    mote_bytes text;
    if (!r->vocabulary)
        return mote_fail(error, MOTE_E_USAGE, "no size of the vocabulary given; add --vocab N");
    const bool done = read_texts(r, &text, error) && learn_from(r, &text, error);
    free(text.data);
    return done;
}

static bool work(const request *r, mote_error *error)
{
    if (r->show || r->encode)
        return inspect(r, error);
    if (!r->from && !r->operand_count)
        return mote_fail(error, MOTE_E_USAGE, "no text named; name one to learn from, or a tokenizer with --from");
    if (!r->out && !r->from && !r->vocabulary)
        return mote_fail(
            error, MOTE_E_USAGE,
            "nothing to do with %s: --show lists the tokens of a tokenizer, --encode TEXT those of a text; "
            "--vocab N -o FILE learns tokens from texts",
            r->operands[0]);
    if (!r->out)
        return mote_fail(error, MOTE_E_USAGE, "no output named; add -o FILE");
    return r->from ? convert(r, error) : learn(r, error);
}

int mote_cmd_tokenizer(int argc, char **argv)
{
    request r = {0};
    const mote_option options[] = {
        {.name = "vocab",
         .kind = MOTE_OPTION_INT,
         .target = &r.vocabulary,
         .argument = "N",
         .min = 1,
         .max = MOTE_NO_INDEX - 1,
         .help = "tokens: the bytes that occur, one for all other bytes, and the most frequent pairs"},
        {.name = "output",
         .letter = 'o',
         .kind = MOTE_OPTION_OUTPUT,
         .target = &r.out,
         .argument = "FILE",
         .help = "the tokenizer to write",
         .not_stdout = "the size of the tokenizer is printed there"},
        {.name = "all-bytes",
         .kind = MOTE_OPTION_FLAG,
         .target = &r.all_bytes,
         .help = "include all 256 bytes, so that no byte is unknown",
         .needs = "vocab"},
        {.name = "from",
         .kind = MOTE_OPTION_INPUT,
         .target = &r.from,
         .argument = "FILE",
         .help = "convert a tokenizer.json of Hugging Face, a tokenizer.model of SentencePiece or a tokenizer.bin of "
                 "llama2.c, or extract the tokenizer of a model",
         .excludes = "vocab"},
        {.name = "llama2c",
         .kind = MOTE_OPTION_FLAG,
         .target = &r.llama2c,
         .help = "write a tokenizer.bin of llama2.c; its first 259 tokens are fixed, so tokens learned without this "
                 "option cannot be converted",
         .needs = "from vocab",
         .excludes = "all-bytes"},
        {.name = "show",
         .kind = MOTE_OPTION_FLAG,
         .target = &r.show,
         .help = "list the tokens of FILE",
         .excludes = "vocab output from"},
        {.name = "encode",
         .kind = MOTE_OPTION_TEXT,
         .target = &r.encode,
         .argument = "TEXT",
         .help = "print the tokens of a text as FILE encodes it",
         .excludes = "vocab output from"},
        {.name = "json", .kind = MOTE_OPTION_FLAG, .target = &r.json, .help = "print JSON"},
        {0},
    };
    const mote_command command = {
        .name = "tokenizer",
        .operands = "TEXT... --vocab N -o FILE | --from FILE -o FILE | FILE --show | FILE --encode TEXT",
        .summary =
            "Learns tokens from texts by byte pair encoding, for `mote train --tokenizer`; or converts and shows "
            "tokenizers.",
        .options = options,
        .examples = "  mote tokenizer shakespeare.txt --vocab 512 -o shakespeare.tok\n"
                    "  mote tokenizer shakespeare.tok --encode 'To be, or not to be'\n"
                    "  mote tokenizer shakespeare.txt --vocab 512 --llama2c -o tokenizer.bin\n"
                    "  mote tokenizer --from tokenizer.json -o stories.tok\n",
        .min_operands = 0,
        .max_operands = -1,
    };
    int exit_code;
    if (!mote_options_parse(&command, argc, argv, &r.operands, &r.operand_count, &exit_code))
        return exit_code;
    mote_error error = {0};
    return work(&r, &error) ? MOTE_OK : mote_report("tokenizer", &error);
}
