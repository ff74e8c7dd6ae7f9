/* Reads the tokenizer.json of Hugging Face: byte pair encoding, on bytes as GPT-2 or on characters as SentencePiece. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/token/merges.h"
#include "compiler/token/token.h"
#include "runtime/tokenizer.h"

enum { MOST = MOTE_NO_INDEX - 1, LARGEST_FILE = 64 << 20 };

static const char space_mark[] = "\xe2\x96\x81"; /* U+2581, in place of spaces */

typedef struct reading {
    const json_t *root, *model, *vocabulary;
    mote_error *error;
    uint32_t count;
    bool byte_level; /* texts have a character for each byte */
    bool marks;      /* spaces are replaced by their mark */
    bool one_space;  /* a word has a mark only at its beginning */
    bool special[MOST];
    const char *keys[MOST]; /* texts as in the file, NULL if none */
    mote_bpe_token tokens[MOST];
    float scores[MOST];
    mote_bpe_tokenizer head;
    uint8_t *texts;
    size_t text_size;
} reading;

static bool is(const json_t *value, const char *text)
{
    return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

static bool refuse(const reading *r, const char *part, const json_t *value)
{
    return mote_fail(r->error, MOTE_E_UNSUPPORTED, "its %s is %.60s, which cannot be imported", part,
                     json_is_string(value) ? json_string_value(value) : "of no known type");
}

static bool refuse_option(const reading *r, const char *part, const char *option)
{
    return mote_fail(r->error, MOTE_E_UNSUPPORTED, "its %s has another %s than can be imported", part, option);
}

/* True for the value that changes nothing: absent, null, false, "" or 0. */
static bool is_off(const json_t *value)
{
    return !value || json_is_null(value) || json_is_false(value) || is(value, "") ||
           (json_is_number(value) && json_number_value(value) == 0);
}

/* Calls `take` for an object or, if it is a Sequence, for its members. NULL and null are nothing. */
static bool each(reading *r, const json_t *object, const char *members, bool (*take)(reading *r, const json_t *o))
{
    if (!object || json_is_null(object))
        return true;
    if (!is(json_object_get(object, "type"), "Sequence"))
        return take(r, object);
    const json_t *list = json_object_get(object, members);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!take(r, json_array_get(list, i)))
            return false;
    return true;
}

static bool take_normalizer(reading *r, const json_t *o)
{
    const json_t *type = json_object_get(o, "type"), *pattern = json_object_get(o, "pattern");
    if (is(type, "Prepend") && is(json_object_get(o, "prepend"), space_mark)) {
        r->head.flags |= MOTE_TOKENIZER_SPACE_FIRST;
        return true;
    }
    if (is(type, "Replace") && is(json_object_get(pattern, "String"), " ") &&
        is(json_object_get(o, "content"), space_mark))
        return r->marks = true;
    return refuse(r, "normalizer", type);
}

static bool take_metaspace(reading *r, const json_t *o)
{
    const json_t *scheme = json_object_get(o, "prepend_scheme");
    if (!is(json_object_get(o, "replacement"), space_mark))
        return refuse_option(r, "Metaspace", "replacement");
    r->marks = true;
    r->one_space = !json_is_false(json_object_get(o, "split"));
    if (scheme ? !is(scheme, "never") : !json_is_false(json_object_get(o, "add_prefix_space")))
        r->head.flags |= MOTE_TOKENIZER_SPACE_FIRST | MOTE_TOKENIZER_SPACE_ONCE;
    return true;
}

static bool take_splitter(reading *r, const json_t *o)
{
    const json_t *type = json_object_get(o, "type");
    if (is(type, "Metaspace"))
        return take_metaspace(r, o);
    if (is(type, "Digits")) {
        r->head.flags |= MOTE_TOKENIZER_DIGITS;
        if (r->byte_level)
            return refuse_option(r, "pre_tokenizer", "order of Digits and ByteLevel");
        return json_is_true(json_object_get(o, "individual_digits")) || refuse_option(r, "Digits", "individual_digits");
    }
    if (!is(type, "ByteLevel"))
        return refuse(r, "pre_tokenizer", type);
    r->byte_level = true;
    r->head.flags |= MOTE_TOKENIZER_FROM_BYTES;
    if (!json_is_false(json_object_get(o, "use_regex")))
        r->head.flags |= MOTE_TOKENIZER_WORDS;
    if (!json_is_false(json_object_get(o, "add_prefix_space")))
        r->head.flags |= MOTE_TOKENIZER_SPACE_FIRST | MOTE_TOKENIZER_SPACE_ONCE;
    return true;
}

static uint32_t token_of(const reading *r, const char *key)
{
    const json_t *id = json_object_get(r->vocabulary, key);
    return json_is_integer(id) ? (uint32_t)json_integer_value(id) : MOTE_NO_INDEX;
}

/* Finds a token of the vocabulary or an added one. */
static uint32_t named(const reading *r, const char *key)
{
    for (uint32_t i = 0; i < r->count; i++)
        if (r->keys[i] && strcmp(r->keys[i], key) == 0)
            return i;
    return MOTE_NO_INDEX;
}

/* Takes the token that a template puts before a text. Fails if it puts one elsewhere. */
static bool take_template(reading *r, const json_t *o)
{
    const json_t *type = json_object_get(o, "type"), *single = json_object_get(o, "single");
    if (is(type, "ByteLevel"))
        return true;
    if (!is(type, "TemplateProcessing"))
        return refuse(r, "post_processor", type);
    bool text = false;
    for (size_t i = 0; i < json_array_size(single); i++) {
        const json_t *part = json_array_get(single, i),
                     *name = json_object_get(json_object_get(part, "SpecialToken"), "id");
        text |= json_object_get(part, "Sequence") != NULL;
        if (!name)
            continue;
        const uint32_t token = json_is_string(name) ? named(r, json_string_value(name)) : MOTE_NO_INDEX;
        if (i || text || token == MOTE_NO_INDEX)
            return refuse(r, "post_processor's special token", name);
        r->head.start = (uint16_t)token;
        r->head.flags |= MOTE_TOKENIZER_START_FIRST;
    }
    return true;
}

static bool add_token(reading *r, const char *key, const json_t *id, bool special)
{
    const json_int_t token = json_integer_value(id);
    if (!json_is_integer(id) || token < 0)
        return mote_fail(r->error, MOTE_E_FORMAT, "token %.60s has no number", key);
    if (token >= MOST)
        return mote_fail(r->error, MOTE_E_UNSUPPORTED, "more than %d tokens", MOST);
    if (r->keys[token] && strcmp(r->keys[token], key) != 0)
        return mote_fail(r->error, MOTE_E_FORMAT, "tokens %.60s and %.60s have one number", r->keys[token], key);
    r->keys[token] = key;
    r->special[token] |= special;
    r->count = token >= r->count ? (uint32_t)token + 1 : r->count;
    return true;
}

/* Reads the vocabulary and, as special tokens, those that were added to it. */
static bool take_tokens(reading *r)
{
    const json_t *added = json_object_get(r->root, "added_tokens"), *id;
    const char *key;
    json_object_foreach((json_t *)r->vocabulary, key, id)
    {
        if (!add_token(r, key, id, false))
            return false;
    }
    for (size_t i = 0; i < json_array_size(added); i++) {
        const json_t *o = json_array_get(added, i);
        const char *text = json_string_value(json_object_get(o, "content"));
        if (!text)
            return mote_fail(r->error, MOTE_E_FORMAT, "added token %zu has no content", i);
        if (!json_is_true(json_object_get(o, "special")))
            return mote_fail(r->error, MOTE_E_UNSUPPORTED,
                             "added token %.60s is not special; a tokenizer that finds it before it merges cannot be "
                             "imported",
                             text);
        if (!add_token(r, text, json_object_get(o, "id"), true))
            return false;
    }
    return r->count || mote_fail(r->error, MOTE_E_FORMAT, "its vocabulary is empty");
}

/* Fails for settings that can be imported alone and not together. */
static bool fit_together(const reading *r)
{
    const uint32_t flags = r->head.flags;
    if (r->byte_level && r->marks)
        return refuse_option(r, "pre_tokenizer", "mix of ByteLevel and marks of spaces");
    if (flags & MOTE_TOKENIZER_DIGITS && (!(flags & MOTE_TOKENIZER_WORDS) || flags & MOTE_TOKENIZER_SPACE_FIRST))
        return refuse_option(r, "pre_tokenizer", "mix of Digits and others");
    if (flags & MOTE_TOKENIZER_SPACE_FIRST && !r->byte_level && !r->marks)
        return refuse_option(r, "normalizer", "Replace of spaces");
    return true;
}

static bool take_settings(reading *r)
{
    static const char *const off[] = {"dropout", "continuing_subword_prefix", "end_of_word_suffix", "ignore_merges"};
    const json_t *type = json_object_get(r->model, "type");
    if (!is(type, "BPE"))
        return refuse(r, "model", type);
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        if (!is_off(json_object_get(r->model, off[i])))
            return refuse_option(r, "model", off[i]);
    return each(r, json_object_get(r->root, "normalizer"), "normalizers", take_normalizer) &&
           each(r, json_object_get(r->root, "pre_tokenizer"), "pretokenizers", take_splitter) && fit_together(r);
}

/* Returns the byte of a character of the byte-level alphabet, 256 if it is none: bytes that print stand for themselves,
 * the others (0 to 32, 127 to 160, 173) follow in this order from U+0100 on. */
static uint32_t byte_of(uint32_t code)
{
    enum { OTHERS = 256, AFTER_SPACE = OTHERS + 33, SOFT_HYPHEN = AFTER_SPACE + 34 };
    if (code < OTHERS)
        return (code >= 33 && code <= 126) || (code >= 161 && code != 173) ? code : 256;
    if (code < AFTER_SPACE)
        return code - OTHERS;
    if (code < SOFT_HYPHEN)
        return code - AFTER_SPACE + 127;
    return code == SOFT_HYPHEN ? 173 : 256;
}

/* Appends the text of a token, decoded from its key. False if the key has a character that is no byte. */
static bool take_text(reading *r, const char *key, mote_bpe_token *token)
{
    const size_t size = strlen(key);
    uint8_t *to = r->texts + r->text_size;
    uint32_t length = 0;
    for (size_t i = 0, n; i < size; i += n) {
        n = mote_character((const uint8_t *)key + i, size - i);
        if (r->byte_level) {
            const uint8_t *c = (const uint8_t *)key + i;
            const uint32_t byte = byte_of(n == 1 ? c[0] : n == 2 ? (c[0] & 31u) << 6 | (c[1] & 63u) : UINT32_MAX);
            if (byte == 256)
                return false;
            to[length++] = (uint8_t)byte;
        } else if (r->marks && n == 3 && memcmp(key + i, space_mark, 3) == 0) {
            to[length++] = ' ';
        } else {
            memcpy(to + length, key + i, n);
            length += (uint32_t)n;
        }
    }
    *token = (mote_bpe_token){to, length, 0};
    r->text_size += length;
    return true;
}

/* Writes the tokens of the characters of a key. Returns their number; 0 if one has no token or they are too many. */
static uint32_t spell(const reading *r, const char *key, uint16_t symbols[MOTE_TOKEN_SIZE])
{
    const size_t size = strlen(key);
    uint32_t count = 0;
    char character[5];
    for (size_t i = 0, n; i < size; i += n) {
        n = mote_character((const uint8_t *)key + i, size - i);
        snprintf(character, sizeof character, "%.*s", (int)n, key + i);
        const uint32_t token = token_of(r, character);
        if (token >= r->count || r->special[token] || count == MOTE_TOKEN_SIZE)
            return 0;
        symbols[count++] = (uint16_t)token;
    }
    return count;
}

static bool has_inner_mark(const char *key)
{
    return strlen(key) > 3 && strstr(key + 1, space_mark);
}

/* Ranks a token by the merge that makes it. A token that its own text does not give can never be made: it keeps rank 0,
 * as the file's encoder makes it from no text. */
static void score(reading *r, const mote_merges *merges, uint32_t token)
{
    uint16_t symbols[MOTE_TOKEN_SIZE];
    const uint32_t count = spell(r, r->keys[token], symbols);
    uint32_t last = merges->count;
    if (!count || (r->one_space && has_inner_mark(r->keys[token])))
        return;
    if (mote_merges_apply(merges, symbols, count, &last) != 1 || symbols[0] != token)
        return;
    r->tokens[token].rank = r->tokens[token].size > 0;
    r->scores[token] = -(float)last;
}

/* Gives the tokens "<0x00>" to "<0xFF>" their byte. */
static void take_byte_tokens(reading *r)
{
    for (int i = 0; i < 256; i++) {
        char name[8];
        snprintf(name, sizeof name, "<0x%02X>", i);
        const uint32_t token = token_of(r, name);
        if (token >= r->count)
            continue;
        r->texts[r->text_size] = (uint8_t)i;
        r->tokens[token] = (mote_bpe_token){r->texts + r->text_size++, 1, 0};
        r->head.of_byte[i] = (uint16_t)token;
    }
}

/* Fills of_byte for bytes without a byte token: the token of the byte in a byte-level tokenizer, else unknown. */
static bool take_other_bytes(reading *r)
{
    const json_t *unknown = json_object_get(r->model, "unk_token");
    const uint32_t token = json_is_string(unknown) ? named(r, json_string_value(unknown)) : MOTE_NO_INDEX;
    r->head.unknown = (uint16_t)(token < r->count ? token : MOTE_NO_INDEX);
    for (uint32_t i = 0; i < r->count; i++)
        if (r->byte_level && r->tokens[i].rank && r->tokens[i].size == 1)
            r->head.of_byte[r->tokens[i].text[0]] = (uint16_t)i;
    for (int i = 0; i < 256; i++) {
        if (r->head.of_byte[i] == MOTE_NO_INDEX)
            r->head.of_byte[i] = r->head.unknown;
        if (r->head.of_byte[i] == MOTE_NO_INDEX)
            return mote_fail(r->error, MOTE_E_UNSUPPORTED,
                             "byte 0x%02X has no token, and there is no unknown token in its place", (unsigned)i);
    }
    return true;
}

/* Returns the first of these names that is a special token. */
static uint16_t special_of(const reading *r, const char *const *names)
{
    for (; *names; names++)
        for (uint32_t i = 0; i < r->count; i++)
            if (r->special[i] && strcmp(r->keys[i], *names) == 0)
                return (uint16_t)i;
    return MOTE_NO_INDEX;
}

/* Chooses the tokens that begin and end a text. The file does not tell them: their names are customs. */
static void take_ends(reading *r)
{
    static const char *const starts[] = {"<s>",   "<|startoftext|>", "<|begin_of_text|>", "<bos>",
                                         "[BOS]", "<BOS>",           "<|endoftext|>",     NULL};
    static const char *const stops[] = {"</s>", "<|endoftext|>", "<|end_of_text|>", "<eos>", "[EOS]", "<EOS>", NULL};
    r->head.stop = special_of(r, stops);
    if (r->head.flags & MOTE_TOKENIZER_START_FIRST)
        return;
    r->head.start = special_of(r, starts);
    if (r->head.start == MOTE_NO_INDEX)
        r->head.start = r->head.stop != MOTE_NO_INDEX ? r->head.stop : r->head.of_byte['\n'];
}

static bool take_merges(reading *r, mote_merges *merges)
{
    const json_t *list = json_object_get(r->model, "merges");
    if (!json_is_array(list))
        return mote_fail(r->error, MOTE_E_FORMAT, "its model has no merges");
    if (!mote_merges_init(merges, json_array_size(list), r->error))
        return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *pair = json_array_get(list, i);
        const char *text = json_string_value(pair), *gap = text ? strchr(text, ' ') : NULL;
        const char *first = gap ? text : json_string_value(json_array_get(pair, 0)),
                   *second = gap ? gap + 1 : json_string_value(json_array_get(pair, 1));
        char halves[2][4 * MOTE_TOKEN_SIZE + 1], joined[8 * MOTE_TOKEN_SIZE + 1];
        const int size = gap ? (int)(gap - text) : (int)sizeof halves[0];
        if (!first || !second)
            return mote_fail(r->error, MOTE_E_FORMAT, "merge %zu is not a pair of texts", i);
        snprintf(halves[0], sizeof halves[0], "%.*s", size, first);
        snprintf(halves[1], sizeof halves[1], "%s", second);
        snprintf(joined, sizeof joined, "%s%s", halves[0], halves[1]);
        const uint32_t a = token_of(r, halves[0]), b = token_of(r, halves[1]), both = token_of(r, joined);
        if (a >= r->count || b >= r->count || both >= r->count)
            return mote_fail(r->error, MOTE_E_FORMAT, "merge %zu, %.40s %.40s, is not of tokens of the vocabulary", i,
                             halves[0], halves[1]);
        mote_merges_add(merges, (uint16_t)a, (uint16_t)b, (uint16_t)both);
    }
    return true;
}

static bool take_texts(reading *r, const mote_merges *merges)
{
    for (uint32_t i = 0; i < r->count; i++) {
        if (!r->keys[i] || r->special[i])
            continue;
        if (!take_text(r, r->keys[i], &r->tokens[i]))
            return mote_fail(r->error, MOTE_E_FORMAT, "token %u, %.60s, has a character that is no byte", i,
                             r->keys[i]);
        if (r->tokens[i].size > MOTE_TOKEN_SIZE)
            return mote_fail(r->error, MOTE_E_UNSUPPORTED, "token %u has %u bytes; at most %u are supported", i,
                             r->tokens[i].size, MOTE_TOKEN_SIZE);
        score(r, merges, i);
    }
    return true;
}

static bool convert(reading *r, mote_bytes *section)
{
    mote_merges merges = {0};
    r->head.kind = MOTE_TOKENIZER_BPE;
    memset(r->head.of_byte, 0xff, sizeof r->head.of_byte);
    bool done = take_settings(r) && take_tokens(r) &&
                each(r, json_object_get(r->root, "post_processor"), "processors", take_template) &&
                take_merges(r, &merges) && take_texts(r, &merges);
    mote_merges_free(&merges);
    if (done && json_is_true(json_object_get(r->model, "byte_fallback")))
        take_byte_tokens(r);
    if (!done || !take_other_bytes(r))
        return false;
    take_ends(r);
    r->head.vocabulary = (uint16_t)r->count;
    return mote_bpe_rank(r->tokens, r->scores, r->count, r->error) &&
           mote_bpe_build(&r->head, r->tokens, section, r->error);
}

bool mote_tokenizer_json_read(const mote_bytes *file, mote_bytes *section, mote_error *error)
{
    if (file->size > LARGEST_FILE)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "%zu bytes; at most %d are supported", file->size, LARGEST_FILE);
    json_error_t why;
    json_t *root = json_loadb((const char *)file->data, file->size, JSON_REJECT_DUPLICATES, &why);
    reading *r = calloc(1, sizeof *r);
    uint8_t *texts = malloc(file->size + 256); /* of tokens, at most as long as their keys, and of bytes */
    bool done = false;
    if (!root)
        mote_fail(error, MOTE_E_FORMAT, "not valid JSON: line %d, column %d: %.200s", why.line, why.column, why.text);
    else if (!r || !texts)
        mote_fail(error, MOTE_E_INTERNAL, "no memory for a vocabulary");
    else {
        const json_t *model = json_object_get(root, "model");
        *r = (reading){.root = root,
                       .model = model,
                       .vocabulary = json_object_get(model, "vocab"),
                       .error = error,
                       .texts = texts};
        done = convert(r, section);
    }
    free(texts);
    free(r);
    json_decref(root);
    return done;
}
