#include "base/foreign.h"

#include <ctype.h>
#include <string.h>

#include "base/file.h"

#define PICKLE "a Python pickle, as PyTorch saved models; import safetensors made of it"

/* `any_case` kinds are texts: white space before them and the case of letters do not matter. */
static const struct {
    const char *magic;
    size_t size;
    bool any_case;
    mote_code code;
    const char *what;
} kinds[] = {
    {"GGUF", 4, false, MOTE_E_UNSUPPORTED, "a GGUF file; import the safetensors it was made from"},
    {"version https://", 16, false, MOTE_E_FORMAT,
     "a Git LFS pointer, not the file it stands for; fetch that with git lfs pull"},
    {"PK\3\4", 4, false, MOTE_E_UNSUPPORTED, "a zip archive, as PyTorch saves models; import safetensors made of it"},
    /* Pickles of protocols 2, 4 and 5. Two bytes would do, were they not the width of a llama2.c checkpoint too. */
    {"\x80\2\x8a", 3, false, MOTE_E_UNSUPPORTED, PICKLE},
    {"\x80\2}", 3, false, MOTE_E_UNSUPPORTED, PICKLE},
    {"\x80\2c", 3, false, MOTE_E_UNSUPPORTED, PICKLE},
    {"\x80\4\x95", 3, false, MOTE_E_UNSUPPORTED, PICKLE},
    {"\x80\5\x95", 3, false, MOTE_E_UNSUPPORTED, PICKLE},
    {"\x1f\x8b", 2, false, MOTE_E_UNSUPPORTED, "compressed by gzip; unpack it first"},
    {"\x89HDF", 4, false, MOTE_E_UNSUPPORTED, "an HDF5 file, as Keras saves models; it cannot be imported"},
    {"\x93NUMPY", 6, false, MOTE_E_UNSUPPORTED, "a numpy array, not a model"},
    {"<!doctype", 9, true, MOTE_E_FORMAT, "a web page; download the file itself"},
    {"<html", 5, true, MOTE_E_FORMAT, "a web page; download the file itself"},
};

static bool begins(const uint8_t *start, size_t size, const char *magic, size_t length, bool any_case)
{
    while (any_case && size && isspace(*start))
        start++, size--;
    if (size < length)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((any_case ? tolower(start[i]) : start[i]) != (uint8_t)magic[i])
            return false;
    return true;
}

bool mote_foreign_none(const char *path, const uint8_t *start, size_t size, mote_error *error)
{
    if (!size)
        return mote_fail(error, MOTE_E_FORMAT, "%s: the file is empty", path);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (begins(start, size, kinds[i].magic, kinds[i].size, kinds[i].any_case))
            return mote_fail(error, kinds[i].code, "%s: %s", path, kinds[i].what);
    return true;
}

bool mote_foreign_none_in(const char *path, mote_error *error)
{
    uint8_t start[MOTE_FOREIGN_BYTES];
    mote_input_file in;
    if (!mote_input_open(&in, path, error))
        return false;
    const size_t size = in.size < sizeof start ? (size_t)in.size : sizeof start;
    const bool read = mote_input_read(&in, 0, start, size, error);
    mote_input_close(&in);
    return read && mote_foreign_none(path, start, size, error);
}
