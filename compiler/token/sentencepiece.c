/* Reads a tokenizer.model of SentencePiece: a message of protocol buffers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/token/token.h"
#include "runtime/tokenizer.h"

enum { MOST = MOTE_NO_INDEX - 1 };

/* Numbers of the fields that are read, and the values of enumerations, as sentencepiece_model.proto defines them. */
enum { MODEL_PIECE = 1, MODEL_TRAINER = 2, MODEL_NORMALIZER = 3 };
enum { PIECE_TEXT = 1, PIECE_SCORE = 2, PIECE_TYPE = 3 };
enum { TRAINER_MODEL_TYPE = 3, TRAINER_UNKNOWN = 40, TRAINER_START = 41, TRAINER_STOP = 42 };
enum { NORMALIZER_NAME = 1, NORMALIZER_MAP = 2, NORMALIZER_SPACE_FIRST = 3, NORMALIZER_ESCAPES = 5 };
enum { NORMAL = 1, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE };
enum { UNIGRAM = 1, BPE, WORD, CHARACTER };
enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

/* Part of a message that is still unread, or the contents of a field of bytes. */
typedef struct span {
    const uint8_t *at;
    size_t size;
} span;

typedef struct field {
    uint32_t number, wire;
    uint64_t value; /* of a number */
    span bytes;
} field;

typedef struct reading {
    uint32_t count;
    mote_bpe_token tokens[MOST];
    float scores[MOST];
    uint8_t types[MOST];
    uint8_t *texts; /* texts of tokens, with spaces in place of their marks; as large as the file */
    size_t text_size;
    mote_bpe_tokenizer head;
    int64_t unknown, start, stop; /* -1: none */
    uint64_t model_type;
    bool space_first, escapes;
} reading;

static bool varint(span *s, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; shift < 64 && s->size; shift += 7) {
        const uint8_t byte = *s->at++;
        s->size--;
        *value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return true;
    }
    return false;
}

static bool fixed(span *s, uint32_t size, uint64_t *value)
{
    if (s->size < size)
        return false;
    *value = 0;
    memcpy(value, s->at, size); /* little-endian, as this machine */
    s->at += size;
    s->size -= size;
    return true;
}

/* Reads the next field. False if it is not within the message or of a wire type that is not in use. */
static bool next(span *s, field *f)
{
    uint64_t key, size;
    *f = (field){0};
    if (!varint(s, &key) || key >> 3 > UINT32_MAX)
        return false;
    f->number = (uint32_t)(key >> 3);
    f->wire = key & 7;
    if (f->wire == WIRE_VARINT)
        return varint(s, &f->value);
    if (f->wire == WIRE_64 || f->wire == WIRE_32)
        return fixed(s, f->wire == WIRE_64 ? 8 : 4, &f->value);
    if (f->wire != WIRE_BYTES || !varint(s, &size) || size > s->size)
        return false;
    f->bytes = (span){s->at, (size_t)size};
    s->at += size;
    s->size -= (size_t)size;
    return true;
}

static bool damaged(const char *what, mote_error *error)
{
    return mote_fail(error, MOTE_E_FORMAT, "its %s is damaged", what);
}

/* Copies the text of a token, with spaces in place of the marks of white space (U+2581). */
static span take_text(reading *r, span text)
{
    static const uint8_t mark[] = {0xe2, 0x96, 0x81};
    uint8_t *to = r->texts + r->text_size;
    size_t size = 0;
    for (size_t i = 0; i < text.size;) {
        const bool space = text.size - i >= sizeof mark && memcmp(text.at + i, mark, sizeof mark) == 0;
        to[size++] = space ? ' ' : text.at[i];
        i += space ? sizeof mark : 1;
    }
    r->text_size += size;
    return (span){to, size};
}

/* Reads the byte of a piece "<0x0A>". */
static bool byte_of(span text, uint8_t *byte)
{
    char name[8];
    for (int i = 0; i < 256; i++) {
        snprintf(name, sizeof name, "<0x%02X>", i);
        *byte = (uint8_t)i;
        if (text.size == strlen(name) && memcmp(text.at, name, text.size) == 0)
            return true;
    }
    return false;
}

static bool add_byte(reading *r, span text, mote_error *error)
{
    uint8_t *to = r->texts + r->text_size;
    if (!byte_of(text, to))
        return mote_fail(error, MOTE_E_FORMAT, "token %u is of type BYTE and not named like <0x0A>", r->count);
    r->text_size++;
    r->head.of_byte[*to] = (uint16_t)r->count;
    r->tokens[r->count] = (mote_bpe_token){to, 1, 0};
    return true;
}

static bool add_piece(reading *r, span text, uint64_t type, float score, mote_error *error)
{
    static const char *const refused[] = {[USER_DEFINED] = "USER_DEFINED", [UNUSED] = "UNUSED"};
    if (r->count == MOST)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "more than %d tokens", MOST);
    if (type < NORMAL || type > BYTE || !isfinite(score))
        return damaged("list of tokens", error);
    if (type == USER_DEFINED || type == UNUSED)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "token %u is of type %s, which cannot be imported", r->count,
                         refused[type]);
    r->types[r->count] = (uint8_t)type;
    r->scores[r->count] = score;
    r->tokens[r->count] = (mote_bpe_token){0};
    if (type == BYTE && !add_byte(r, text, error))
        return false;
    if (type == NORMAL) {
        const span copy = take_text(r, text);
        if (copy.size > MOTE_TOKEN_SIZE)
            return mote_fail(error, MOTE_E_UNSUPPORTED, "token %u has %zu bytes; at most %u are supported", r->count,
                             copy.size, MOTE_TOKEN_SIZE);
        r->tokens[r->count] = (mote_bpe_token){copy.at, (uint32_t)copy.size, copy.size > 0};
    }
    r->count++;
    return true;
}

static bool read_piece(reading *r, span message, mote_error *error)
{
    span text = {0};
    uint64_t type = NORMAL;
    float score = 0;
    for (field f; message.size;) {
        if (!next(&message, &f))
            return damaged("list of tokens", error);
        if (f.number == PIECE_TEXT && f.wire == WIRE_BYTES)
            text = f.bytes;
        else if (f.number == PIECE_SCORE && f.wire == WIRE_32)
            memcpy(&score, &f.value, sizeof score);
        else if (f.number == PIECE_TYPE && f.wire == WIRE_VARINT)
            type = f.value;
    }
    return add_piece(r, text, type, score, error);
}

static bool read_trainer(reading *r, span message, mote_error *error)
{
    for (field f; message.size;) {
        if (!next(&message, &f))
            return damaged("trainer_spec", error);
        if (f.wire != WIRE_VARINT)
            continue;
        if (f.number == TRAINER_MODEL_TYPE)
            r->model_type = f.value;
        if (f.number == TRAINER_UNKNOWN)
            r->unknown = (int32_t)f.value;
        if (f.number == TRAINER_START)
            r->start = (int32_t)f.value;
        if (f.number == TRAINER_STOP)
            r->stop = (int32_t)f.value;
    }
    return true;
}

static bool read_normalizer(reading *r, span message, mote_error *error)
{
    span name = {0}, map = {0};
    for (field f; message.size;) {
        if (!next(&message, &f))
            return damaged("normalizer_spec", error);
        if (f.number == NORMALIZER_NAME)
            name = f.bytes;
        else if (f.number == NORMALIZER_MAP)
            map = f.bytes;
        else if (f.number == NORMALIZER_SPACE_FIRST)
            r->space_first = f.value;
        else if (f.number == NORMALIZER_ESCAPES)
            r->escapes = f.value;
    }
    if (map.size)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "its normalizer is %.*s; only identity can be imported (--normalization_rule_name=identity)",
                         name.size < 40 ? (int)name.size : 40, (const char *)name.at);
    return r->escapes || mote_fail(error, MOTE_E_UNSUPPORTED, "escape_whitespaces is false; it cannot be imported");
}

static bool read_model(reading *r, span message, mote_error *error)
{
    for (field f; message.size;) {
        if (!next(&message, &f))
            return damaged("outer message", error);
        if (f.wire == WIRE_BYTES && ((f.number == MODEL_PIECE && !read_piece(r, f.bytes, error)) ||
                                     (f.number == MODEL_TRAINER && !read_trainer(r, f.bytes, error)) ||
                                     (f.number == MODEL_NORMALIZER && !read_normalizer(r, f.bytes, error))))
            return false;
    }
    return true;
}

static bool known_type(const reading *r, mote_error *error)
{
    static const char *const names[] = {[UNIGRAM] = "UNIGRAM", [WORD] = "WORD", [CHARACTER] = "CHAR"};
    if (r->model_type == BPE)
        return true;
    return mote_fail(error, MOTE_E_UNSUPPORTED, "its model_type is %s; only BPE can be imported",
                     r->model_type >= UNIGRAM && r->model_type <= CHARACTER ? names[r->model_type] : "unknown");
}

/* Returns the token if it is a control token, MOTE_NO_INDEX otherwise. */
static uint16_t control(const reading *r, int64_t token)
{
    return token >= 0 && token < r->count && r->types[token] == CONTROL ? (uint16_t)token : MOTE_NO_INDEX;
}

static bool take_head(reading *r, mote_error *error)
{
    mote_bpe_tokenizer *head = &r->head;
    if (r->unknown < 0 || r->unknown >= r->count || r->types[r->unknown] != UNKNOWN)
        return mote_fail(error, MOTE_E_FORMAT, "unk_id %lld is not a token of type UNKNOWN", (long long)r->unknown);
    for (int i = 0; i < 256; i++)
        if (head->of_byte[i] == MOTE_NO_INDEX)
            head->of_byte[i] = (uint16_t)r->unknown;
    const uint16_t start = control(r, r->start);
    head->kind = MOTE_TOKENIZER_BPE;
    head->vocabulary = (uint16_t)r->count;
    head->unknown = (uint16_t)r->unknown;
    head->stop = control(r, r->stop);
    head->start = start != MOTE_NO_INDEX ? start : head->stop != MOTE_NO_INDEX ? head->stop : head->unknown;
    head->flags = (uint16_t)((r->space_first ? MOTE_TOKENIZER_SPACE_FIRST : 0) |
                             (start != MOTE_NO_INDEX ? MOTE_TOKENIZER_START_FIRST : 0));
    return true;
}

static bool convert(reading *r, const mote_bytes *file, mote_bytes *section, mote_error *error)
{
    r->unknown = 0, r->start = 1, r->stop = 2, r->model_type = UNIGRAM;
    r->space_first = r->escapes = true;
    memset(r->head.of_byte, 0xff, sizeof r->head.of_byte);
    return read_model(r, (span){file->data, file->size}, error) && known_type(r, error) && take_head(r, error) &&
           mote_bpe_rank(r->tokens, r->scores, r->count, error) && mote_bpe_build(&r->head, r->tokens, section, error);
}

bool mote_sentencepiece_read(const mote_bytes *file, mote_bytes *section, mote_error *error)
{
    reading *r = calloc(1, sizeof *r);
    uint8_t *texts = malloc(file->size + 1);
    if (r)
        r->texts = texts;
    const bool done =
        r && texts ? convert(r, file, section, error) : mote_fail(error, MOTE_E_INTERNAL, "no memory for a vocabulary");
    free(texts);
    free(r);
    return done;
}
