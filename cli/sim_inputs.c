#include "cli/sim_inputs.h"

#include <stdlib.h>
#include <string.h>

#include "run/sequence.h"

/* The bytes of one run: all values of one frame. */
static size_t bytes_of(const mote_port *ports, int count)
{
    size_t bytes = 0;
    for (int i = 0; i < count; i++)
        bytes += ports[i].size;
    return bytes;
}

static bool store(mote_sim_inputs *in, const mote_sequence *s, mote_error *error)
{
    in->stored.size = bytes_of(in->network.inputs, in->network.input_count) * s->count;
    uint8_t *to = in->stored.data = malloc(in->stored.size + 1);
    if (!to)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for %zu frames", s->count);
    for (size_t k = 0; k < s->count; k++)
        for (int i = 0; i < s->input_count; i++)
            to = (uint8_t *)memcpy(to, mote_sequence_input(s, i, k), s->inputs[i].size) + s->inputs[i].size;
    return true;
}

static bool read_files(mote_sim_inputs *in, mote_sim_options *o, mote_error *error)
{
    const mote_network *n = &in->network;
    mote_preprocess preprocess;
    mote_sequence s;
    if (in->files.count != n->input_count && !mote_sequence_check(n, in->files.count % n->input_count, error))
        return false;
    if (in->files.count > n->input_count)
        return mote_fail(error, MOTE_E_USAGE, "a simulation runs one sequence: give --input once for each input");
    if (!mote_preprocess_of(&preprocess, &n->graph, error) ||
        !mote_frames_report_boxes(&in->report, n, NULL, &preprocess, error) ||
        !mote_sequence_read(&s, n, &preprocess, in->files.items, error))
        return false;
    in->report.lengths[0] = s.count;
    o->output_count = (uint32_t)s.count;
    o->outputs_size = bytes_of(n->outputs, n->output_count) * s.count;
    const bool done = store(in, &s, error);
    o->inputs = in->stored;
    mote_sequence_free(&s);
    return done;
}

bool mote_sim_inputs_begin(mote_sim_inputs *in, const char *model, mote_sim_options *o, mote_error *error)
{
    if (!mote_network_open(&in->network, model, error))
        return false;
    if (!in->network.packed)
        mote_fail(error, MOTE_E_UNSUPPORTED, "%s: %s", model, mote_status_text(MOTE_NOT_PACKED));
    else if (mote_frames_report_begin(&in->report, &in->network, &in->files, error) && read_files(in, o, error) &&
             mote_frames_report_labels(&in->report, &in->network, in->labels, error))
        return true;
    mote_sim_inputs_end(in);
    return false;
}

void mote_sim_inputs_end(mote_sim_inputs *in)
{
    mote_frames_report_end(&in->report);
    mote_network_close(&in->network);
    free(in->stored.data);
    in->stored = (mote_bytes){0};
}

bool mote_sim_inputs_take(mote_sim_inputs *in, const mote_sim_result *result, mote_error *error)
{
    const uint8_t *from = mote_sim_outputs(result);
    const size_t frames = in->report.lengths[0];
    for (int i = 0; i < in->network.output_count; i++)
        if (!mote_frames_new(&in->report.outputs[i], &in->network.outputs[i], frames, error))
            return false;
    for (size_t k = 0; k < frames; k++)
        for (int i = 0; i < in->network.output_count; i++) {
            mote_frames *f = &in->report.outputs[i];
            memcpy(f->data + k * f->size, from, f->size);
            from += f->size;
        }
    return true;
}
