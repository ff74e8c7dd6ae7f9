#include <math.h>
#include <string.h>

#include "base/file.h"
#include "compiler/import/import.h"
#include "compiler/import/llama2c.h"
#include "compiler/import/recover.h"

static bool refuse(const char *name, const char *what, mote_error *error)
{
    return mote_fail(
        error, MOTE_E_UNSUPPORTED,
        "%s: no llama2.c checkpoint can hold it: %s. llama2.c is RMSNorm of epsilon 1e-5, rotary positions "
        "at base 10000, SwiGLU, no biases",
        name, what);
}

static bool holds(const mote_graph *g, const char *name, mote_transformer_shape *s, mote_error *error)
{
    mote_error why = {0};
    const mote_transformer_shape fixed = MOTE_TRANSFORMER_DEFAULTS;
    if (!mote_transformer_recover(g, s, &why))
        return why.code == MOTE_E_UNSUPPORTED ? refuse(name, why.text, error)
                                              : mote_fail(error, why.code, "%s: %.400s", name, why.text);
    const char *what = s->layer_norm                 ? "its norms are LayerNorm"
                       : s->gelu                     ? "its feed-forward layers are GELU"
                       : s->learned_positions        ? "its positions are learned"
                       : s->biased                   ? "it has biases"
                       : s->epsilon != fixed.epsilon ? "the epsilon of its norms is another"
                       : s->theta != fixed.theta     ? "the base of its positions is another"
                                                     : NULL;
    return !what || refuse(name, what, error);
}

/* Writes the cosines, then the sines, of the rotary angles of every position. */
static void write_frequencies(FILE *stream, const mote_transformer_shape *s)
{
    const uint32_t pairs = s->dim / s->heads / 2;
    for (int part = 0; part < 2; part++)
        for (uint32_t t = 0; t < s->context; t++)
            for (uint32_t i = 0; i < pairs; i++) {
                const double angle = t * pow((double)s->theta, -(double)i / pairs);
                const float value = (float)(part ? sin(angle) : cos(angle));
                fwrite(&value, sizeof value, 1, stream);
            }
}

/* Failed writes set the error flag of the stream, which mote_output_commit reports. */
static void write_parts(FILE *stream, const mote_graph *g, const mote_transformer_shape *s)
{
    const int32_t vocabulary = (int32_t)s->vocabulary;
    const int32_t settings[MOTE_LLAMA2C_SETTINGS] = {(int32_t)s->dim,      (int32_t)s->hidden,
                                                     (int32_t)s->layers,   (int32_t)s->heads,
                                                     (int32_t)s->kv_heads, s->tied ? vocabulary : -vocabulary,
                                                     (int32_t)s->context};
    fwrite(settings, sizeof settings, 1, stream);
    for (const mote_llama2c_part *p = mote_llama2c_parts; p->encoding != MOTE_LLAMA2C_END; p++) {
        const mote_weight w = (mote_weight)p->weight;
        if (p->weight == MOTE_LLAMA2C_FREQUENCIES)
            write_frequencies(stream, s);
        else if (mote_weight_exists(s, w))
            for (uint32_t i = 0; i < mote_weight_copies(s, w); i++) {
                uint32_t dims[2];
                fwrite(mote_weight_data(g, w, i), sizeof(float), mote_weight_dims(s, w, dims), stream);
            }
    }
}

bool mote_export_llama2c(const mote_graph *g, const char *name, const char *path, mote_error *error)
{
    mote_transformer_shape shape;
    mote_output_file out;
    if (!holds(g, name, &shape, error) || !mote_output_begin(&out, path, error))
        return false;
    write_parts(out.stream, g, &shape);
    return mote_output_commit(&out, error);
}
