#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/eval_samples.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/speaker.h"
#include "cli/verbs.h"
#include "compiler/task/arrays.h"
#include "compiler/token/encoder.h"
#include "compiler/token/token.h"
#include "runtime/tokenizer.h"

#define LARGEST_FILE ((size_t)1 << 30)

enum { CHUNK = 256 };

/* Division of a text into sequences. */
typedef struct protocol {
    bool lines;  /* every line that is not empty is a separate text */
    long window; /* tokens of a sequence, or with lines the maximum number of tokens scored per line; 0: no limit */
} protocol;

typedef struct measured {
    const char *path;
    size_t file_size;
    bool packed, pairs;
    double bits_per_byte, nats_per_token;
    size_t tokens;
} measured;

/* A running measurement. */
typedef struct tally {
    mote_speaker *speaker;
    mote_encoder *encoder;
    mote_token_list list; /* tokens of the current text */
    mote_progress progress;
    double nats, unknown_bits; /* unknown_bits: bits to identify bytes whose token stands for several bytes */
    size_t tokens, bytes;      /* numbers scored */
} tally;

/* Returns −ln of the probability of a token by the softmax of the scores. */
static double nats_of(const float *scores, uint32_t count, uint32_t token)
{
    float highest = scores[0];
    for (uint32_t i = 1; i < count; i++)
        highest = fmaxf(highest, scores[i]);
    double sum = exp((double)(scores[0] - highest));
    for (uint32_t i = 1; i < count; i++)
        sum += exp((double)(scores[i] - highest));
    return log(sum) - (double)(scores[token] - highest);
}

static double bits_per_byte(const tally *t)
{
    return t->bytes ? (t->nats / log(2) + t->unknown_bits) / (double)t->bytes : NAN;
}

/* Scores the tokens of a sequence, each after those before it and the first after `last`. */
static void score(tally *t, uint16_t last, const uint16_t *tokens, size_t count)
{
    mote_speaker *s = t->speaker;
    const double extra = mote_tokenizer_unknown_bits(s->tokenizer);
    uint16_t fed[CHUNK];
    mote_speaker_reset(s);
    for (size_t done = 0; done < count;) {
        const uint32_t n = count - done < CHUNK ? (uint32_t)(count - done) : CHUNK;
        for (uint32_t i = 0; i < n; i++) {
            fed[i] = last;
            last = tokens[done + i];
        }
        const float *scores = mote_speaker_feed(s, fed, n);
        for (uint32_t i = 0; i < n; i++) {
            const uint16_t token = tokens[done + i];
            t->nats += nats_of(scores + (size_t)i * s->vocabulary, s->vocabulary, token);
            t->unknown_bits += token == s->tokenizer->unknown ? extra : 0;
        }
        done += n;
        t->tokens += n;
    }
}

static size_t bytes_of(const mote_tokenizer *t, const uint16_t *tokens, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0, size; i < count; i++, bytes += size)
        mote_tokenizer_decode(t, i ? tokens[i - 1] : t->start, tokens[i], &size);
    return bytes;
}

static void show(tally *t, size_t done)
{
    mote_progress_update(&t->progress, done, "%.4f bits/byte", bits_per_byte(t));
}

static bool score_lines(tally *t, const uint8_t *text, size_t size, const protocol *p, mote_error *error)
{
    for (size_t at = 0, length; at < size; at += length + 1) {
        const uint8_t *end = memchr(text + at, '\n', size - at);
        length = end ? (size_t)(end - text) - at : size - at;
        t->list.count = 0;
        if (!mote_encoder_run(t->encoder, text + at, length, &t->list, error))
            return false;
        const size_t most = (size_t)p->window, count = most && t->list.count > most ? most : t->list.count;
        t->bytes += bytes_of(t->speaker->tokenizer, t->list.tokens, count);
        score(t, t->speaker->tokenizer->start, t->list.tokens, count);
        show(t, at + length);
    }
    return t->tokens || mote_fail(error, MOTE_E_FORMAT, "all lines of the text are empty");
}

/* Scores a text in windows. For models whose texts begin with the start token a window begins with it, as a separate
 * text. For others a window follows the token before it. Validation in training does the same. */
static bool score_windows(tally *t, const uint8_t *text, size_t size, const protocol *p, mote_error *error)
{
    if (!mote_encoder_run(t->encoder, text, size, &t->list, error))
        return false;
    const size_t all = t->list.count, window = p->window ? (size_t)p->window : all;
    const mote_tokenizer *tokenizer = t->speaker->tokenizer;
    const bool anew = mote_tokenizer_starts_first(tokenizer);
    for (size_t at = 0, n; at < all; at += n) {
        n = all - at < window ? all - at : window;
        score(t, at && !anew ? t->list.tokens[at - 1] : tokenizer->start, t->list.tokens + at, n);
        t->bytes = (size_t)((double)size * (double)(at + n) / (double)all);
        show(t, t->bytes);
    }
    return true;
}

static bool measure(measured *m, const uint8_t *text, size_t size, const protocol *p, mote_error *error)
{
    mote_speaker s;
    if (!mote_speaker_open(&s, m->path, "mote eval --text", CHUNK, error))
        return false;
    tally t = {.speaker = &s, .encoder = mote_encoder_new(s.tokenizer, error)};
    t.progress = mote_progress_begin(m->path, size);
    const bool done = t.encoder && (p->lines ? score_lines : score_windows)(&t, text, size, p, error);
    mote_progress_end(&t.progress);
    m->file_size = s.file.size;
    m->packed = s.packed;
    m->pairs = s.tokenizer->kind == MOTE_TOKENIZER_BPE;
    m->bits_per_byte = bits_per_byte(&t);
    m->nats_per_token = t.nats / (double)t.tokens;
    m->tokens = t.tokens;
    mote_encoder_free(t.encoder);
    free(t.list.tokens);
    mote_speaker_close(&s);
    return done;
}

/* Returns true if nats per token should be printed: if tokens are bytes, they add nothing to bits per byte. */
static bool tokens_matter(const measured *m, int count, const protocol *p)
{
    bool matter = p->lines || p->window;
    for (int i = 0; i < count; i++)
        matter = matter || m[i].pairs;
    return matter;
}

static void print_table(const measured *m, int count, const protocol *p)
{
    const bool tokens = tokens_matter(m, count, p);
    printf("%10s  %9s  ", "bits/byte", "to first");
    if (tokens)
        printf("%10s  %8s  ", "nats/token", "tokens");
    printf("%8s  model\n", "bytes");
    for (int i = 0; i < count; i++) {
        printf("%10.4f  ", m[i].bits_per_byte);
        if (i)
            printf("%+7.2f %%  ", 100 * (m[i].bits_per_byte / m[0].bits_per_byte - 1));
        else
            printf("%9s  ", "");
        if (tokens)
            printf("%10.5f  %8zu  ", m[i].nats_per_token, m[i].tokens);
        printf("%8zu  %s%s\n", m[i].file_size, m[i].path, m[i].packed ? "" : " (float)");
    }
}

static void print_json(const measured *m, int count, size_t text_bytes)
{
    json_t *models = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(models, json_pack("{s:o, s:I, s:b, s:f, s:f, s:I}", "model", mote_json_text(m[i].path),
                                                "file_bytes", (json_int_t)m[i].file_size, "packed", m[i].packed,
                                                "bits_per_byte", m[i].bits_per_byte, "nats_per_token",
                                                m[i].nats_per_token, "tokens", (json_int_t)m[i].tokens));
    json_t *all = json_pack("{s:I, s:o}", "text_bytes", (json_int_t)text_bytes, "models", models);
    mote_json_print(all, JSON_INDENT(2));
}

static bool evaluate(char **paths, int count, const char *text_path, double from, const protocol *p, bool json,
                     mote_error *error)
{
    mote_bytes text;
    if (!mote_file_read(text_path, LARGEST_FILE, &text, error))
        return false;
    const size_t skipped = (size_t)((double)text.size * from), size = text.size - skipped;
    measured *m = calloc((size_t)count, sizeof *m);
    bool done = m && size;
    if (!m)
        mote_fail(error, MOTE_E_INTERNAL, "no memory for %d results", count);
    else if (!text.size)
        mote_fail(error, MOTE_E_FORMAT, "%s: the text is empty", text_path);
    else if (!size)
        mote_fail(error, MOTE_E_USAGE, "%s: --from %g leaves no text to measure on; make it smaller", text_path, from);
    for (int i = 0; done && i < count; i++) {
        m[i].path = paths[i];
        done = measure(&m[i], text.data + skipped, size, p, error);
    }
    if (done && json)
        print_json(m, count, size);
    else if (done)
        print_table(m, count, p);
    free(m);
    free(text.data);
    return done;
}

int mote_cmd_eval(int argc, char **argv)
{
    const char *text = NULL, *named = NULL;
    double from = 0;
    bool json = false;
    protocol how = {0};
    const mote_option options[] = {
        {.name = "data",
         .kind = MOTE_OPTION_TEXT,
         .target = &named,
         .argument = "DATA",
         .help = "samples to measure networks on that are no language models: a folder with a folder of files for each "
                 "class, DATA.csv with a line of values and the class for each sample, or DATA.npz with an array for "
                 "each input and \"targets\"",
         .excludes = "text"},
        {.name = "text", .kind = MOTE_OPTION_INPUT, .target = &text, .argument = "FILE", .help = "text to measure on"},
        {.name = "from",
         .kind = MOTE_OPTION_REAL,
         .target = &from,
         .argument = "FRACTION",
         .max = 1,
         .help = "start after this fraction of the text; default: 0",
         .needs = "text"},
        {.name = "window",
         .kind = MOTE_OPTION_INT,
         .target = &how.window,
         .argument = "N",
         .help = "start a new sequence every N tokens, as the validation of transformers in training does; its first "
                 "input is the previous token, or the start token at the start of the text and in models that begin "
                 "every text with it; default: one sequence",
         .min = 1,
         .max = 1 << 30,
         .needs = "text"},
        {.name = "lines",
         .kind = MOTE_OPTION_FLAG,
         .target = &how.lines,
         .help = "treat every line as a separate text; with --window only its first N tokens count",
         .needs = "text"},
        {.name = "json", .kind = MOTE_OPTION_FLAG, .target = &json, .help = "print JSON"},
        {0}};
    const mote_command command = {
        .name = "eval",
        .operands = "MODEL... --text FILE | --data DATA [OPTIONS]",
        .summary = "Measures how well models predict a text, in bits per byte (lower is better) and in nats per "
                   "token:\n"
                   "side by side, each compared with the first. Other networks are measured on "
                   "samples with\ntargets: accuracy, each class, or the mean squared error.",
        .options = options,
        .examples = "  mote eval float.mote int8.mote ternary.mote --text shakespeare.txt --from 0.9\n"
                    "  mote eval stories.mote --text stories.txt --window 512\n"
                    "  mote eval gestures.mote --data test.npz\n"
                    "  mote eval float.mote int8.mote --data pictures/\n",
        .min_operands = 1,
        .max_operands = -1,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    mote_error error = {0};
    const bool last = !text && !named && mote_names_arrays(operands[count - 1]);
    const char *data = last ? operands[count - 1] : named;
    if (named)
        return mote_eval_samples(operands, count, named, json, &error) ? MOTE_OK : mote_report("eval", &error);
    if (data && count > 1)
        return mote_eval_samples(operands, count - 1, data, json, &error) ? MOTE_OK : mote_report("eval", &error);
    if (!text) {
        mote_fail(&error, MOTE_E_USAGE,
                  data ? "no model named; usage: mote eval MODEL... DATA.npz"
                       : "nothing to measure on; add --text FILE for language models, --data DATA for other networks");
        return mote_report("eval", &error);
    }
    return evaluate(operands, count, text, from, &how, json, &error) ? MOTE_OK : mote_report("eval", &error);
}
