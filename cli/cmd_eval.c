#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/options.h"
#include "cli/progress.h"
#include "cli/speaker.h"
#include "cli/verbs.h"

#define LARGEST_FILE ((size_t)1 << 30)

enum { CHUNK = 256 };

typedef struct measured {
    const char *path;
    size_t file_size;
    bool packed;
    double bits_per_byte;
} measured;

/* −log2 of the probability that a softmax of the scores gives a token. */
static double bits_of(const float *scores, uint32_t count, uint32_t token)
{
    float highest = scores[0];
    for (uint32_t i = 1; i < count; i++)
        highest = fmaxf(highest, scores[i]);
    double sum = exp((double)(scores[0] - highest));
    for (uint32_t i = 1; i < count; i++)
        sum += exp((double)(scores[i] - highest));
    return (log(sum) - (double)(scores[token] - highest)) / log(2);
}

/* What naming a byte costs once its token is known: the unknown token stands for several. */
static double unknown_bits(const mote_tokenizer *any)
{
    const mote_byte_tokenizer *t = (const void *)any;
    int bytes = 0;
    for (int i = 0; i < 256; i++)
        bytes += t->to_token[i] == t->unknown;
    return bytes ? log2(bytes) : 0;
}

/* Every byte counts, the first after the token that begins a sequence. */
static double bits_per_byte(mote_speaker *s, const char *path, const uint8_t *text, size_t size)
{
    const double extra = unknown_bits(s->tokenizer);
    mote_progress progress = mote_progress_begin(path, size);
    uint16_t tokens[CHUNK], last = s->tokenizer->start;
    double bits = 0;
    for (size_t done = 0; done < size;) {
        const uint32_t count = size - done < CHUNK ? (uint32_t)(size - done) : CHUNK;
        for (uint32_t i = 0; i < count; i++) {
            tokens[i] = last;
            last = ((const mote_byte_tokenizer *)s->tokenizer)->to_token[text[done + i]];
        }
        const float *scores = mote_speaker_feed(s, tokens, count);
        for (uint32_t i = 0; i < count; i++) {
            const uint16_t token = ((const mote_byte_tokenizer *)s->tokenizer)->to_token[text[done + i]];
            bits += bits_of(scores + (size_t)i * s->vocabulary, s->vocabulary, token);
            bits += token == s->tokenizer->unknown ? extra : 0;
        }
        done += count;
        mote_progress_update(&progress, done, "%.4f bits/byte", bits / (double)done);
    }
    mote_progress_end(&progress);
    return bits / (double)size;
}

static bool measure(measured *m, const uint8_t *text, size_t size, mote_error *error)
{
    mote_speaker s;
    if (!mote_speaker_open(&s, m->path, CHUNK, error))
        return false;
    m->file_size = s.file.size;
    m->packed = s.packed;
    m->bits_per_byte = bits_per_byte(&s, m->path, text, size);
    mote_speaker_close(&s);
    return true;
}

static void print_table(const measured *m, int count)
{
    printf("%10s  %9s  %8s  model\n", "bits/byte", "to first", "bytes");
    for (int i = 0; i < count; i++) {
        printf("%10.4f  ", m[i].bits_per_byte);
        if (i)
            printf("%+7.2f %%", 100 * (m[i].bits_per_byte / m[0].bits_per_byte - 1));
        else
            printf("%9s", "");
        printf("  %8zu  %s%s\n", m[i].file_size, m[i].path, m[i].packed ? "" : " (float)");
    }
}

static void print_json(const measured *m, int count, size_t text_bytes)
{
    json_t *models = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(models, json_pack("{s:s, s:I, s:b, s:f}", "model", m[i].path, "file_bytes",
                                                (json_int_t)m[i].file_size, "packed", m[i].packed, "bits_per_byte",
                                                m[i].bits_per_byte));
    json_t *all = json_pack("{s:I, s:o}", "text_bytes", (json_int_t)text_bytes, "models", models);
    json_dumpf(all, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    putchar('\n');
    json_decref(all);
}

static bool evaluate(char **paths, int count, const char *text_path, double from, bool json, mote_error *error)
{
    mote_bytes text;
    if (!mote_file_read(text_path, LARGEST_FILE, &text, error))
        return false;
    const size_t skipped = (size_t)((double)text.size * from), size = text.size - skipped;
    measured *m = calloc((size_t)count, sizeof *m);
    bool done = m && size;
    if (!m)
        mote_fail(error, MOTE_E_INTERNAL, "no memory for %d results", count);
    else if (!size)
        mote_fail(error, MOTE_E_FORMAT, "%s: there is no text to read; give one that is not empty", text_path);
    for (int i = 0; done && i < count; i++) {
        m[i].path = paths[i];
        done = measure(&m[i], text.data + skipped, size, error);
    }
    if (done && json)
        print_json(m, count, size);
    else if (done)
        print_table(m, count);
    free(m);
    free(text.data);
    return done;
}

int mote_cmd_eval(int argc, char **argv)
{
    const char *text = NULL;
    double from = 0;
    bool json = false;
    const mote_option options[] = {{.name = "text",
                                    .kind = MOTE_OPTION_TEXT,
                                    .target = &text,
                                    .argument = "FILE",
                                    .help = "the text to measure on"},
                                   {.name = "from",
                                    .kind = MOTE_OPTION_REAL,
                                    .target = &from,
                                    .argument = "FRACTION",
                                    .max = 1,
                                    .help = "begin after this part of the text; default: 0"},
                                   {.name = "json", .kind = MOTE_OPTION_FLAG, .target = &json, .help = "print JSON"},
                                   {0}};
    const mote_command command = {
        .name = "eval",
        .operands = "MODEL... --text FILE [OPTIONS]",
        .summary = "Measures how well models foresee a text, in bits per byte, less being better: side by side, each "
                   "compared\n"
                   "with the first.",
        .options = options,
        .examples = "  mote eval float.mote int8.mote ternary.mote --text shakespeare.txt --from 0.9\n",
        .min_operands = 1,
        .max_operands = -1,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    mote_error error = {0};
    if (!text) {
        mote_fail(&error, MOTE_E_USAGE, "no text named; add --text FILE");
        return mote_report("eval", &error);
    }
    return evaluate(operands, count, text, from, json, &error) ? MOTE_OK : mote_report("eval", &error);
}
