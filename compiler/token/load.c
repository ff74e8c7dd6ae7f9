#include "compiler/token/token.h"

#include <stdlib.h>
#include <string.h>

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

static bool take_tokenizer(mote_bytes *file, const char *path, mote_error *error)
{
    const uint32_t magic = MOTE_MAGIC;
    if (file->size >= sizeof magic && memcmp(file->data, &magic, sizeof magic) == 0)
        return take_from_model(file, path, error);
    if (file->size <= UINT32_MAX && mote_tokenizer_fits(file->data, (uint32_t)file->size))
        return true;
    mote_bytes section;
    mote_error why;
    if (!mote_llama2c_tokenizer_read(file, &section, &why))
        return mote_fail(error, why.code, "%s: neither a tokenizer of Mote nor a sound tokenizer.bin: %.300s", path,
                         why.text);
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
