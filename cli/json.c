#include "cli/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Set if a text could not be made and if printing failed. */
static bool refused, unprinted;

/* Ends the program if memory is out: the library's parser can crash, and its writer omits what it cannot allocate. */
static void *allocate(size_t size)
{
    void *memory = malloc(size);
    if (!memory) {
        fputs("mote: out of memory for JSON\n", stderr);
        exit(MOTE_E_INTERNAL);
    }
    return memory;
}

void mote_json_begin(void)
{
    json_set_alloc_funcs(allocate, free);
}

json_t *mote_json_bytes(const char *text, size_t size)
{
    json_t *value = json_stringn(text, size);
    if (value)
        return value;
    char *valid = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&valid, &length);
    if (stream) {
        mote_utf8_write(stream, text, size);
        value = fclose(stream) == 0 ? json_stringn(valid, length) : NULL;
    }
    refused |= !value;
    free(valid);
    return value;
}

json_t *mote_json_text(const char *text)
{
    refused |= !text;
    return text ? mote_json_bytes(text, strlen(text)) : NULL;
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
