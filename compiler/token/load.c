#include "compiler/token/token.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/foreign.h"
#include "compiler/pack/container.h"
#include "runtime/model.h"
#include "runtime/tokenizer.h"

#define LARGEST_FILE ((size_t)1 << 30)

/* Replaces the bytes of a model by those of its tokenizer. */
static bool take_from_model(mote_bytes *file, const char *path, mote_error *error)
{
    mote_model m;
    const mote_status status = mote_check_container(&m, file->data, file->size);
    if (status != MOTE_SUCCESS)
        return mote_fail_open(error, status, file->data, file->size, path);
    const mote_section_record *s = (const void *)(m.file + mote_header_of(&m)->section_offset);
    for (uint32_t i = 0; i < mote_header_of(&m)->section_count; i++)
        if (s[i].tag == MOTE_SECTION_TOKENIZER) {
            file->size = s[i].size;
            memmove(file->data, file->data + s[i].offset, file->size);
            return true;
        }
    return mote_fail(error, MOTE_E_FORMAT, "%s: this model has no tokenizer", path);
}

typedef struct format {
    const char *name; /* as messages begin */
    bool (*read)(const mote_bytes *file, mote_bytes *section, mote_error *error);
} format;

/* Chooses the format by the first bytes. A tokenizer.bin begins with a small number in four bytes; a tokenizer.model
 * with the field 1 of a message, which begins with a field 1 too. */
static const format *recognize(const mote_bytes *file)
{
    static const format json = {"tokenizer.json", mote_tokenizer_json_read},
                        model = {"tokenizer.model", mote_sentencepiece_read},
                        llama2c = {"neither a tokenizer of Mote nor a sound tokenizer.bin",
                                   mote_llama2c_tokenizer_read};
    const uint8_t *d = file->data;
    size_t at = 0;
    while (at < file->size && isspace(d[at]))
        at++;
    if (file->size >= 4 && d[0] == 0x0a && d[1] && d[2] == 0x0a && d[3])
        return &model;
    return file->size - at >= 2 && d[at] == '{' && d[at + 1] ? &json : &llama2c;
}

static bool take_tokenizer(mote_bytes *file, const char *path, mote_error *error)
{
    const uint32_t magic = MOTE_MAGIC;
    if (file->size >= sizeof magic && memcmp(file->data, &magic, sizeof magic) == 0)
        return take_from_model(file, path, error);
    if (file->size <= UINT32_MAX && mote_tokenizer_fits(file->data, (uint32_t)file->size))
        return true;
    if (!mote_foreign_none(path, file->data, file->size, error))
        return false;
    mote_bytes section;
    mote_error why = {0};
    const format *f = recognize(file);
    if (!f->read(file, &section, &why))
        return mote_fail(error, why.code, "%s: %s: %.400s", path, f->name, why.text);
    free(file->data);
    *file = section;
    return true;
}

bool mote_tokenizer_load(const char *path, mote_bytes *out, mote_error *error)
{
    if (!mote_file_read(path, LARGEST_FILE, out, error))
        return false;
    if (take_tokenizer(out, path, error))
        return true;
    free(out->data);
    *out = (mote_bytes){0};
    return false;
}
