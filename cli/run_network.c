#include "cli/run_network.h"

#include <stdlib.h>

#include "cli/boxes_report.h"
#include "cli/frames_report.h"
#include "run/sequence.h"

typedef struct job {
    const mote_run_files *files;
    mote_network network;
    mote_preprocess preprocess;
    mote_frames_report report;
} job;

static bool make_room(job *j, size_t more, mote_error *error)
{
    for (int i = 0; i < j->report.count; i++) {
        mote_frames *f = &j->report.outputs[i];
        uint8_t *data =
            f->count + more <= SIZE_MAX / 2 / (f->size + 1) ? realloc(f->data, (f->count + more) * f->size + 1) : NULL;
        if (!data)
            return mote_fail(error, MOTE_E_INTERNAL, "no memory for the outputs of %zu frames", f->count + more);
        f->data = data;
    }
    return true;
}

static bool run_frames(job *j, const mote_sequence *s, mote_error *error)
{
    mote_network *n = &j->network;
    mote_network_reset(n);
    for (size_t k = 0; k < s->count; k++) {
        for (int i = 0; i < n->input_count; i++)
            if (!mote_network_set(n, i, mote_sequence_input(s, i, k), error))
                return false;
        mote_network_run(n);
        for (int i = 0; i < n->output_count; i++) {
            mote_frames *f = &j->report.outputs[i];
            mote_network_get(n, i, f->data + f->count++ * f->size);
        }
    }
    return true;
}

static bool run_sequence(job *j, int number, mote_error *error)
{
    mote_sequence s;
    const char *const *paths = j->files->inputs.items + number * j->network.input_count;
    if (!mote_sequence_read(&s, &j->network, &j->preprocess, paths, error))
        return false;
    j->report.lengths[number] = s.count;
    const bool done = make_room(j, s.count, error) && run_frames(j, &s, error);
    mote_sequence_free(&s);
    return done;
}

static bool run_all(job *j, mote_error *error)
{
    const mote_run_files *files = j->files;
    mote_frames_report *r = &j->report;
    if (!mote_sequence_check(&j->network, files->inputs.count, error) ||
        !mote_frames_report_begin(r, &j->network, &files->inputs, error) ||
        !mote_frames_report_boxes(r, &j->network, files->boxes, &j->preprocess, error))
        return false;
    const bool draws = files->output && r->detects && mote_has_ending(files->output, ".png");
    if ((files->output && !draws && !mote_frames_can_write(files->output, j->network.output_count, error)) ||
        !mote_frames_report_labels(r, &j->network, files->labels, error))
        return false;
    for (int s = 0; s < r->sequences; s++)
        if (!run_sequence(j, s, error))
            return false;
    if (draws)
        return mote_boxes_draw(r, files->output, error);
    return !files->output || mote_frames_write(r->outputs, r->ports, r->count, files->real, files->output, error);
}

bool mote_run_network(const char *path, const mote_run_files *files, mote_error *error)
{
    job j = {.files = files};
    if (!mote_network_open(&j.network, path, error))
        return false;
    bool done = (files->preprocess ? mote_preprocess_parse(&j.preprocess, files->preprocess, error)
                                   : mote_preprocess_of(&j.preprocess, &j.network.graph, error)) &&
                run_all(&j, error);
    if (done && files->json)
        done = mote_frames_report_print_json(&j.report, error);
    else if (done)
        done = mote_frames_report_print(&j.report, error);
    mote_frames_report_end(&j.report);
    mote_network_close(&j.network);
    return done;
}
