#include "run/detector.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 256, MOST_OUTPUTS = 64 };

static bool parse_real(float *to, const char *text, float most, char end, const char **rest)
{
    char *after;
    *to = strtof(text, &after);
    *rest = after;
    return after != text && *to >= 0 && *to <= most && *after == end;
}

/* Parses whole numbers from 1 to `most`, separated by commas, up to the end or a slash. Returns what follows, NULL for
 * anything else. */
static const char *parse_list(const char *text, unsigned long most, size_t room, unsigned long *to, size_t *count)
{
    for (*count = 0;; text++) {
        char *end;
        const unsigned long v = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;
        if (!v || v > most || *count == room)
            return NULL;
        to[(*count)++] = v;
        text = end;
        if (!*text || *text == '/')
            return text;
        if (*text != ',')
            return NULL;
    }
}

static bool parse_strides(mote_detector *d, const char *text)
{
    unsigned long v[MOTE_DETECT_STRIDES];
    size_t count;
    const char *end = parse_list(text, UINT8_MAX, MOTE_DETECT_STRIDES, v, &count);
    memset(d->strides, 0, sizeof d->strides);
    for (size_t i = 0; end && !*end && i < count; i++)
        d->strides[i] = (uint8_t)v[i];
    return end && !*end;
}

static bool parse_sizes(mote_detector *d, const char *text)
{
    memset(d->sizes, 0, sizeof d->sizes);
    for (size_t g = 0; text && g < MOTE_DETECT_STRIDES; g++) {
        unsigned long v[MOTE_DETECT_SIZES];
        size_t count;
        text = parse_list(text, UINT16_MAX, MOTE_DETECT_SIZES, v, &count);
        for (size_t i = 0; text && i < count; i++)
            d->sizes[g][i] = (uint16_t)v[i];
        if (text && !*text)
            return true;
        text += text ? 1 : 0;
    }
    return false;
}

static bool parse_word(mote_detector *d, const char *word)
{
    const char *rest;
    const bool ssd = d->kind == MOTE_DETECTOR_SSD;
    if (strncmp(word, "threshold=", 10) == 0)
        return parse_real(&d->threshold, word + 10, 1, 0, &rest);
    if (strncmp(word, "overlap=", 8) == 0)
        return d->kind != MOTE_DETECTOR_FOMO && parse_real(&d->overlap, word + 8, 1, 0, &rest);
    if (ssd && strncmp(word, "strides=", 8) == 0)
        return parse_strides(d, word + 8);
    if (ssd && strncmp(word, "sizes=", 6) == 0)
        return parse_sizes(d, word + 6);
    return ssd && strncmp(word, "variances=", 10) == 0 &&
           parse_real(&d->center_variance, word + 10, 1000, ',', &rest) &&
           parse_real(&d->size_variance, rest + 1, 1000, 0, &rest);
}

static bool parse_kind(mote_detector *d, const char *word, uint32_t width, uint32_t height)
{
    static const struct {
        const char *name;
        mote_detector (*make)(uint32_t width, uint32_t height);
    } kinds[] = {{"ultraface", mote_detector_ultraface},
                 {"ssd", mote_detector_ultraface},
                 {"yunet", mote_detector_yunet},
                 {"fomo", mote_detector_fomo}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(word, kinds[i].name) == 0)
            return *d = kinds[i].make(width, height), true;
    return false;
}

bool mote_detector_parse(mote_detector *d, const char *text, const mote_port *input, mote_error *error)
{
    char copy[LONGEST], *rest = copy, *word;
    if (strlen(text) >= sizeof copy)
        return mote_fail(error, MOTE_E_USAGE, "the description of boxes has more than %d characters", LONGEST - 1);
    if (input->rank < 2 || input->rank > 3)
        return mote_fail(error, MOTE_E_MISMATCH, "boxes are found in pictures, but input %s is none", input->name);
    strcpy(copy, text);
    while ((word = strsep(&rest, " ")) && !*word)
        ;
    if (!word || !parse_kind(d, word, input->dims[1], input->dims[0]))
        return mote_fail(error, MOTE_E_USAGE, "boxes '%s': begin with ultraface, yunet, fomo or ssd", word ? word : "");
    while ((word = strsep(&rest, " ")))
        if (*word && !parse_word(d, word))
            return mote_fail(
                error, MOTE_E_USAGE,
                "boxes '%s': the words are threshold=S and overlap=P, from 0 to 1, and for ssd strides=8,16, "
                "sizes=10,16/32,48 (of each stride) and variances=0.1,0.2",
                word);
    return true;
}

static uint32_t make_values(const mote_port *outputs, int count, const uint8_t *const *frames, mote_value *values)
{
    uint32_t made = 0;
    for (int i = 0; i < count && made < MOST_OUTPUTS; i++) {
        const mote_port *p = &outputs[i];
        const size_t columns = p->rank ? p->dims[p->rank - 1] : 1;
        values[made++] = (mote_value){.data = (void *)(uintptr_t)frames[i],
                                      .name = p->name,
                                      .dims = p->dims,
                                      .rank = p->rank,
                                      .size = (uint32_t)p->size,
                                      .stride = (uint32_t)(columns * p->size / (p->count ? p->count : 1)),
                                      .type = p->type,
                                      .scale = (float)p->scale,
                                      .zero_point = p->zero_point};
    }
    return made;
}

uint32_t mote_detect_frame(const mote_detector *d, const mote_port *outputs, int count, const uint8_t *const *frames,
                           mote_box *boxes)
{
    mote_value values[MOST_OUTPUTS];
    return mote_detect(d, values, make_values(outputs, count, frames, values), boxes, MOTE_MOST_BOXES);
}

bool mote_detector_check(const mote_detector *d, const mote_port *outputs, int count, const char *name,
                         mote_error *error)
{
    static const char *const needs[] = {
        [MOTE_DETECTOR_SSD] = "scores [boxes, classes] and offsets [boxes, 4], as many as the strides and sizes make",
        [MOTE_DETECTOR_YUNET] = "for each of its three grids [cells, 1] twice, [cells, 4] and [cells, 10]",
        [MOTE_DETECTOR_FOMO] = "a map [rows, columns, classes] as the first output"};
    const uint8_t some[1] = {0};
    const uint8_t *frames[MOST_OUTPUTS];
    mote_value values[MOST_OUTPUTS];
    for (int i = 0; i < MOST_OUTPUTS; i++)
        frames[i] = some;
    return mote_detector_fits(d, values,
                              make_values(outputs, count < MOST_OUTPUTS ? count : MOST_OUTPUTS, frames, values)) ||
           mote_fail(error, MOTE_E_MISMATCH,
                     "%s does not have the outputs that these boxes need: %s, for an input of %u by %u pixels", name,
                     needs[d->kind], d->width, d->height);
}
