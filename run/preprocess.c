#include "run/preprocess.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/manifest/number.h"

enum { LONGEST = 256 };

/* Parses "M" or "M,M,M" to three numbers. */
static bool parse_numbers(double to[3], const char *text)
{
    int count = 0;
    for (char *end; count < 3; text = end + 1) {
        to[count] = strtod(text, &end);
        if (end == text || !isfinite(to[count++]) || (*end != ',' && *end))
            return false;
        if (!*end)
            break;
        if (count == 3)
            return false;
    }
    if (count == 1)
        to[1] = to[2] = to[0];
    return count != 2;
}

static bool parse_word(mote_preprocess *p, const char *word)
{
    if (strcmp(word, "letterbox") == 0 || strcmp(word, "stretch") == 0)
        return p->letterbox = word[0] == 'l', true;
    if (strcmp(word, "bgr") == 0 || strcmp(word, "rgb") == 0)
        return p->bgr = word[0] == 'b', true;
    p->scaled = true;
    if (strncmp(word, "mean=", 5) == 0)
        return parse_numbers(p->mean, word + 5);
    return strncmp(word, "std=", 4) == 0 && parse_numbers(p->deviation, word + 4) && p->deviation[0] > 0 &&
           p->deviation[1] > 0 && p->deviation[2] > 0;
}

bool mote_preprocess_parse(mote_preprocess *p, const char *text, mote_error *error)
{
    char copy[LONGEST], *rest = copy;
    *p = (mote_preprocess){.deviation = {1, 1, 1}};
    if (strlen(text) >= sizeof copy)
        return mote_fail(error, MOTE_E_USAGE, "the preprocessing has more than %d characters", LONGEST - 1);
    strcpy(copy, text);
    for (char *word; (word = strsep(&rest, " "));)
        if (*word && !parse_word(p, word))
            return mote_fail(
                error, MOTE_E_USAGE,
                "preprocessing '%s': the words are stretch or letterbox, rgb or bgr, mean=M and std=S, with "
                "one number or three as in mean=103,116,123",
                word);
    return true;
}

bool mote_preprocess_of(mote_preprocess *p, const mote_graph *g, mote_error *error)
{
    char text[LONGEST];
    mote_graph_get_meta(g, "preprocess", text, sizeof text);
    return mote_preprocess_parse(p, text, error);
}

bool mote_port_is_picture(const mote_port *port)
{
    return port->rank == 2 || (port->rank == 3 && (port->dims[2] == 1 || port->dims[2] == 3));
}

/* Without mean and deviation: the stored value of a pixel. */
static double spread(mote_dtype type, uint8_t pixel)
{
    return type == MOTE_F32   ? pixel / 255.0
           : type == MOTE_I8  ? pixel - 128
           : type == MOTE_I16 ? (pixel - 128) * 256
                              : pixel;
}

static void store(const mote_preprocess *p, const mote_port *port, const mote_image *image, void *stored)
{
    const uint32_t channels = image->channels;
    for (size_t i = 0; i < port->count; i++) {
        const size_t c = i % channels, from = p->bgr ? channels - 1 - c : c;
        const uint8_t pixel = image->pixels[i - c + from];
        if (p->scaled)
            mote_port_store(port, stored, i, (pixel - p->mean[c]) / p->deviation[c]);
        else
            mote_dtype_put(port->type, stored, i, spread(port->type, pixel));
    }
}

bool mote_preprocess_image(const mote_preprocess *p, const mote_port *port, const mote_image *image, void *stored,
                           mote_shown *fit, mote_error *error)
{
    mote_image scaled;
    if (!mote_image_scale(image, port->dims[1], port->dims[0], p->letterbox, &scaled, fit, error))
        return false;
    store(p, port, &scaled, stored);
    mote_image_free(&scaled);
    return true;
}
