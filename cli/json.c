#include "cli/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Set if an allocation failed and if printing failed. They are global because the library has one allocator for the
 * whole program. Values are built by dozens of calls, each of which omits what it cannot allocate. */
static bool refused, unprinted;

static void *allocate(size_t size)
{
    void *memory = malloc(size);
    if (!memory)
        refused = true;
    return memory;
}

void mote_json_begin(void)
{
    json_set_alloc_funcs(allocate, free);
}

json_t *mote_json_text(const char *text)
{
    json_t *value = text ? json_string(text) : NULL;
    char *copy = text && !value ? strdup(text) : NULL;
    for (char *c = copy; copy && *c; c++)
        if (*c & 0x80)
            *c = '?';
    value = copy ? json_string(copy) : value;
    refused |= !value;
    free(copy);
    return value;
}

void mote_json_print(json_t *value, size_t flags)
{
    char *text = refused ? NULL : json_dumps(value, JSON_PRESERVE_ORDER | flags);
    if (text && !refused) /* the text lacks what had no memory */
        puts(text);
    else
        unprinted = true;
    free(text);
    json_decref(value);
}

bool mote_json_done(mote_error *error)
{
    if (refused)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory for JSON");
    return !unprinted ||
           mote_fail(error, MOTE_E_UNSUPPORTED, "JSON cannot hold this: a text is not UTF-8 or a number not finite");
}
