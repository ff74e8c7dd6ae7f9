#include "run/labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum { MOST = 65536, LONGEST = 1 << 20 };

static bool split(mote_labels *l, const char *separators, const char *path, mote_error *error)
{
    char *rest = l->text;
    l->names = calloc(MOST, sizeof *l->names);
    if (!l->names)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for labels");
    for (char *name; (name = strsep(&rest, separators));) {
        if (!*name && !rest)
            break;
        if (l->count == MOST)
            return mote_fail(error, MOTE_E_UNSUPPORTED, "%s has more than %d labels", path, MOST);
        for (char *c = name; *c; c++)
            *c = (unsigned char)*c < ' ' ? ' ' : *c;
        l->names[l->count++] = name;
    }
    return true;
}

static bool read_file(mote_labels *l, const char *path, mote_error *error)
{
    mote_bytes file;
    if (!mote_file_read(path, LONGEST, &file, error))
        return false;
    const bool text = !memchr(file.data, 0, file.size);
    l->text = text ? strndup((const char *)file.data, file.size) : NULL;
    free(file.data);
    if (!text)
        return mote_fail(error, MOTE_E_FORMAT, "%s is no text; it should have one label a line", path);
    char *to = l->text;
    for (const char *c = l->text; c && *c; c++)
        if (c[0] != '\r' || c[1] != '\n')
            *to++ = *c;
    if (to)
        *to = 0;
    return l->text || mote_fail(error, MOTE_E_INTERNAL, "no memory for labels");
}

static bool read_metadata(mote_labels *l, const mote_graph *g, mote_error *error)
{
    const size_t size = strlen(mote_graph_metadata(g)) + 1;
    l->text = malloc(size);
    if (!l->text)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for labels");
    mote_graph_get_meta(g, "labels", l->text, size);
    return true;
}

bool mote_labels_read(mote_labels *l, const char *path, const mote_graph *g, mote_error *error)
{
    *l = (mote_labels){0};
    if ((path ? read_file(l, path, error) : read_metadata(l, g, error)) &&
        split(l, path ? "\n" : "\t", path ? path : "the model", error) &&
        (l->count || !path || mote_fail(error, MOTE_E_FORMAT, "%s has no label", path)))
        return true;
    mote_labels_free(l);
    return false;
}

void mote_labels_free(mote_labels *l)
{
    free(l->text);
    free(l->names);
    *l = (mote_labels){0};
}

bool mote_labels_fit(const mote_labels *l, const mote_port *outputs, int count)
{
    bool fits = false;
    for (int i = 0; i < count; i++)
        fits = fits || outputs[i].count == l->count;
    return fits;
}

size_t mote_class_of(const mote_labels *l, const char *name)
{
    char *end;
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->names[i], name) == 0)
            return i;
    const unsigned long number = *name >= '0' && *name <= '9' ? strtoul(name, &end, 10) : 0;
    return *name >= '0' && *name <= '9' && !*end ? number : SIZE_MAX;
}

bool mote_labels_keep(const mote_labels *l, mote_graph *g, mote_error *error)
{
    size_t size = 1;
    for (size_t i = 0; i < l->count; i++)
        size += strlen(l->names[i]) + 1;
    char *line = calloc(size, 1);
    char *at = line;
    for (size_t i = 0; line && i < l->count; i++) {
        at = stpcpy(at, l->names[i]);
        *at++ = '\t';
    }
    const bool kept = line && mote_graph_set_meta(g, "labels", line);
    free(line);
    return kept || mote_fail(error, MOTE_E_INTERNAL, "no memory for labels");
}
