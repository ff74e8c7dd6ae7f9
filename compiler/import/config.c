#include "compiler/import/config.h"

#include <string.h>

#include "compiler/import/safetensors.h"

enum { LARGEST_CONFIG = 1 << 20 };

const json_t *mote_config_get(const mote_config_reader *r, const char *key)
{
    const json_t *value = json_object_get(r->root, key);
    return json_is_null(value) ? NULL : value;
}

bool mote_config_flag(const mote_config_reader *r, const char *key, bool *out)
{
    const json_t *value = mote_config_get(r, key);
    if (value && !json_is_boolean(value))
        return mote_fail(r->error, MOTE_E_FORMAT, "%s: %s has to be true or false", r->path, key);
    *out = value ? json_is_true(value) : *out;
    return true;
}

bool mote_config_count(const mote_config_reader *r, const char *key, uint32_t *out)
{
    const json_t *value = mote_config_get(r, key);
    const json_int_t number = value ? json_integer_value(value) : *out;
    if (number < 1 || number > INT32_MAX)
        return mote_fail(r->error, MOTE_E_FORMAT, "%s: %s has to be a whole number of at least 1", r->path, key);
    *out = (uint32_t)number;
    return true;
}

bool mote_config_real(const mote_config_reader *r, const json_t *value, const char *key, double least, double most,
                      float *out)
{
    const double number = json_number_value(value);
    if (!value)
        return true;
    if (!json_is_number(value) || !(number >= least && number <= most))
        return mote_fail(r->error, MOTE_E_FORMAT, "%s: %s has to be a number from %g to %g", r->path, key, least, most);
    *out = (float)number;
    return true;
}

bool mote_config_is_text(const json_t *value, const char *text)
{
    return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

bool mote_config_unsupported(const mote_config_reader *r, const char *key, const char *why)
{
    return mote_fail(r->error, MOTE_E_UNSUPPORTED, "%s: %s is %s; such a model cannot be imported", r->path, key, why);
}

bool mote_config_fixed(const mote_config_reader *r, const char *key, bool expected)
{
    bool value = expected;
    return mote_config_flag(r, key, &value) &&
           (value == expected || mote_config_unsupported(r, key, expected ? "false" : "true"));
}

bool mote_config_valid(mote_model_config *c, const mote_config_reader *r, const mote_import_options *options)
{
    c->positions = c->shape.context;
    return mote_import_valid(r->path, &c->shape, options, r->error);
}

/* The settings of nanoGPT name no model type and have a block_size. */
static bool take(mote_model_config *c, const mote_config_reader *r, const mote_import_options *options)
{
    static const struct {
        const char *type;
        bool (*take)(mote_model_config *c, const mote_config_reader *r, const mote_import_options *options);
    } known[] = {{"llama", mote_config_llama},
                 {"mistral", mote_config_llama},
                 {"qwen2", mote_config_llama},
                 {"gpt2", mote_config_gpt2}};
    const json_t *type = mote_config_get(r, "model_type");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (mote_config_is_text(type, known[i].type))
            return known[i].take(c, r, options);
    if (!type && mote_config_get(r, "block_size"))
        return mote_config_gpt2(c, r, options);
    if (json_is_string(type))
        return mote_fail(r->error, MOTE_E_UNSUPPORTED,
                         "%s: model_type is %.40s; llama, mistral, qwen2 and gpt2 can be imported", r->path,
                         json_string_value(type));
    return mote_config_unsupported(r, "model_type", type ? "not a text" : "absent");
}

bool mote_model_config_load(mote_model_config *c, const char *path, const mote_import_options *options,
                            mote_error *error)
{
    *c = (mote_model_config){0};
    json_t *root = mote_json_load(path, LARGEST_CONFIG, error);
    const bool done = root && take(c, &(mote_config_reader){root, path, error}, options);
    json_decref(root);
    return done;
}
